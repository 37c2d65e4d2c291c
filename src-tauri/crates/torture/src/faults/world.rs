//! The world of one schedule: the engine, its two accounts, their servers and what lies between.

use super::disk::Disk;
use super::line::{Trouble, Troubles};
use super::relay::Relay;
use super::schedule::{Fault, Pace, Reach, Step};
use super::server::{Kind, Server};
use super::truth::status;
use anyhow::{Context, Result, anyhow, bail};
use domain::{AccountConfig, AccountId, ConversationId, Proxy, Status, Timestamp, TxnId};
use engine::contract::Bell;
use engine::{Handle, Host, Recording, Setup, Timing};
use proto::{PLAIN, Protocol, Protocols};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use testkit::archive::{ARCHIVE, ME, Said, read};
use testkit::faults::room::{Heard, read_record};
use testkit::faults::{Borrowed, FaultProxy, Known, Line, NAME, seal};
use tokio::sync::RwLock;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// The port of the server beyond the cable, where nobody else listens.
const BEYOND: u16 = 17001;

/// How often is looked whether a sleep was found out, and how many looks that may take: the clocks are compared every 5 s,
/// a check takes 2 s, and a machine that is busy gets as long again.
const TICK: Duration = Duration::from_millis(100);
const FOUND_OUT: u32 = 140;

/// By how much the wall clock is wrong, in milliseconds. The engine's clock is a plain function, and a lane runs one
/// schedule at a time.
static WRONG_BY: AtomicI64 = AtomicI64::new(0);

/// The product's timing, shortened, so that a schedule takes seconds.
fn timing(pace: Pace) -> Timing {
    let (idle, pong) = match pace {
        Pace::Quick => (Duration::from_millis(300), Duration::from_millis(1700)),
        Pace::Patient => (Duration::from_secs(120), Duration::from_secs(120)),
    };
    Timing {
        connect: Duration::from_secs(4),
        dns: Duration::from_secs(2),
        tcp: Duration::from_secs(1),
        upgrade: Duration::from_millis(2500),
        login: Duration::from_secs(3),
        idle,
        pong,
        close: Duration::from_millis(300),
        backoff_base: Duration::from_millis(40),
        backoff_cap: Duration::from_millis(300),
        settled: Duration::from_millis(300),
        ..Timing::default()
    }
}

fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX) + WRONG_BY.load(Ordering::Relaxed))
}

/// What accounts may speak here: the product's own, and the archive's.
static PROTOCOLS: Protocols = &[&PLAIN, &ARCHIVE];

/// A desktop that hears no bell: whoever looks, looks by himself.
struct Deaf;

impl Host for Deaf {
    fn ring(&self, _: &Bell) {}
}

/// An account and its line.
pub(super) struct Post {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) account: AccountId,
    pub(super) conversation: ConversationId,
    server: Mutex<Server>,
    record: PathBuf,
    troubles: Mutex<Troubles>,
    words: Mutex<Words>,
    /// The server's connections on which bytes were changed.
    tainted: Mutex<Vec<Range<u64>>>,
}

/// What was said, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// The engine took it.
    pub(super) taken: Vec<String>,
    /// The engine refused it.
    pub(super) refused: Vec<String>,
}

