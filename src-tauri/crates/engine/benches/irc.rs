//! What a whole protocol costs: fifty rooms of a thousand people each, and a hundred thousand lines of history into
//! committed rows, against the plain protocol's ingest of the same lines, each a message. The ways take turns in one run,
//! and the ratios are those of the rounds, so that a noisy machine disturbs all alike.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

use domain::{AccountConfig, AccountId, ConversationId, Healing, Item, People, Timestamp, TxnId};
use engine::contract::Bell;
use engine::{Enabled, Handle, Host, Recording, Setup, Timing};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use testkit::figures::median;
use testkit::ircd::bulk::{Bulk, ME, Past, Size, Whox};
use testkit::server::{Peer, Server, frames};
use tokio::sync::watch;

const ROOMS: usize = 50;
const MEMBERS: usize = 1000;
/// Of each room; a hundred thousand of all.
const MESSAGES: usize = 2000;
const ROUNDS: usize = 7;

/// How many rows are read at a time when all are looked through.
const PAGE: u32 = 500;

/// What is measured.
struct Case {
    name: &'static str,
    net: Arc<Bulk>,
    /// What of it goes over the line, for the plain protocol.
    plain: Arc<[u8]>,
    lines: usize,
    past: Past,
    whox: Whox,
    size: Size,
    took: Vec<f64>,
    plain_took: Vec<f64>,
}

struct Desktop(watch::Sender<()>);

impl Host for Desktop {
    fn ring(&self, _: &Bell) {
        self.0.send_replace(());
    }
}

/// An engine on a store of its own.
struct Bench {
    engine: Handle,
    heard: watch::Receiver<()>,
    _folder: TempDir,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let size = |members, messages| Size { rooms: ROOMS, members, messages };
    let mut cases = [
        case("joins, NAMES", size(MEMBERS, 0), Past::Replayed, Whox::Unknown),
        case("joins, NAMES and WHOX", size(MEMBERS, 0), Past::Replayed, Whox::Known),
        case("history, replayed", size(1, MESSAGES), Past::Replayed, Whox::Unknown),
        case("history, asked for by pages", size(1, MESSAGES + 1), Past::Asked, Whox::Unknown),
        case("joins and history, replayed", size(MEMBERS, MESSAGES), Past::Replayed, Whox::Unknown),
    ];
    for round in 0..=ROUNDS {
        for case in &mut cases {
            let took = runtime.block_on(through_irc(case)).as_secs_f64();
            let plain = runtime.block_on(through_plain(case)).as_secs_f64();
            // The first round warms up.
            if round > 0 {
                case.took.push(took);
                case.plain_took.push(plain);
            }
        }
    }
    println!("{ROOMS} rooms of {MEMBERS} people, {} messages, median of {ROUNDS} rounds", ROOMS * MESSAGES);
    for case in &cases {
        let ms = |times: &[f64]| median(times.iter().copied()) * 1000.0;
        let ratio = median(case.plain_took.iter().zip(&case.took).map(|(plain, took)| plain / took));
        println!(
            "  {:<28} {:>7} lines, {:>5.1} MB: {:>6.0} ms; as plain messages {:>6.0} ms; ratio {ratio:.2}",
            case.name,
            case.lines,
            case.plain.len() as f64 / 1e6,
            ms(&case.took),
            ms(&case.plain_took),
        );
    }
}

impl Case {
    /// Whether all people of a room are there, with what is told of them.
    fn is_known(&self, people: &People) -> bool {
        let told = self.whox == Whox::Unknown || people.members.iter().any(|member| member.away);
        told && people.members.len() == self.size.members
    }
}

fn case(name: &'static str, size: Size, past: Past, whox: Whox) -> Case {
    let net = Bulk::new(size, past, whox, now());
    let lines = match past {
        Past::Replayed => net.lines(),
        Past::Asked => net.history(),
    };
    let plain = frames(&lines).into();
    let net = Arc::new(net);
    Case { name, net, plain, lines: lines.len(), past, whox, size, took: Vec::new(), plain_took: Vec::new() }
}

/// From the adding of the account, or from its coming back, until all is there.
async fn through_irc(case: &Case) -> Duration {
    let net = Arc::clone(&case.net);
    let server = Server::start(move |peer: Peer| {
        let net = Arc::clone(&net);
        async move { net.serve(peer).await }
    });
    let server = server.await.unwrap();
    let mut bench = Bench::open().await;
    let fields = [("nick", ME.to_owned()), ("channels", case.net.channels())];
    let fields = fields.map(|(id, value)| (id.to_owned(), value)).into();
    let config =
        AccountConfig { protocol: "irc".into(), url: server.url(), fields, ..AccountConfig::default() };
    let mut start = Instant::now();
    let account = bench.engine.add_account(txn(), config, Vec::new()).await.unwrap();
    let rooms = bench.rooms(account).await;
    if case.past == Past::Asked {
        for room in &rooms {
            bench.until(async |engine| newest(engine, *room).await.map(drop)).await;
        }
        bench.engine.set_enabled(txn(), account, Enabled::Off).await.unwrap();
        bench.until(async |engine| gap(engine, rooms[0]).await.map(drop)).await;
        start = Instant::now();
        bench.engine.set_enabled(txn(), account, Enabled::On).await.unwrap();
    }
    for room in rooms.iter().rev() {
        bench.until(async |engine| case.is_known(&engine.people(*room).await.unwrap()).then_some(())).await;
    }
    if case.size.messages > 0 {
        match case.past {
            Past::Replayed => bench.until_replayed(&rooms, case.size.messages).await,
            Past::Asked => bench.until_healed(&rooms).await,
        }
    }
    let time = start.elapsed();
    for room in rooms {
        assert_eq!(bench.count(room).await, case.size.messages, "each message once");
    }
    bench.engine.shutdown().await;
    time
}

