//! How a session is closed: by us, by the server, or in protest.

use crate::session::{Fate, Session};
use crate::wire::{Reading, Turn};
use std::future::poll_fn;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

impl Session<'_> {
    /// Our Close frame, and what still comes until the server answers it. What was written before is proven by a last
    /// Ping. A Close frame proves nothing, since it may have crossed ours; only of a server that answers no Pings it is
    /// taken for an answer when it repeats our code.
    pub(crate) async fn farewell(&mut self, code: u16) {
        let end = Instant::now() + self.desk.timing.close;
        if self.wire.is_clear() {
            self.desk.outbox.cleared(Instant::now());
            if self.desk.outbox.proof.unproven() > 0 {
                let ping = self.desk.outbox.proof.ping();
                let _ = self.wire.write(Message::Ping(ping.into()));
            }
        }
        let close = CloseFrame { code: code.into(), reason: "".into() };
        if self.wire.write(Message::Close(Some(close))).is_err() {
            return;
        }
        loop {
            let reading = if self.desk.batches.is_full() { Reading::No } else { Reading::Yes };
            self.note_progress();
            if self.wire.is_clear() && !self.wire.is_broken() {
                self.desk.outbox.cleared(Instant::now());
            }
            let Self { desk, wire, .. } = &mut *self;
            let turn = tokio::select! {
                biased;
                () = sleep_until(end) => return,
                () = desk.batches.pump() => continue,
                turn = poll_fn(|cx| wire.poll_turn(cx, reading)) => turn,
            };
            match self.turn(turn) {
                Some(Fate::ClosedByServer(frame)) => {
                    if frame.is_some_and(|frame| u16::from(frame.code) == code) {
                        let arrived = self.desk.outbox.proof.closed();
                        self.arrived(arrived);
                    }
                    return;
                }
                Some(Fate::Failed(_)) => return,
                // The adapter may want to leave again, or to send: both are too late.
                Some(Fate::Leave { .. } | Fate::Stopped) | None => {}
            }
        }
    }

    /// The server closed first: tungstenite's answer leaves, and the server ends the stream (RFC 6455 §7.1.1).
    pub(crate) async fn answer_close(&mut self) {
        let end = Instant::now() + self.desk.timing.close;
        let wire = &mut self.wire;
        let done = async {
            loop {
                match poll_fn(|cx| wire.poll_turn(cx, Reading::Yes)).await {
                    Turn::Cleared | Turn::Message(_) => {}
                    Turn::Failed(_) | Turn::Done => return,
                }
            }
        };
        let _ = timeout_at(end, done).await;
    }

    /// What came was wrong: says so, and reads away the rest, since a socket that is dropped with unread bytes resets
    /// the line and takes our Close frame back.
    pub(crate) async fn protest(&mut self, code: u16) {
        let close = CloseFrame { code: code.into(), reason: "".into() };
        if self.wire.write(Message::Close(Some(close))).is_err() {
            return;
        }
        let wire = &mut self.wire;
        let rest = async {
            while !wire.is_clear() {
                let _ = poll_fn(|cx| wire.poll_turn(cx, Reading::No)).await;
            }
            let stream = wire.stream();
            let _ = stream.shutdown().await;
            let mut waste = [0; 4096];
            while let Ok(1..) = stream.read(&mut waste).await {}
        };
        let _ = timeout(self.desk.timing.close, rest).await;
    }
}
