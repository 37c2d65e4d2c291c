//! One session: an open WebSocket, an adapter, and the loop between them.
//!
//! The order of work in each turn: being stopped, reports, the adapter's deadline and our own, frames that wait, commands,
//! committed notices, and only then frames of the server, at most 64: local work before remote work.
//!
//! **Reading goes on while the peer takes none of our writes**, since its own writes may be what holds it up; but only
//! until 1,024 frames wait. A peer that neither takes nor gives is found dead by the pulse. **Reading stops while the
//! engine does not take reports**; then the socket fills, and the server waits.

use crate::dial::{Opened, Veil};
use crate::grip::Grip;
use crate::narrow::{self, Failure, GOING_AWAY, INTERNAL, NORMAL};
use crate::outbox::Next;
use crate::pulse::{Pulse, Verdict};
use crate::tape::Way;
use crate::task::{Desk, Handed};
use crate::timing::{Timing, seconds, wall};
use crate::wire::{Reading, Turn, Wire};
use crate::{Reach, Report};
use domain::{CloseBy, Event, Line, Phase, Reason, Status, TxnId};
use proto::{Adapter, Frame, Input, Now, Outgoing, Output};
use std::future::poll_fn;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// The most frames of the server that are dealt with before local work has its turn again.
const FRAMES_A_TURN: usize = 64;

/// How many outputs one input may give before the adapter counts as stuck: more than any page of history holds.
const MAX_DRAIN: usize = 100_000;

/// The round-trip time is reported at most this often.
const RTT_EVERY: Duration = Duration::from_secs(1);

/// A time at which nothing is due, but near enough for every timer.
const NOTHING_DUE: Duration = Duration::from_secs(3600);

/// One session.
pub(crate) struct Session<'a> {
    pub(crate) desk: &'a mut Desk,
    adapter: Box<dyn Adapter>,
    pub(crate) wire: Wire,
    grip: Grip,
    number: u64,
    max_message: u32,
    line: Line,
    /// What the server may repeat of what it was told.
    veil: Veil,
    pulse: Pulse,
    /// The adapter's.
    deadline: Option<Instant>,
    login_due: Instant,
    /// Since when nobody listens to the socket, since the engine takes nothing.
    deaf_since: Option<Instant>,
    told_rtt: Option<Instant>,
    /// Frames of the user, once the session is online.
    raws: Option<mpsc::Receiver<Frame>>,
    events: u64,
    committed: u64,
    read_seen: u64,
    written_seen: u64,
}

/// How a session came to its end.
#[derive(Debug)]
pub(crate) enum Fate {
    /// Somebody here wants it.
    Stopped,
    /// The adapter, or a limit of ours.
    Leave { code: u16, reason: Reason },
    /// The server's Close frame.
    ClosedByServer(Option<CloseFrame>),
    /// The stream failed, or what came on it was wrong.
    Failed(Failure),
}

impl<'a> Session<'a> {
    /// A session on an open socket.
    pub(crate) fn new(
        desk: &'a mut Desk,
        opened: Opened,
        adapter: Box<dyn Adapter>,
        number: u64,
        max_message: u32,
    ) -> Self {
        let Opened { mut wire, grip, url, address, tls, subprotocol, secret: _, entrusted: _, veil } = opened;
        grip.forget();
        desk.tape.begin(subprotocol.clone());
        // It is newer than any wish to have it checked.
        desk.checks.mark_unchanged();
        (desk.heard, desk.alive) = ((desk.clock)(), Instant::now());
        desk.tape.passed(Way::In, wire.read());
        desk.tape.passed(Way::Out, wire.written());
        wire.record(&desk.tape);
        let now = Instant::now();
        let Timing { idle, pong, check, .. } = desk.timing;
        let pulse = Pulse::new(idle, pong, check, now, desk.answers_pings);
        let extensions = wire.extensions();
        let line = Line { url, address, tls, subprotocol, extensions, rtt_ms: None, since: wall() };
        let login_due = now + desk.timing.login;
        let (read_seen, written_seen) = (wire.read(), wire.written());
        Self {
            desk,
            adapter,
            wire,
            grip,
            number,
            max_message,
            line,
            veil,
            pulse,
            deadline: None,
            login_due,
            deaf_since: None,
            told_rtt: None,
            raws: None,
            events: 0,
            committed: 0,
            read_seen,
            written_seen,
        }
    }

    /// Runs it to its end, the closing included. Gives the reason.
    pub(crate) async fn run(mut self) -> Reason {
        let fate = self.live().await;
        let closes = !matches!(fate, Fate::Failed(Failure { close: None, .. }));
        let reason = self.leave(fate).await;
        // The last of what waited may have left with a Close frame behind it.
        self.note_progress();
        let reason = self.veil.hide(reason);
        if closes && self.desk.outbox.proof.unproven() == 0 {
            self.grip.deliver();
        }
        reason
    }

