//! One connection, in the hands of a script.

use super::deflate::Deflate;
use super::frame::{self, COMPRESSED, Opcode, Read, WHOLE};
use super::log::{self, Log, What};
use socket2::SockRef;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The longest request head that is read.
const MAX_HEAD: usize = 64 * 1024;

/// What [`Peer::hold_little`] asks the system for.
const LITTLE: usize = 64 * 1024;

/// A connected client.
pub struct Peer {
    stream: Stream,
    number: u32,
    log: watch::Sender<Log>,
    deflate: Option<Deflate>,
}

impl Peer {
    pub(super) fn new(stream: Stream, number: u32, log: watch::Sender<Log>) -> Self {
        Self { stream, number, log, deflate: None }
    }

    /// Which connection of the server this is, counted from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Reads the head of the opening handshake.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn request(&mut self) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() > MAX_HEAD {
                return Err(io::Error::other("no end of the head"));
            }
            head.push(self.stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        self.heard(What::Request(head.clone()));
        Ok(head)
    }

    /// Answers the opening handshake as it should be, with no subprotocol.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn accept(&mut self) -> io::Result<()> {
        self.accept_with("").await
    }

    /// The same with more header lines, each ended by CRLF.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn accept_with(&mut self, lines: &str) -> io::Result<()> {
        let head = self.request().await?;
        self.raw(self.acceptance(&head, lines)).await
    }

    /// Accepts, and takes permessage-deflate with these parameters (`; server_no_context_takeover` and the like).
    ///
    /// # Errors
    /// When the client goes, or did not offer it.
    pub async fn accept_deflate(&mut self, parameters: &str) -> io::Result<()> {
        let head = self.request().await?;
        if !header(&head, "Sec-WebSocket-Extensions")
            .is_some_and(|offer| offer.contains("permessage-deflate"))
        {
            return Err(io::Error::other("the client offers no permessage-deflate"));
        }
        self.deflate = Some(Deflate::agreed(parameters));
        let line = format!("Sec-WebSocket-Extensions: permessage-deflate{parameters}\r\n");
        self.raw(self.acceptance(&head, &line)).await
    }

    /// Sends a compressed text message.
    ///
    /// # Errors
    /// When the client goes, or [`Peer::accept_deflate`] was not called.
    pub async fn pressed(&mut self, text: &str) -> io::Result<()> {
        let payload = self.press(text.as_bytes())?;
        self.raw(frame::make(WHOLE | COMPRESSED | Opcode::Text.byte(), &payload)).await
    }

    /// The payload of a compressed message.
    ///
    /// # Errors
    /// When [`Peer::accept_deflate`] was not called.
    pub fn press(&mut self, payload: &[u8]) -> io::Result<Vec<u8>> {
        self.deflate.as_mut().ok_or_else(|| io::Error::other("nothing is compressed here"))?.press(payload)
    }

    /// The good answer to a handshake with that head, with more header lines, each ended by CRLF.
    #[must_use]
    pub fn acceptance(&self, head: &str, lines: &str) -> String {
        let key = header(head, "Sec-WebSocket-Key").unwrap_or_default();
        let accept = derive_accept_key(key.as_bytes());
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n{lines}\r\n"
        )
    }

    /// Reads a request and answers it with a status line's rest, header lines each ended by CRLF, and a body.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn refuse(&mut self, status: &str, lines: &str, body: &str) -> io::Result<()> {
        self.request().await?;
        let length = body.len();
        self.raw(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{lines}\r\n{body}")).await
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn raw(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await?;
        self.stream.flush().await
    }

    /// Sends a text message.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn text(&mut self, text: &str) -> io::Result<()> {
        self.frame(Opcode::Text, text.as_bytes()).await
    }

    /// Sends a binary message.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn binary(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.frame(Opcode::Binary, bytes).await
    }

    /// Sends a whole frame.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn frame(&mut self, opcode: Opcode, payload: &[u8]) -> io::Result<()> {
        self.raw(frame::make(WHOLE | opcode.byte(), payload)).await
    }

    /// Sends a frame that does not end its message.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn part(&mut self, opcode: Opcode, payload: &[u8]) -> io::Result<()> {
        self.raw(frame::make(opcode.byte(), payload)).await
    }

    /// Sends the head of a text message of `length` bytes, and `sent` of them.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn begin_text(&mut self, length: u64, sent: &str) -> io::Result<()> {
        let mut bytes = frame::head(WHOLE | Opcode::Text.byte(), length);
        bytes.extend_from_slice(sent.as_bytes());
        self.raw(bytes).await
    }

    /// Sends these numbers as text messages, many to a write.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn flood(&mut self, numbers: Range<u64>) -> io::Result<()> {
        let mut bytes = Vec::new();
        let end = numbers.end;
        for n in numbers {
            bytes.extend(frame::make(WHOLE | Opcode::Text.byte(), n.to_string().as_bytes()));
            if bytes.len() > 16 * 1024 || n + 1 == end {
                self.raw(std::mem::take(&mut bytes)).await?;
            }
        }
        Ok(())
    }

    /// Sends a Close frame.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn close(&mut self, code: Option<u16>, reason: &str) -> io::Result<()> {
        let mut payload = code.map(|code| code.to_be_bytes().to_vec()).unwrap_or_default();
        payload.extend_from_slice(reason.as_bytes());
        self.frame(Opcode::Close, &payload).await
    }

    /// The next frame, logged; nothing is answered. `None`: the client ended the stream.
    ///
    /// # Errors
    /// When the client goes, or sends what no client may.
    pub async fn next(&mut self) -> io::Result<Option<What>> {
        let what = match frame::read(&mut self.stream).await? {
            None => What::End,
            Some(Read { opcode, compressed: false, payload }) => read(opcode, payload)?,
            Some(Read { opcode, compressed: true, payload }) => {
                let deflate = self.deflate.as_mut().ok_or_else(|| io::Error::other("compressed unasked"))?;
                read(opcode, deflate.expand(&payload)?)?
            }
        };
        self.heard(what.clone());
        Ok((what != What::End).then_some(what))
    }

    /// The next data message; answers Pings, and a Close frame with the same code. `None`: the client is gone.
    ///
    /// # Errors
    /// When the client goes in the middle of a frame.
    pub async fn message(&mut self) -> io::Result<Option<What>> {
        while let Some(what) = self.next().await? {
            match what {
                What::Text(_) | What::Binary(_) => return Ok(Some(what)),
                What::Ping(payload) => self.frame(Opcode::Pong, &payload).await?,
                What::Close(code, _) => {
                    self.close(code, "").await?;
                    return Ok(None);
                }
                What::Pong(_) | What::Request(_) | What::End | What::NoTls | What::Left => {}
            }
        }
        Ok(None)
    }

    /// Reads bytes and understands none, until the client goes: a line whose other end is dead.
    ///
    /// # Errors
    /// When the line is reset.
    pub async fn swallow(&mut self) -> io::Result<()> {
        tokio::io::copy(&mut self.stream, &mut tokio::io::sink()).await.map(drop)
    }

    /// Has the system hold little of what we do not read, however much memory it has.
    ///
    /// # Errors
    /// When the system cannot.
    pub fn hold_little(&self) -> io::Result<()> {
        let stream = match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        };
        SockRef::from(stream).set_recv_buffer_size(LITTLE)
    }

    /// Reads nothing and says nothing, until the server is stopped.
    pub async fn silence(&mut self) -> io::Result<()> {
        std::future::pending().await
    }

    /// Ends our half of the stream, and leaves the other open.
    ///
    /// # Errors
    /// When the client goes.
    pub async fn half_close(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// Resets the line.
    ///
    /// # Errors
    /// When the system cannot.
    pub fn reset(self) -> io::Result<()> {
        match &self.stream {
            Stream::Plain(stream) => stream.set_zero_linger(),
            Stream::Tls(stream) => stream.get_ref().0.set_zero_linger(),
        }
    }

    fn heard(&self, what: What) {
        log::add(&self.log, self.number, what);
    }
}

/// The value of a header in a request's head.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

fn read(opcode: Opcode, payload: Vec<u8>) -> io::Result<What> {
    Ok(match opcode {
        Opcode::Text => What::Text(String::from_utf8(payload).map_err(io::Error::other)?),
        Opcode::Binary => What::Binary(payload),
        Opcode::Ping => What::Ping(payload),
        Opcode::Pong => What::Pong(payload),
        Opcode::Close => {
            let (code, reason) = payload.split_at_checked(2).unwrap_or_default();
            let code = <[u8; 2]>::try_from(code).ok().map(u16::from_be_bytes);
            What::Close(code, String::from_utf8_lossy(reason).into_owned())
        }
        Opcode::Continuation => return Err(io::Error::other("the client splits its messages")),
    })
}

/// A connected stream.
pub(super) enum Stream {
    /// TCP.
    Plain(TcpStream),
    /// TLS on it.
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