/// The same lines as messages of a server that says nothing else.
async fn through_plain(case: &Case) -> Duration {
    let bytes = Arc::clone(&case.plain);
    let server = Server::start(move |mut peer: Peer| {
        let bytes = Arc::clone(&bytes);
        async move {
            peer.accept().await?;
            peer.raw(bytes).await?;
            while peer.message().await?.is_some() {}
            Ok(())
        }
    });
    let server = server.await.unwrap();
    let mut bench = Bench::open().await;
    let config = AccountConfig { protocol: "plain".into(), url: server.url(), ..AccountConfig::default() };
    let start = Instant::now();
    bench.engine.add_account(txn(), config, Vec::new()).await.unwrap();
    bench
        .until(async |engine| {
            let sidebar = engine.sidebar().await.unwrap();
            sidebar.conversations.iter().any(|one| one.unread as usize == case.lines).then_some(())
        })
        .await;
    let time = start.elapsed();
    bench.engine.shutdown().await;
    time
}

impl Bench {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sender, heard) = watch::channel(());
        let setup = Setup {
            path: folder.path().join("history.db"),
            host: Arc::new(Desktop(sender)),
            keyring: Arc::new(engine::NoKeyring),
            protocols: proto::ALL,
            tls: engine::platform_tls().unwrap(),
            timing: Timing::default(),
            recording: Recording::On,
            clock: now,
        };
        Self { engine: engine::open(setup).await.unwrap(), heard, _folder: folder }
    }

    /// Looks at every bell until a condition gives something.
    async fn until<T>(&mut self, mut condition: impl AsyncFnMut(&Handle) -> Option<T>) -> T {
        loop {
            self.heard.mark_unchanged();
            if let Some(value) = condition(&self.engine).await {
                return value;
            }
            self.heard.changed().await.unwrap();
        }
    }

    /// All rooms, in the order in which they are joined, once we are in them.
    async fn rooms(&mut self, account: AccountId) -> Vec<ConversationId> {
        self.until(async |engine| {
            let sidebar = engine.sidebar().await.unwrap();
            let of = |at: usize| {
                let name = format!("#room{at}");
                let is_it = |title: &Option<String>| title.as_deref() == Some(&name);
                let found =
                    sidebar.conversations.iter().find(|one| one.account == account && is_it(&one.title));
                found.filter(|one| !one.left).map(|one| one.id)
            };
            (0..ROOMS).map(of).collect()
        })
        .await
    }

    /// Until the last message is there; the server says them in order.
    async fn until_replayed(&mut self, rooms: &[ConversationId], messages: usize) {
        let last = rooms[rooms.len() - 1];
        let texts = testkit::chat::texts(messages);
        self.until(async |engine| (newest(engine, last).await.as_ref() == texts.last()).then_some(())).await;
    }

    /// Until no room has a gap. What a session does not ask for by itself, the reader asks for.
    async fn until_healed(&mut self, rooms: &[ConversationId]) {
        for room in rooms {
            self.until(async |engine| {
                let Some((gap, healing)) = gap(engine, *room).await else { return Some(()) };
                if healing == Healing::Offered {
                    engine.heal(txn(), gap).await.unwrap();
                }
                None
            })
            .await;
        }
    }

    /// How many messages a conversation has.
    async fn count(&self, room: ConversationId) -> usize {
        let count = |page: &domain::Page| {
            page.rows.iter().filter(|row| matches!(row.item, Item::Message { .. })).count()
        };
        let mut page = self.engine.latest(room, PAGE).await.unwrap();
        let mut all = count(&page);
        while page.has_older {
            page = self.engine.before(room, page.rows[0].place, PAGE).await.unwrap();
            all += count(&page);
        }
        all
    }
}

/// What was said last in a conversation.
async fn newest(engine: &Handle, room: ConversationId) -> Option<String> {
    let page = engine.latest(room, 4).await.unwrap();
    page.rows.iter().rev().find_map(|row| match &row.item {
        Item::Message { body, .. } => Some(body.to_plain()),
        Item::Happening { .. } | Item::Gap { .. } => None,
    })
}

/// The gap at the end of a conversation, and what becomes of it.
async fn gap(engine: &Handle, room: ConversationId) -> Option<(domain::MessageId, Healing)> {
    let page = engine.latest(room, 4).await.unwrap();
    page.rows.iter().find_map(|row| match &row.item {
        Item::Gap { healing, .. } => Some((row.place.id, healing.clone())),
        Item::Message { .. } | Item::Happening { .. } => None,
    })
}

fn txn() -> TxnId {
    static LAST: AtomicU32 = AtomicU32::new(0);
    TxnId::parse(format!("bench{}", LAST.fetch_add(1, Ordering::Relaxed))).unwrap()
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}