    /// Closes it as its fate demands.
    async fn leave(&mut self, fate: Fate) -> Reason {
        match fate {
            Fate::Stopped => {
                let code = if self.desk.everything_ends() { GOING_AWAY } else { NORMAL };
                self.farewell(code).await;
                Reason::Closed { code: Some(code), text: String::new(), by: CloseBy::Us }
            }
            Fate::Leave { code, reason } => {
                self.farewell(code).await;
                reason
            }
            Fate::ClosedByServer(frame) => {
                self.answer_close().await;
                narrow::closed(frame.as_ref(), CloseBy::Server)
            }
            Fate::Failed(Failure { reason, close }) => {
                if let Some(code) = close {
                    self.protest(code).await;
                }
                reason
            }
        }
    }

    /// The open socket, until something ends it.
    async fn live(&mut self) -> Fate {
        let subprotocol = self.line.subprotocol.clone();
        if let Some(fate) = self.feed(Input::Opened { subprotocol: subprotocol.as_deref() }) {
            return fate;
        }
        loop {
            if let Some(fate) = self.tend() {
                return fate;
            }
            let reading = self.reading();
            let due = self.due();
            let takes_commands = self.takes_commands();
            let Self { desk, wire, raws, .. } = &mut *self;
            let fate = tokio::select! {
                biased;
                () = desk.cancel.cancelled() => return Fate::Stopped,
                () = desk.batches.pump() => None,
                () = sleep_until(due) => None,
                Some(handed) = desk.commands.recv(), if takes_commands => self.command(handed),
                Some(frame) = raw(raws), if takes_commands => {
                    self.desk.outbox.push(Outgoing { frame, carries: None, more: false, secret: false });
                    None
                }
                Ok(()) = desk.committed.changed() => self.commit(),
                Ok(()) = desk.checks.changed() => {
                    let now = Instant::now();
                    // The answer is waited for from the question on.
                    self.pulse.examine(self.desk.outbox.ping_from().map_or(now, |from| from.max(now)));
                    self.desk.outbox.want_ping();
                    None
                }
                turn = poll_fn(|cx| wire.poll_turn(cx, reading)) => self.turns(turn),
            };
            if let Some(fate) = fate {
                return fate;
            }
        }
    }

    /// Local work: the pulse, deadlines, and frames that wait.
    fn tend(&mut self) -> Option<Fate> {
        let now = Instant::now();
        self.listen_again(now);
        if self.deaf_since.is_none() {
            match self.pulse.check(now) {
                Verdict::Well => {}
                Verdict::Ping => self.desk.outbox.want_ping(),
                Verdict::NoPongs => self.desk.outbox.proof.give_up(),
                Verdict::Dead => return Some(self.silent(self.desk.timing.pong)),
                Verdict::Gone => {
                    self.desk.replace = true;
                    return Some(self.silent(self.desk.timing.check));
                }
            }
            if !self.is_online() && now >= self.login_due {
                let seconds = seconds(self.desk.timing.login);
                let reason = Reason::TimedOut { phase: Phase::Login, seconds };
                return Some(Fate::Leave { code: NORMAL, reason });
            }
        }
        if self.is_sound() {
            let arrived = self.desk.outbox.proof.aged(now, self.desk.timing.pong);
            self.arrived(arrived);
        }
        if self.deadline.is_some_and(|deadline| deadline <= now)
            && let Some(fate) = self.time_out(now)
        {
            return Some(fate);
        }
        self.write(now)
    }

    fn silent(&self, limit: Duration) -> Fate {
        let reason = Reason::Silent { seconds: seconds(limit) };
        Fate::Failed(Failure { reason, close: None })
    }

    fn time_out(&mut self, now: Instant) -> Option<Fate> {
        self.deadline = None;
        let fate = self.feed(Input::Timeout);
        // An adapter that answers a deadline with the same deadline would be woken for ever.
        let stuck = self.deadline.is_some_and(|deadline| deadline <= now);
        debug_assert!(!stuck, "the adapter's next deadline has passed already");
        if stuck {
            self.deadline = None;
        }
        fate
    }

