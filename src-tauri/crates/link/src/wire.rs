//! An open WebSocket as the session sees it, and the tap on the stream beneath it.

use crate::deflate::{Inflow, Passed, Press, Terms};
use crate::tape::{Packing, Tape, Way};
use futures_util::{Sink, Stream};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_util::io::poll_read_buf;

/// A connected stream: TCP, or TLS on it.
pub(crate) trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// How much of the head of the answer to the handshake is kept, to say what was wrong with it, or to go on all the same.
/// tungstenite takes heads up to 64 KiB, and reads 4 KiB at a time.
const HEAD: usize = 68 * 1024;

/// What one read takes from the system at most. A chat's frames are small; a larger buffer would be held per account.
pub(crate) const READ_BUFFER: usize = 32 * 1024;

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
    /// The head of the answer, as far as it came.
    pub(crate) head: Vec<u8>,
    /// What was read behind it.
    pub(crate) rest: Vec<u8>,
    /// What its failed writes say.
    pub(crate) failed_write: FailedWrite,
}

/// Counts what passes, and gives the stream back to its maker when the handshake fails. While the handshake lasts it hands
/// out the head of the answer and not a byte behind it; from then on it undoes the server's compression, where one was
/// agreed.
///
/// Bytes that are written into a broken line vanish here: how a session ended is told by its read side, which may still
/// hold a Close frame when writes already fail.
pub(crate) struct Tap {
    pipe: Option<Box<dyn Pipe>>,
    back: Option<oneshot::Sender<Returned>>,
    failed_write: FailedWrite,
    /// How the answer to the handshake began.
    head: Vec<u8>,
    scan: Scan,
    /// What was read and not handed out, and how much of it was.
    held: Vec<u8>,
    given: usize,
    inflow: Option<Inflow>,
    read: u64,
    written: u64,
    broken: Option<io::Error>,
}

impl Tap {
    /// A tap, and where the stream and how the answer began come back to if the tap is dropped before [`Tap::keep`].
    pub(crate) fn new(pipe: Box<dyn Pipe>, failed_write: FailedWrite) -> (Self, oneshot::Receiver<Returned>) {
        Self::resume(pipe, Vec::new(), failed_write)
    }

    /// The same, where `held` was read from the stream before.
    pub(crate) fn resume(
        pipe: Box<dyn Pipe>,
        held: Vec<u8>,
        failed_write: FailedWrite,
    ) -> (Self, oneshot::Receiver<Returned>) {
        let (back, returned) = oneshot::channel();
        let tap = Self {
            pipe: Some(pipe),
            back: Some(back),
            failed_write,
            head: Vec::new(),
            scan: Scan::default(),
            read: held.len() as u64,
            held,
            given: 0,
            inflow: None,
            written: 0,
            broken: None,
        };
        (tap, returned)
    }

    /// The stream without the tap; a handshake that went before is done.
    pub(crate) fn into_pipe(mut self) -> Option<Box<dyn Pipe>> {
        self.back = None;
        self.pipe.take()
    }

    /// The handshake is done: the stream is dropped with the tap.
    fn keep(&mut self, terms: Option<Terms>) {
        self.back = None;
        self.head = Vec::new();
        self.inflow = terms.map(|_| Inflow::default());
    }

    /// Reads on into `held`, when all of it is handed out. Done with nothing held: the stream ended.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.given < self.held.len() {
            return Poll::Ready(Ok(()));
        }
        self.given = 0;
        let mut held = std::mem::take(&mut self.held);
        held.clear();
        held.reserve(READ_BUFFER);
        let result = match self.pipe() {
            Ok(pipe) => poll_read_buf(pipe, cx, &mut held),
            Err(error) => Poll::Ready(Err(error)),
        };
        self.read = self.read.saturating_add(held.len() as u64);
        self.held = held;
        result.map_ok(drop)
    }

    fn rest(&self) -> &[u8] {
        self.held.get(self.given..).unwrap_or_default()
    }

    /// The head of the answer, up to its end.
    fn poll_head(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_fill(cx))?;
        let room = buf.remaining();
        let rest = self.held.get(self.given..).unwrap_or_default();
        let count = self.scan.upto_end(rest.get(..room).unwrap_or(rest));
        let fresh = rest.get(..count).unwrap_or_default();
        buf.put_slice(fresh);
        let room = HEAD.saturating_sub(self.head.len());
        self.head.extend(fresh.iter().take(room));
        self.given += count;
        Poll::Ready(Ok(()))
    }

    /// What the server's compressed messages expand to, and the others as they are.
    fn poll_inflow(
        &mut self,
        mut inflow: Inflow,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let done = loop {
            match inflow.ready() {
                Ok([]) => {}
                Ok(ready) => {
                    let count = ready.len().min(buf.remaining());
                    buf.put_slice(ready.get(..count).unwrap_or_default());
                    inflow.took(count);
                    break Poll::Ready(Ok(()));
                }
                Err(corrupt) => {
                    break Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, corrupt)));
                }
            }
            // Also with nothing read: what came before may give more.
            let mut rest = self.rest();
            let before = rest.len();
            inflow.fill(&mut rest);
            self.given += before - rest.len();
            if !matches!(inflow.ready(), Ok([])) {
                continue;
            }
            let filled = self.poll_fill(cx);
            if !matches!(filled, Poll::Ready(Ok(()))) || self.rest().is_empty() {
                break filled;
            }
        };
        self.inflow = Some(inflow);
        done
    }

    fn pipe(&mut self) -> io::Result<Pin<&mut Box<dyn Pipe>>> {
        self.pipe.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        if let (Some(pipe), Some(back)) = (self.pipe.take(), self.back.take()) {
            let head = std::mem::take(&mut self.head);
            let rest = self.rest().to_vec();
            let _ = back.send(Returned { pipe, head, rest, failed_write: self.failed_write });
        }
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.back.is_some() {
            return self.poll_head(cx, buf);
        }
        if let Some(inflow) = self.inflow.take() {
            return self.poll_inflow(inflow, cx, buf);
        }
        if self.rest().is_empty() {
            // Straight into the reader's buffer.
            let before = buf.filled().len();
            ready!(self.pipe()?.poll_read(cx, buf))?;
            let fresh = buf.filled().len().saturating_sub(before);
            self.read = self.read.saturating_add(fresh as u64);
            return Poll::Ready(Ok(()));
        }
        let count = self.rest().len().min(buf.remaining());
        buf.put_slice(self.rest().get(..count).unwrap_or_default());
        self.given += count;
        if self.rest().is_empty() {
            self.held = Vec::new();
            self.given = 0;
        }
        Poll::Ready(Ok(()))
    }
}

