//! A TCP proxy on loopback that fails as it is told: what passes is cut, held, slowed, delayed or spoilt.
//!
//! What it does is in [`Line`] and changes at once for every connection; what it did is in [`Seen`], and a test waits
//! for that, never for a time. Where a byte is spoilt is decided by seeded dice and by how many bytes passed.

use super::Dice;
use socket2::SockRef;
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// How much is read at a time, and kept of one direction while it waits for its time.
const CHUNK: usize = 4096;

/// How many chunks of one direction may wait; beyond it nothing is read, and the sender waits.
const CHUNKS: usize = 64;

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the server.
    Up,
    /// To the client.
    Down,
}

/// What becomes of what passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// It passes.
    Whole,
    /// Connections are taken in and stand, and not a byte passes; what came is held.
    Dead,
    /// So many bytes a second pass, each way.
    Slow {
        /// At least 1.
        bytes_per_s: u32,
    },
    /// It passes, later.
    Late {
        /// How much, each way.
        by: Duration,
    },
    /// One byte in so many is changed, each way.
    Spoiling {
        /// At least 1.
        one_in: u32,
    },
    /// So many bytes of each connection pass one way, and then it is reset, in the middle of whatever it is.
    Fuse {
        /// Which way.
        way: Way,
        /// How many.
        bytes: u32,
    },
    /// Nobody listens: connections are refused. What stands is reset.
    Cut,
}

/// What the proxy did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Connections that were taken in.
    pub taken: u64,
    /// Connections that stand.
    pub standing: u64,
    /// Connections that it reset.
    pub reset: u64,
    /// Bytes that passed to the server.
    pub up: u64,
    /// Bytes that passed to the client.
    pub down: u64,
    /// Bytes that were changed.
    pub spoilt: u64,
    /// Whether it listens.
    pub listens: bool,
}

/// The proxy. Ends with this value.
pub struct FaultProxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    seen: watch::Sender<Seen>,
    task: JoinHandle<()>,
}