    /// Gives the socket what waits, one frame at a time, so that it is always known which one is on its way.
    fn write(&mut self, now: Instant) -> Option<Fate> {
        self.note_progress();
        while self.wire.is_clear() && !self.wire.is_broken() {
            self.desk.outbox.cleared(now);
            let written = match self.desk.outbox.next(self.wire.written(), now) {
                None => break,
                Some(Next::Data(message)) => self.wire.write(message),
                Some(Next::Secret(message)) => self.wire.write_secret(message),
                Some(Next::Ping(message)) => {
                    self.pulse.pinged(now);
                    self.wire.write(message)
                }
            };
            if let Err(error) = written {
                let reason = Reason::Internal { text: narrow::words(&error) };
                return Some(Fate::Leave { code: INTERNAL, reason });
            }
            self.note_progress();
        }
        if self.wire.is_clear() {
            self.pulse.progressed()
        } else {
            self.pulse.stalled(now)
        }
        None
    }

    pub(crate) fn note_progress(&mut self) {
        let written = self.wire.written();
        if written != self.written_seen {
            self.desk.tape.passed(Way::Out, written.saturating_sub(self.written_seen));
            self.written_seen = written;
            self.pulse.progressed();
            self.desk.outbox.progress(written);
        }
    }

    /// What came of reading, and up to 63 more messages that are here already.
    fn turns(&mut self, first: Turn) -> Option<Fate> {
        let mut turn = first;
        for _ in 1..FRAMES_A_TURN {
            if let Some(fate) = self.turn(turn) {
                return Some(fate);
            }
            if self.reading() == Reading::No || !self.wire.is_clear() {
                return None;
            }
            turn = self.wire.try_turn()?;
        }
        self.turn(turn)
    }

    pub(crate) fn turn(&mut self, turn: Turn) -> Option<Fate> {
        self.note_heard();
        match turn {
            Turn::Cleared => None,
            Turn::Message(message) => self.message(message),
            Turn::Failed(error) => {
                if narrow::is_end(&error) {
                    self.desk.heard = (self.desk.clock)();
                }
                Some(Fate::Failed(narrow::session(&error, self.max_message)))
            }
            Turn::Done => {
                self.desk.heard = (self.desk.clock)();
                let reason = Reason::Dropped { text: "the stream ended".to_owned() };
                Some(Fate::Failed(Failure { reason, close: None }))
            }
        }
    }

    fn note_heard(&mut self) {
        let read = self.wire.read();
        if read != self.read_seen {
            self.desk.tape.passed(Way::In, read.saturating_sub(self.read_seen));
            self.read_seen = read;
            self.desk.heard = (self.desk.clock)();
            self.desk.alive = Instant::now();
            self.pulse.heard(self.desk.alive);
        }
    }

    fn message(&mut self, message: Message) -> Option<Fate> {
        match message {
            Message::Text(text) => self.feed(Input::Frame(&Frame::Text(text.as_str().to_owned()))),
            Message::Binary(bytes) => self.feed(Input::Frame(&Frame::Binary(bytes.to_vec()))),
            Message::Pong(bytes) => {
                self.pong(&bytes);
                None
            }
            Message::Close(frame) => Some(Fate::ClosedByServer(frame)),
            // tungstenite answers Pings, and gives raw frames to nobody.
            Message::Ping(_) | Message::Frame(_) => None,
        }
    }

    fn pong(&mut self, bytes: &[u8]) {
        let Some(arrived) = self.desk.outbox.proof.pong(bytes) else { return };
        self.arrived(arrived);
        let now = Instant::now();
        self.desk.answers_pings = true;
        let Some(rtt) = self.pulse.ponged(now) else { return };
        self.desk.tape.round_trip(rtt);
        let rtt = u32::try_from(rtt.as_millis()).ok();
        let news = self.line.rtt_ms != rtt;
        self.line.rtt_ms = rtt;
        if news && self.is_online() && self.told_rtt.is_none_or(|told| now >= told + RTT_EVERY) {
            self.told_rtt = Some(now);
            self.tell_online();
        }
    }

    fn command(&mut self, handed: Handed) -> Option<Fate> {
        if handed.session.is_some_and(|session| session != self.number) {
            self.desk.give_back(handed);
            return None;
        }
        let Handed { command, .. } = handed;
        self.desk.outbox.take(&command);
        self.feed(Input::Command(command))
    }

    fn commit(&mut self) -> Option<Fate> {
        let (session, upto) = *self.desk.committed.borrow_and_update();
        let upto = upto.min(self.events);
        if session != self.number || upto <= self.committed {
            return None;
        }
        self.committed = upto;
        self.feed(Input::Committed { upto })
    }

