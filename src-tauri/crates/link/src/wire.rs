//! An open WebSocket as the session sees it, and the tap on the stream beneath it.

use futures_util::{Sink, Stream};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

/// A connected stream: TCP, or TLS on it.
pub(crate) trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// How much of the answer to the handshake is kept, to say what was wrong with it, or to go on all the same. tungstenite
/// takes heads up to 64 KiB, and reads 4 KiB at a time.
const HEAD: usize = 68 * 1024;

/// What a failed write says of the bytes that it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailedWrite {
    /// TCP: none of them left.
    TookNothing,
    /// TLS: the record may have left in part.
    MayHaveTaken,
}

/// What a failed handshake gives back.
pub(crate) struct Returned {
    /// The stream, as far as it was not read.
    pub(crate) pipe: Box<dyn Pipe>,
    /// The answer, as far as it was read.
    pub(crate) head: Vec<u8>,
    /// What its failed writes say.
    pub(crate) failed_write: FailedWrite,
}

/// Counts what passes, and gives the stream back to its maker when the handshake fails.
///
/// Bytes that are written into a broken line vanish here: how a session ended is told by its read side, which may still
/// hold a Close frame when writes already fail.
pub(crate) struct Tap {
    pipe: Option<Box<dyn Pipe>>,
    back: Option<oneshot::Sender<Returned>>,
    failed_write: FailedWrite,
    head: Vec<u8>,
    read: u64,
    written: u64,
    broken: Option<io::Error>,
}

impl Tap {
    /// A tap, and where the stream and how the answer began come back to if the tap is dropped before [`Tap::keep`].
    pub(crate) fn new(pipe: Box<dyn Pipe>, failed_write: FailedWrite) -> (Self, oneshot::Receiver<Returned>) {
        let (back, returned) = oneshot::channel();
        let tap = Self {
            pipe: Some(pipe),
            back: Some(back),
            failed_write,
            head: Vec::new(),
            read: 0,
            written: 0,
            broken: None,
        };
        (tap, returned)
    }

    /// The handshake is done: the stream is dropped with the tap.
    fn keep(&mut self) {
        self.back = None;
        self.head = Vec::new();
    }

    fn pipe(&mut self) -> io::Result<Pin<&mut Box<dyn Pipe>>> {
        self.pipe.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        if let (Some(pipe), Some(back)) = (self.pipe.take(), self.back.take()) {
            let head = std::mem::take(&mut self.head);
            let _ = back.send(Returned { pipe, head, failed_write: self.failed_write });
        }
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(self.pipe()?.poll_read(cx, buf))?;
        let fresh = buf.filled().get(before..).unwrap_or_default();
        self.read = self.read.saturating_add(fresh.len() as u64);
        if self.back.is_some() {
            let room = HEAD.saturating_sub(self.head.len());
            self.head.extend(fresh.iter().take(room));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.broken.is_some() {
            return Poll::Ready(Ok(buf.len()));
        }
        match ready!(self.pipe()?.poll_write(cx, buf)) {
            Ok(taken) => {
                self.written = self.written.saturating_add(taken as u64);
                Poll::Ready(Ok(taken))
            }
            Err(error) => {
                if self.failed_write == FailedWrite::MayHaveTaken {
                    self.written = self.written.saturating_add(1);
                }
                self.broken = Some(error);
                Poll::Ready(Ok(buf.len()))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.broken.is_some() {
            return Poll::Ready(Ok(()));
        }
        if let Err(error) = ready!(self.pipe()?.poll_flush(cx)) {
            self.broken = Some(error);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe()?.poll_shutdown(cx)
    }
}

/// An open WebSocket.
pub(crate) struct Wire {
    socket: WebSocketStream<Tap>,
    /// Something may wait in the socket's buffer.
    holds: Holds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Nothing,
    Something,
}

/// What came of a turn.
#[derive(Debug)]
pub(crate) enum Turn {
    /// The socket holds back nothing any more.
    Cleared,
    /// A message came, or a control frame.
    Message(Message),
    /// The stream failed.
    Failed(Error),
    /// The stream ended after both Close frames.
    Done,
}

impl Wire {
    /// Takes over after the handshake.
    pub(crate) fn new(mut socket: WebSocketStream<Tap>) -> Self {
        socket.get_mut().keep();
        Self { socket, holds: Holds::Nothing }
    }

    /// Whether everything that was given has left.
    pub(crate) fn is_clear(&self) -> bool {
        self.holds == Holds::Nothing
    }

    /// Whether writes go anywhere.
    pub(crate) fn is_broken(&self) -> bool {
        self.socket.get_ref().broken.is_some()
    }

    /// How many bytes came.
    pub(crate) fn read(&self) -> u64 {
        self.socket.get_ref().read
    }

    /// How many bytes the stream took.
    pub(crate) fn written(&self) -> u64 {
        self.socket.get_ref().written
    }

    /// Gives a message to the socket and lets as much leave as can at once.
    ///
    /// # Errors
    /// When tungstenite does not take it; not when the line is broken.
    pub(crate) fn write(&mut self, message: Message) -> Result<(), Error> {
        self.holds = Holds::Something;
        Pin::new(&mut self.socket).start_send(message)?;
        let _ = self.poll_flush(&mut Context::from_waker(Waker::noop()));
        Ok(())
    }

    /// Lets leave what waits, then reads, if it may.
    pub(crate) fn poll_turn(&mut self, cx: &mut Context<'_>, reading: Reading) -> Poll<Turn> {
        if !self.is_clear() && self.poll_flush(cx).is_ready() {
            return Poll::Ready(Turn::Cleared);
        }
        if reading == Reading::No {
            return Poll::Pending;
        }
        match Pin::new(&mut self.socket).poll_next(cx) {
            Poll::Ready(Some(Ok(message))) => {
                if matches!(message, Message::Ping(_) | Message::Close(_)) {
                    // tungstenite has put its answer into the buffer.
                    self.holds = Holds::Something;
                }
                Poll::Ready(Turn::Message(message))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Turn::Failed(error)),
            Poll::Ready(None) => Poll::Ready(Turn::Done),
            Poll::Pending => match &self.socket.get_ref().broken {
                Some(error) => {
                    let error = io::Error::new(error.kind(), error.to_string());
                    Poll::Ready(Turn::Failed(Error::Io(error)))
                }
                None => Poll::Pending,
            },
        }
    }

    /// The next message if one is here.
    pub(crate) fn try_turn(&mut self) -> Option<Turn> {
        match self.poll_turn(&mut Context::from_waker(Waker::noop()), Reading::Yes) {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    /// The stream itself, to read away what no longer matters.
    pub(crate) fn stream(&mut self) -> &mut Tap {
        self.socket.get_mut()
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // What can go wrong here, the read side tells.
        let _ = ready!(Pin::new(&mut self.socket).poll_flush(cx));
        self.holds = Holds::Nothing;
        Poll::Ready(())
    }
}

/// Whether a turn may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It may.
    Yes,
    /// What came before is not dealt with yet.
    No,
}