/// Finds the end of a head: an empty line (RFC 9112 §2.2, bare line feeds included).
#[derive(Default)]
struct Scan {
    /// Whether the line that is read has nothing on it so far.
    empty: bool,
}

impl Scan {
    /// How many of `bytes` belong to the head.
    fn upto_end(&mut self, bytes: &[u8]) -> usize {
        for (index, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' if self.empty => return index + 1,
                b'\n' => self.empty = true,
                b'\r' => {}
                _ => self.empty = false,
            }
        }
        bytes.len()
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
    /// Compresses what goes out.
    press: Option<Press>,
    /// What was agreed about that.
    terms: Option<Terms>,
    /// Where what passes is recorded.
    tape: Arc<Tape>,
    /// Whether our Close frame was given to the socket.
    closing: Closing,
    /// Something may wait in the socket's buffer.
    holds: Holds,
}

/// Whether what leaves may be read in the frame console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Nothing,
    Something,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    No,
    Yes,
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
    pub(crate) fn new(mut socket: WebSocketStream<Tap>, terms: Option<Terms>) -> Self {
        socket.get_mut().keep(terms);
        let press = terms.map(|terms| Press::new(terms.ours));
        let tape = Arc::default();
        Self { socket, press, terms, tape, closing: Closing::No, holds: Holds::Nothing }
    }

    /// Records what passes from here on.
    pub(crate) fn record(&mut self, tape: &Arc<Tape>) {
        self.tape = Arc::clone(tape);
    }

    /// The extensions that are in use, as in `Sec-WebSocket-Extensions`.
    pub(crate) fn extensions(&self) -> Option<String> {
        self.terms.as_ref().map(ToString::to_string)
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
        self.give(message, Shown::Yes)
    }

    /// The same for a message that nobody may be shown.
    ///
    /// # Errors
    /// As above.
    pub(crate) fn write_secret(&mut self, message: Message) -> Result<(), Error> {
        self.give(message, Shown::No)
    }

    fn give(&mut self, message: Message, shown: Shown) -> Result<(), Error> {
        self.holds = Holds::Something;
        if matches!(message, Message::Close(_)) {
            self.closing = Closing::Yes;
        }
        let message = self.press(message, shown);
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
                self.came(&message);
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

    /// The stream itself, to read away what no longer matters, as it comes.
    pub(crate) fn stream(&mut self) -> &mut Tap {
        let tap = self.socket.get_mut();
        tap.inflow = None;
        tap
    }

    /// Records what came, and the answer to it that tungstenite has put into the buffer.
    fn came(&mut self, message: &Message) {
        let packing = match message {
            Message::Text(_) | Message::Binary(_) => self.packing(),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => Packing::Plain,
        };
        self.tape.record(Way::In, message, packing);
        let answer = match message {
            Message::Ping(payload) => Message::Pong(payload.clone()),
            Message::Close(_) if self.closing == Closing::No => message.clone(),
            Message::Text(_)
            | Message::Binary(_)
            | Message::Pong(_)
            | Message::Close(_)
            | Message::Frame(_) => {
                return;
            }
        };
        self.holds = Holds::Something;
        self.left(&answer, Packing::Plain, Shown::Yes);
    }

    /// Records what leaves; into a broken line nothing does.
    fn left(&self, message: &Message, packing: Packing, shown: Shown) {
        if self.is_broken() {
            return;
        }
        match shown {
            Shown::Yes => self.tape.record(Way::Out, message, packing),
            Shown::No => self.tape.record_secret(message, packing),
        }
    }

    /// How the data message that came last was on the wire.
    fn packing(&mut self) -> Packing {
        match self.socket.get_mut().inflow.as_mut().and_then(Inflow::passed) {
            Some(Passed::Deflated) => Packing::Deflated,
            Some(Passed::Plain) | None => Packing::Plain,
        }
    }

    /// Compresses a data message, where that was agreed, and records it.
    fn press(&mut self, message: Message, shown: Shown) -> Message {
        let payload = match &message {
            Message::Text(text) => Some((text.as_bytes(), Data::Text)),
            Message::Binary(bytes) => Some((bytes.as_ref(), Data::Binary)),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => None,
        };
        let pressed = payload.and_then(|(payload, opcode)| {
            self.press.as_mut()?.press(payload).map(|pressed| (pressed, opcode))
        });
        let packing = if pressed.is_some() { Packing::Deflated } else { Packing::Plain };
        self.left(&message, packing, shown);
        let Some((pressed, opcode)) = pressed else { return message };
        let mut frame = Frame::message(Bytes::from(pressed), OpCode::Data(opcode), true);
        frame.header_mut().rsv1 = true;
        Message::Frame(frame)
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