    /// One turn of the adapter's law: handle, then poll until `Wait`.
    fn feed(&mut self, input: Input<'_>) -> Option<Fate> {
        self.adapter.handle(input, Now { mono: Instant::now().into_std(), wall: wall() });
        let mut fate = None;
        for _ in 0..MAX_DRAIN {
            match self.adapter.poll() {
                Output::Wait(until) => {
                    self.deadline = until.map(Instant::from_std);
                    return fate;
                }
                Output::Send(outgoing) => self.desk.outbox.push(outgoing),
                Output::Event(event) => self.event(event),
                Output::Remember(resume) => {
                    self.desk.resume = Some(resume.clone()).filter(|resume| !resume.0.is_empty());
                    self.desk.batches.push(Report::Remember(resume));
                }
                Output::Entrust(secret) => self.desk.secrets.entrust(self.desk.account, secret),
                Output::Conceal(secret) => {
                    self.desk.tape.conceal(&secret.0);
                    self.veil.conceal(&secret.0);
                }
                Output::Close(close) => {
                    fate = Some(Fate::Leave { code: close.code, reason: close.reason });
                }
            }
        }
        debug_assert!(false, "the adapter never comes back to Wait");
        let text = "the adapter never comes back to Wait".to_owned();
        Some(Fate::Leave { code: INTERNAL, reason: Reason::Internal { text } })
    }

    fn event(&mut self, event: Event) {
        self.events += 1;
        match &event {
            Event::Online => {
                self.desk.established();
                if self.raws.is_none() {
                    self.raws = Some(self.desk.tape.online(self.max_message));
                    // One Ping at once, so that the round-trip time is known.
                    self.desk.outbox.want_ping();
                }
            }
            Event::Acknowledged { txn, .. } | Event::Refused { txn, .. } => self.desk.outbox.settle(txn),
            Event::Message { message } => {
                if let Some(txn) = &message.txn {
                    self.desk.outbox.settle(txn);
                }
            }
            Event::Capabilities { .. }
            | Event::Conversation { .. }
            | Event::Resumed
            | Event::Head { .. }
            | Event::History { .. }
            | Event::HistoryRefused { .. }
            | Event::Earlier { .. }
            | Event::EarlierRefused { .. }
            | Event::Recent { .. }
            | Event::Happened { .. }
            | Event::Reaction { .. }
            | Event::Retracted { .. }
            | Event::Read { .. }
            | Event::Me { .. }
            | Event::Members { .. }
            | Event::Member { .. }
            | Event::MemberGone { .. }
            | Event::Typing { .. } => {}
        }
        let online = matches!(event, Event::Online);
        self.desk.batches.push(Report::Event { n: self.events, event });
        if online {
            self.tell_online();
        }
    }

    fn tell_online(&mut self) {
        self.desk.batches.push(Report::Status(Status::Online { line: self.line.clone() }));
    }

    pub(crate) fn arrived(&mut self, txns: Vec<TxnId>) {
        if !txns.is_empty() {
            self.desk.batches.push(Report::Arrived(txns));
        }
    }

    fn is_online(&self) -> bool {
        self.desk.reach == Some(Reach::Online)
    }

    fn takes_commands(&self) -> bool {
        self.is_online() && self.desk.outbox.takes_commands() && !self.desk.batches.is_full()
    }

    fn reading(&self) -> Reading {
        let room = self.desk.outbox.takes_frames() || self.wire.is_broken();
        if room && !self.desk.batches.is_full() { Reading::Yes } else { Reading::No }
    }

    /// The engine takes reports again, or it does not: the time in between is nobody's silence.
    fn listen_again(&mut self, now: Instant) {
        if self.desk.batches.is_full() {
            self.deaf_since.get_or_insert(now);
        } else if let Some(since) = self.deaf_since.take() {
            let time = now.saturating_duration_since(since);
            self.pulse.was_deaf(time);
            self.desk.outbox.proof.was_deaf(time, now);
            self.login_due += time;
        }
    }

    /// Whether nothing speaks against the line: it takes what we write, and we listen.
    fn is_sound(&self) -> bool {
        self.deaf_since.is_none() && self.wire.is_clear() && !self.wire.is_broken()
    }

    /// When there is local work at the latest.
    fn due(&self) -> Instant {
        let listening = self.deaf_since.is_none() && !self.wire.is_broken();
        let pulse = if listening { self.pulse.due() } else { None };
        let login = (self.deaf_since.is_none() && !self.is_online()).then_some(self.login_due);
        let proof = if self.is_sound() { self.desk.outbox.proof.due(self.desk.timing.pong) } else { None };
        let ping = if self.is_sound() { self.desk.outbox.due() } else { None };
        let due = [self.deadline, pulse, login, proof, ping].into_iter().flatten().min();
        due.unwrap_or_else(|| Instant::now() + NOTHING_DUE)
    }
}

/// The next frame of the user.
async fn raw(raws: &mut Option<mpsc::Receiver<Frame>>) -> Option<Frame> {
    raws.as_mut()?.recv().await
}