impl FaultProxy {
    /// Listens on a free port of 127.0.0.1 and passes everything to `server`.
    ///
    /// # Errors
    /// When the system gives no port.
    pub async fn start(server: SocketAddr, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (line, seen) = (watch::Sender::new(Line::Whole), watch::Sender::new(Seen::default()));
        let door = Door { address, server, seed, line: line.subscribe(), seen: seen.clone() };
        let task = tokio::spawn(door.run(listener));
        Ok(Self { address, line, seen, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it did so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        *self.seen.borrow()
    }

    /// Changes the line. Returns when it is so: a cut line refuses by then, any other listens.
    pub async fn set(&self, line: Line) {
        self.line.send_replace(line);
        let listens = line != Line::Cut;
        let mut seen = self.seen.subscribe();
        let done = |seen: &Seen| seen.listens == listens && (listens || seen.standing == 0);
        let _ = seen.wait_for(done).await;
    }

    /// Resets every connection; the line goes on as it was.
    pub async fn reset(&self) {
        let line = *self.line.borrow();
        self.set(Line::Cut).await;
        self.set(line).await;
    }

    /// Waits until what it did fulfils a condition.
    pub async fn until(&self, condition: impl FnMut(&Seen) -> bool) {
        let _ = self.seen.subscribe().wait_for(condition).await;
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What accepts.
struct Door {
    address: SocketAddr,
    server: SocketAddr,
    seed: u64,
    line: watch::Receiver<Line>,
    seen: watch::Sender<Seen>,
}

impl Door {
    async fn run(mut self, listener: TcpListener) {
        let mut listener = Some(listener);
        let mut connections = JoinSet::new();
        loop {
            let cut = *self.line.borrow_and_update() == Line::Cut;
            if cut {
                listener = None;
                while connections.join_next().await.is_some() {}
            } else if listener.is_none() {
                listener = TcpListener::bind(self.address).await.ok();
            }
            let listens = listener.is_some();
            self.seen.send_if_modified(|seen| std::mem::replace(&mut seen.listens, listens) != listens);
            tokio::select! {
                biased;
                changed = self.line.changed() => if changed.is_err() { return },
                Some(_) = connections.join_next() => {}
                Some(Ok((client, _))) = accept(listener.as_ref()) => {
                    let mut number = 0;
                    self.seen.send_modify(|seen| {
                        seen.taken += 1;
                        seen.standing += 1;
                        number = seen.taken;
                    });
                    let pass = Pass { line: self.line.clone(), seen: self.seen.clone() };
                    connections.spawn(pass.run(client, self.server, self.seed ^ number));
                }
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> Option<io::Result<(TcpStream, SocketAddr)>> {
    Some(listener?.accept().await)
}

/// One connection.
#[derive(Clone)]
struct Pass {
    line: watch::Receiver<Line>,
    seen: watch::Sender<Seen>,
}

/// How one direction ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// With a FIN, passed on.
    Fin,
    /// The line or its other end is gone.
    Reset,
}

impl Pass {
    async fn run(self, client: TcpStream, server: SocketAddr, seed: u64) {
        self.clone().through(client, server, seed).await;
        self.seen.send_modify(|seen| seen.standing -= 1);
    }

    async fn through(mut self, client: TcpStream, server: SocketAddr, seed: u64) {
        let mut cut = self.line.clone();
        let passed = async {
            // A dead line reaches nobody behind it either.
            self.line.wait_for(|line| *line != Line::Dead).await.ok()?;
            TcpStream::connect(server).await.ok()
        };
        let server = tokio::select! {
            biased;
            _ = cut.wait_for(|line| *line == Line::Cut) => None,
            server = passed => server,
        };
        let Some(server) = server else { return self.sever([client]) };
        let _ = client.set_nodelay(true);
        let _ = server.set_nodelay(true);
        let (client_reads, client_writes) = client.into_split();
        let (server_reads, server_writes) = server.into_split();
        let up = Flow::new(&self, Way::Up, Dice::new(seed));
        let down = Flow::new(&self, Way::Down, Dice::new(!seed));
        let halves = (client_reads, client_writes, server_reads, server_writes);
        let end = {
            let (client_reads, client_writes, server_reads, server_writes) = &halves;
            let both = async {
                let up = up.run(client_reads, server_writes);
                let down = down.run(server_reads, client_writes);
                tokio::pin!(up, down);
                // A reset of one end is one of both; after a FIN the other half goes on.
                let first = tokio::select! {
                    end = &mut up => (end, Way::Up),
                    end = &mut down => (end, Way::Down),
                };
                match first {
                    (End::Reset, _) => End::Reset,
                    (End::Fin, Way::Up) => down.await,
                    (End::Fin, Way::Down) => up.await,
                }
            };
            tokio::select! {
                biased;
                _ = cut.wait_for(|line| *line == Line::Cut) => End::Reset,
                end = both => end,
            }
        };
        if end == End::Reset {
            let (client_reads, client_writes, server_reads, server_writes) = halves;
            let whole = [client_reads.reunite(client_writes), server_reads.reunite(server_writes)];
            self.sever(whole.into_iter().filter_map(Result::ok));
        }
    }

    /// Lets go with a RST.
    fn sever(&self, streams: impl IntoIterator<Item = TcpStream>) {
        self.seen.send_modify(|seen| seen.reset += 1);
        for stream in streams {
            let _ = stream.set_zero_linger();
        }
    }
}

/// One direction of a connection.
struct Flow {
    pass: Pass,
    way: Way,
    dice: Dice,
    /// What waits, and until when.
    held: VecDeque<(Instant, Vec<u8>)>,
    /// When the slow line is free again.
    free: Instant,
    /// What passed since the fuse was lit.
    burnt: u32,
    fin: bool,
}

/// A chunk that may go, or word that the line has changed.
enum Step {
    Changed,
    Read(io::Result<Vec<u8>>),
    Write,
}

impl Flow {
    fn new(pass: &Pass, way: Way, dice: Dice) -> Self {
        let free = Instant::now();
        Self { pass: pass.clone(), way, dice, held: VecDeque::new(), free, burnt: 0, fin: false }
    }

    async fn run(mut self, from: &OwnedReadHalf, to: &OwnedWriteHalf) -> End {
        loop {
            let line = *self.pass.line.borrow_and_update();
            if !matches!(line, Line::Fuse { .. }) {
                self.burnt = 0;
            }
            if self.fin && self.held.is_empty() {
                // The FIN itself, which tokio sends for the half's owner only.
                let _ = SockRef::from(to.as_ref()).shutdown(std::net::Shutdown::Write);
                return End::Fin;
            }
            let due = self.held.front().map(|(due, _)| (*due).max(self.free));
            let moves = line != Line::Dead;
            let reads = moves && !self.fin && self.held.len() < CHUNKS;
            let step = tokio::select! {
                biased;
                changed = self.pass.line.changed() => match changed {
                    Ok(()) => Step::Changed,
                    Err(_) => return End::Reset,
                },
                () = until(due), if moves => Step::Write,
                read = read(from), if reads => Step::Read(read),
            };
            match step {
                Step::Changed => {}
                Step::Read(Err(_)) => return End::Reset,
                Step::Read(Ok(bytes)) if bytes.is_empty() => self.fin = true,
                Step::Read(Ok(bytes)) => self.hold(line, bytes),
                Step::Write => {
                    if self.write(line, to).await == Some(End::Reset) {
                        return End::Reset;
                    }
                }
            }
        }
    }

    fn hold(&mut self, line: Line, mut bytes: Vec<u8>) {
        let mut due = Instant::now();
        match line {
            Line::Late { by } => due += by,
            Line::Spoiling { one_in } => {
                let mut spoilt = 0;
                for byte in &mut bytes {
                    if self.dice.once_in(u64::from(one_in)) {
                        *byte ^= u8::try_from(self.dice.between(1, 256)).unwrap_or(1);
                        spoilt += 1;
                    }
                }
                self.pass.seen.send_modify(|seen| seen.spoilt += spoilt);
            }
            Line::Whole | Line::Dead | Line::Slow { .. } | Line::Fuse { .. } | Line::Cut => {}
        }
        // Nothing overtakes.
        due = self.held.back().map_or(due, |(last, _)| due.max(*last));
        self.held.push_back((due, bytes));
    }

    async fn write(&mut self, line: Line, to: &OwnedWriteHalf) -> Option<End> {
        let (due, mut bytes) = self.held.pop_front()?;
        let mut rest = Vec::new();
        let mut blown = false;
        match line {
            Line::Slow { bytes_per_s } => {
                // A tenth of a second's worth at a time.
                let size = usize::try_from(bytes_per_s / 10).unwrap_or(1).clamp(1, bytes.len().max(1));
                rest = bytes.split_off(size.min(bytes.len()));
                let took = Duration::from_secs(1).mul_f64(bytes.len() as f64 / f64::from(bytes_per_s.max(1)));
                self.free = Instant::now() + took;
            }
            Line::Fuse { way, bytes: fuse } if self.way == way => {
                let left = usize::try_from(fuse.saturating_sub(self.burnt)).unwrap_or_default();
                blown = bytes.len() > left;
                bytes.truncate(left);
                self.burnt = self.burnt.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            }
            Line::Whole
            | Line::Dead
            | Line::Late { .. }
            | Line::Spoiling { .. }
            | Line::Fuse { .. }
            | Line::Cut => {}
        }
        if !rest.is_empty() {
            self.held.push_front((due, rest));
        }
        if write_all(to, &bytes).await.is_err() {
            return Some(End::Reset);
        }
        let count = bytes.len() as u64;
        let way = self.way;
        self.pass.seen.send_modify(|seen| match way {
            Way::Up => seen.up += count,
            Way::Down => seen.down += count,
        });
        blown.then_some(End::Reset)
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// What is there; nothing at a FIN. Nothing is lost when it is not awaited to its end.
async fn read(from: &OwnedReadHalf) -> io::Result<Vec<u8>> {
    loop {
        from.readable().await?;
        let mut bytes = vec![0; CHUNK];
        match from.try_read(&mut bytes) {
            Ok(count) => {
                bytes.truncate(count);
                return Ok(bytes);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

async fn write_all(to: &OwnedWriteHalf, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        to.writable().await?;
        match to.try_write(bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