impl Post {
    pub(super) fn troubles(&self) -> MutexGuard<'_, Troubles> {
        lock(&self.troubles)
    }

    pub(super) fn words(&self) -> Words {
        lock(&self.words).clone()
    }

    /// How many connections there were, and what the server has of us. Of the archive: what is in its log.
    pub(super) fn record(&self) -> Result<(u64, Vec<Heard>)> {
        match self.kind {
            Kind::Room => Ok(read_record(&self.record)?),
            Kind::Archive => {
                let own = self.log()?.into_iter().filter(|said| said.from == ME);
                Ok((0, own.map(|said| Heard { connection: 0, text: said.text }).collect()))
            }
        }
    }

    /// The log of the archive.
    pub(super) fn log(&self) -> Result<Vec<Said>> {
        read(&self.record)
    }

    pub(super) fn url(&self) -> String {
        lock(&self.server).url()
    }

    pub(super) fn tainted(&self) -> Vec<Range<u64>> {
        lock(&self.tainted).clone()
    }

    /// Says something; what became of it is in the words.
    pub(super) async fn say(&self, engine: &Handle, text: &str) -> Result<String> {
        let sealed = seal(text);
        let txn = txn(&format!("{}-{text}", self.name))?;
        let answer = engine.send(txn, self.conversation, sealed.clone(), None).await;
        let mut words = lock(&self.words);
        match answer {
            Ok(_) => words.taken.push(sealed.clone()),
            Err(_) => words.refused.push(sealed.clone()),
        }
        Ok(sealed)
    }
}

/// A name for an intent. Distinct texts have distinct names within a schedule.
pub(super) fn txn(name: &str) -> Result<TxnId> {
    let short: String = name.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
    TxnId::parse(short).map_err(|_| anyhow!("{name} is no name for an intent"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The world.
pub(super) struct World {
    /// `None`: the program has quit.
    pub(super) engine: RwLock<Option<Handle>>,
    pub(super) posts: Vec<Arc<Post>>,
    pace: Pace,
    relay: Relay,
    /// Each proxied account's, in the order of the accounts: the plain one's and the archive's.
    proxies: [FaultProxy; 2],
    cable: Option<Borrowed>,
    disk: Disk,
    _records: TempDir,
}

impl World {
    /// Starts everything, and waits for nothing.
    pub(super) async fn new(seed: u64, cable: Option<Borrowed>, pace: Pace) -> Result<Self> {
        WRONG_BY.store(0, Ordering::Relaxed);
        let records = tempfile::tempdir()?;
        let disk = Disk::new(cable.is_some())?;
        let engine = open(&disk, pace).await?;
        let (proxy, near) = before_nobody(seed).await?;
        let server = Server::start(Kind::Room, near, records.path().join("proxied"), None)?;
        let url = format!("ws://{}/", proxy.address());
        let mut posts = vec![Arc::new(post("proxied", &engine, &url, server, Proxy::None).await?)];
        let (archive, near) = before_nobody(!seed).await?;
        let server = Server::start(Kind::Archive, near, records.path().join("archive"), None)?;
        let relay = Relay::start(archive.address(), seed).await?;
        let (url, through) = relay.way();
        posts.push(Arc::new(post("archive", &engine, &url, server, through).await?));
        if let Some(cable) = &cable {
            let record = records.path().join("cable");
            let server = Server::start(Kind::Room, Borrowed::server(BEYOND), record, Some(cable.clone()))?;
            let url = format!("ws://{NAME}:{BEYOND}/");
            posts.push(Arc::new(post("cable", &engine, &url, server, Proxy::None).await?));
        }
        Ok(Self {
            engine: RwLock::new(Some(engine)),
            posts,
            pace,
            relay,
            proxies: [proxy, archive],
            cable,
            disk,
            _records: records,
        })
    }

    pub(super) fn reach(cable: Option<&Borrowed>) -> Reach {
        if cable.is_some() { Reach::Everything } else { Reach::Proxy }
    }

    /// How long a session may outlive its line.
    pub(super) fn pulse(&self) -> Duration {
        let timing = timing(self.pace);
        timing.idle + timing.pong
    }

    /// Lets a fault come, hold and go.
    pub(super) async fn suffer(&self, step: Step) -> Result<()> {
        let Step { fault, hold, rest } = step;
        let [proxied, archived, rest_of_them @ ..] = self.posts.as_slice() else { bail!("no accounts") };
        let both = [proxied, archived];
        let cabled = rest_of_them.first();
        match fault {
            Fault::Reset => {
                for (post, proxy) in both.iter().zip(&self.proxies) {
                    post.troubles().begin(Trouble::Reset);
                    proxy.reset().await;
                }
                sleep(hold).await;
                for post in both {
                    post.troubles().end(Trouble::Reset);
                }
            }
            Fault::Cut => self.line(&both, Trouble::Reset, Line::Cut, hold).await,
            Fault::Dead => self.line(&both, Trouble::Dead, Line::Dead, hold).await,
            Fault::Fuse(way, bytes) => {
                self.line(&both, Trouble::Reset, Line::Fuse { way, bytes }, hold).await;
            }
            Fault::Slow => self.line(&both, Trouble::Slow, Line::Slow { bytes_per_s: 1000 }, hold).await,
            Fault::Late => {
                self.line(&both, Trouble::Late, Line::Late { by: Duration::from_millis(500) }, hold).await;
            }
            Fault::Spoil(one_in) => {
                let (before, _) = proxied.record()?;
                self.line(&[proxied], Trouble::Spoilt, Line::Spoiling { one_in }, hold).await;
                // A stream with a changed length may be out of step for as long as it lives; so it ends here.
                proxied.troubles().begin(Trouble::Reset);
                self.proxies[0].reset().await;
                proxied.troubles().end(Trouble::Reset);
                lock(&proxied.tainted).push(before..proxied.record()?.0 + 1);
            }
            Fault::Killed => drop(tokio::try_join!(kill(proxied, hold), kill(archived, hold))?),
            Fault::Closed => {
                proxied.troubles().begin(Trouble::Closed);
                lock(&proxied.server).close()?;
                sleep(hold).await;
                proxied.troubles().end(Trouble::Closed);
            }
            Fault::Proxyless => {
                if self.relay.is_used() {
                    archived.troubles().begin(Trouble::Proxyless);
                }
                self.relay.die().await;
                sleep(hold).await;
                self.relay.rise().await?;
                archived.troubles().end(Trouble::Proxyless);
            }
            Fault::Slept(seconds) => {
                for (post, proxy) in both.iter().zip(&self.proxies) {
                    post.troubles().begin(Trouble::Dead);
                    proxy.set(Line::Dead).await;
                }
                sleep(hold).await;
                WRONG_BY.fetch_add(seconds * 1000, Ordering::Relaxed);
                self.until_found_out(&both).await?;
                for (post, proxy) in both.iter().zip(&self.proxies) {
                    proxy.set(Line::Whole).await;
                    post.troubles().end(Trouble::Dead);
                }
            }
            Fault::Pulled(plug) => {
                if let (Some(cabled), Some(cable)) = (cabled, &self.cable) {
                    cabled.troubles().begin(Trouble::Pulled);
                    cable.pull(plug)?;
                    cabled.troubles().holds(Trouble::Pulled);
                    sleep(hold).await;
                    cable.plug_in()?;
                    cabled.troubles().end(Trouble::Pulled);
                }
            }
            Fault::Throttled => {
                if let (Some(cabled), Some(cable)) = (cabled, &self.cable) {
                    cabled.troubles().begin(Trouble::Slow);
                    cable.throttle(Some(8))?;
                    sleep(hold).await;
                    cable.throttle(None)?;
                    cabled.troubles().end(Trouble::Slow);
                }
            }
            Fault::KilledBeyond => {
                if let Some(cabled) = cabled {
                    kill(cabled, hold).await?;
                }
            }
            Fault::Nameless => {
                if let (Some(cabled), Some(cable)) = (cabled, &self.cable) {
                    cabled.troubles().begin(Trouble::Nameless);
                    cable.name(Known::No)?;
                    kill(cabled, hold).await?;
                    cable.name(Known::Yes)?;
                    cabled.troubles().end(Trouble::Nameless);
                }
            }
            Fault::FullDisk => {
                let since = Instant::now();
                self.disk.fill()?;
                sleep(hold).await;
                self.disk.empty()?;
                for post in &self.posts {
                    post.troubles().written_again(since);
                }
            }
            Fault::ClockJump(seconds) => {
                WRONG_BY.fetch_add(seconds * 1000, Ordering::Relaxed);
                sleep(hold).await;
            }
            Fault::Quit => self.quit(hold).await?,
        }
        sleep(rest).await;
        Ok(())
    }

    /// Waits until none of these is called online any more. Counts its own ticks, which are as late as the machine is busy.
    async fn until_found_out(&self, posts: &[&Arc<Post>]) -> Result<()> {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut online = Vec::new();
        for _ in 0..FOUND_OUT {
            ticks.tick().await;
            online.clear();
            let engine = self.engine.read().await;
            let Some(engine) = engine.as_ref() else { return Ok(()) };
            for post in posts {
                if matches!(status(engine, post).await?, Status::Online { .. }) {
                    online.push(post.name);
                }
            }
            if online.is_empty() {
                return Ok(());
            }
        }
        bail!("the clocks came apart, and no check found the lines of {online:?} dead")
    }

    async fn line(&self, posts: &[&Arc<Post>], trouble: Trouble, line: Line, hold: Duration) {
        for (post, proxy) in posts.iter().zip(&self.proxies) {
            post.troubles().begin(trouble);
            proxy.set(line).await;
        }
        sleep(hold).await;
        for (post, proxy) in posts.iter().zip(&self.proxies) {
            proxy.set(Line::Whole).await;
            post.troubles().end(trouble);
        }
    }

    async fn quit(&self, hold: Duration) -> Result<()> {
        for post in &self.posts {
            post.troubles().begin(Trouble::Quit);
        }
        let mut engine = self.engine.write().await;
        if let Some(engine) = engine.take() {
            engine.shutdown().await;
        }
        sleep(hold).await;
        *engine = Some(open(&self.disk, self.pace).await?);
        for post in &self.posts {
            post.troubles().end(Trouble::Quit);
        }
        Ok(())
    }
}

/// A proxy, and the place where its server is to be. That is held until the proxy has one of its own.
async fn before_nobody(seed: u64) -> Result<(FaultProxy, SocketAddr)> {
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let place = held.local_addr()?;
    Ok((FaultProxy::start(place, seed).await?, place))
}

async fn kill(post: &Post, hold: Duration) -> Result<()> {
    post.troubles().begin(Trouble::Killed);
    lock(&post.server).kill()?;
    sleep(hold).await;
    lock(&post.server).run()?;
    post.troubles().end(Trouble::Killed);
    Ok(())
}

async fn open(disk: &Disk, pace: Pace) -> Result<Handle> {
    let setup = Setup {
        path: disk.path().join("history.db"),
        host: Arc::new(Deaf),
        keyring: Arc::new(engine::NoKeyring),
        protocols: PROTOCOLS,
        tls: engine::platform_tls()?,
        timing: timing(pace),
        recording: Recording::On,
        clock,
    };
    let engine = engine::open(setup).await.map_err(|fault| anyhow!("{fault:?}"))?;
    engine.connect_all().await;
    Ok(engine)
}

async fn post(name: &'static str, engine: &Handle, url: &str, server: Server, proxy: Proxy) -> Result<Post> {
    let protocol = match server.kind() {
        Kind::Room => PLAIN.descriptor().id,
        Kind::Archive => ARCHIVE.descriptor().id,
    };
    let config =
        AccountConfig { protocol: protocol.into(), url: url.into(), proxy, ..AccountConfig::default() };
    let account =
        engine.add_account(txn(name)?, config, Vec::new()).await.map_err(|fault| anyhow!("{fault:?}"))?;
    let sidebar = engine.sidebar().await.map_err(|fault| anyhow!("{fault:?}"))?;
    let conversation = sidebar.conversations.iter().find(|conversation| conversation.account == account);
    Ok(Post {
        name,
        kind: server.kind(),
        account,
        conversation: conversation.context("a plain account's conversation")?.id,
        record: server.record().to_owned(),
        server: Mutex::new(server),
        troubles: Mutex::default(),
        words: Mutex::default(),
        tainted: Mutex::default(),
    })
}
