//! The process that is killed: the engine without a window, which does what its standard input says and tells on its
//! standard output what it has done.
//!
//! | line in | what it does | lines out |
//! | --- | --- | --- |
//! | `say FIRST COUNT PACE` | says `c-FIRST` and what follows, PACE microseconds apart | `said N` after each is answered |
//! | `settle OWN MARK` | waits until nothing moves: OWN messages of ours have come to rest, and a message `s-N` was heard whose N is MARK or more | `row JSON` for each row, `settled` |
//!
//! `online` is said at the first connection.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail};
use domain::{AccountConfig, ConversationId, Delivery, Healing, Item, Row, Sender, Status, Timestamp, TxnId};
use engine::contract::{Bell, Fault};
use engine::{Handle, Host, Recording, Setup, Timing};
use proto::{Protocol as _, Protocols};
use testkit::archive::ARCHIVE;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::watch;

/// What the client speaks.
static PROTOCOLS: Protocols = &[&proto::PLAIN, &ARCHIVE];

/// A bell may be lost, so the client looks without one now and then, as the window does.
const LOOK: Duration = Duration::from_millis(100);

/// A desktop that only hears bells.
struct Desktop(watch::Sender<u64>);

impl Host for Desktop {
    fn ring(&self, _: &Bell) {
        self.0.send_modify(|count| *count += 1);
    }
}

/// How far a server lets a message of ours come.
#[derive(Clone, Copy, PartialEq)]
enum Rest {
    Sent,
    Acknowledged,
}

struct Client {
    engine: Handle,
    rest: Rest,
    conversation: ConversationId,
    bells: watch::Receiver<u64>,
}

/// `client STORE URL PROTOCOL`.
pub(crate) async fn run(arguments: &[String]) -> Result<()> {
    let [store, url, protocol] = arguments else { bail!("usage: torture client STORE URL PROTOCOL") };
    let mut client = Client::open(Path::new(store), url, protocol).await?;
    let announcing = announce(client.engine.clone(), client.bells.clone());
    tokio::spawn(announcing);
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["say", first, count, pace] => client.say(first.parse()?, count.parse()?, pace.parse()?).await?,
            ["settle", own, mark] => client.settle(own.parse()?, mark.parse()?).await?,
            _ => bail!("what is {line:?}?"),
        }
    }
    Ok(())
}

impl Client {
    async fn open(store: &Path, url: &str, protocol: &str) -> Result<Self> {
        let (ring, bells) = watch::channel(0);
        let timing = Timing {
            backoff_base: Duration::from_millis(5),
            backoff_cap: Duration::from_millis(40),
            ..Timing::default()
        };
        let setup = Setup {
            path: store.to_path_buf(),
            host: Arc::new(Desktop(ring)),
            keyring: Arc::new(engine::NoKeyring),
            protocols: PROTOCOLS,
            tls: engine::platform_tls()?,
            timing,
            recording: Recording::On,
            clock: now,
        };
        let engine = engine::open(setup).await.map_err(plainly)?;
        let config =
            AccountConfig { protocol: protocol.to_owned(), url: url.to_owned(), ..AccountConfig::default() };
        // The intent of every start is the same one, so that there is one account however often it is killed.
        let account = engine.add_account(txn("account")?, config, Vec::new()).await.map_err(plainly)?;
        let sidebar = engine.sidebar().await.map_err(plainly)?;
        let ours = sidebar.conversations.iter().find(|conversation| conversation.account == account);
        let conversation = ours.context("the account has no conversation")?.id;
        engine.connect_all().await;
        let rest = if protocol == ARCHIVE.descriptor().id { Rest::Acknowledged } else { Rest::Sent };
        Ok(Self { engine, rest, conversation, bells })
    }

    async fn say(&mut self, first: u64, count: u64, pace: u64) -> Result<()> {
        for n in first..first + count {
            let sent =
                self.engine.send(txn(&format!("c{n}"))?, self.conversation, format!("c-{n}"), None).await;
            sent.map_err(plainly)?;
            tell(&format!("said {n}"))?;
            tokio::time::sleep(Duration::from_micros(pace)).await;
        }
        Ok(())
    }

    async fn settle(&mut self, own: usize, mark: u64) -> Result<()> {
        loop {
            self.bells.mark_unchanged();
            // The mark is among the newest rows; only when it is there is it worth reading all of them.
            let newest = self.engine.latest(self.conversation, 50).await.map_err(plainly)?.rows;
            let rows = if is_marked(&newest, mark) { self.rows().await? } else { Vec::new() };
            if !rows.is_empty() && is_at_rest(&rows, own, self.rest) {
                for row in rows {
                    tell(&format!("row {}", serde_json::to_string(&row)?))?;
                }
                return tell("settled");
            }
            let _ = tokio::time::timeout(LOOK, self.bells.changed()).await;
        }
    }

    async fn rows(&self) -> Result<Vec<Row>> {
        let mut page = self.engine.latest(self.conversation, 500).await.map_err(plainly)?;
        let mut rows = std::mem::take(&mut page.rows);
        while page.has_older {
            let first = rows.first().context("a page without rows")?.place;
            page = self.engine.before(self.conversation, first, 500).await.map_err(plainly)?;
            rows.splice(0..0, std::mem::take(&mut page.rows));
        }
        Ok(rows)
    }
}

/// A message of the other side with this number or a greater one is there.
fn is_marked(rows: &[Row], mark: u64) -> bool {
    rows.iter().any(|row| match &row.item {
        Item::Message { sender, body, .. } => {
            let number = body.to_plain().strip_prefix("s-").and_then(|number| number.parse::<u64>().ok());
            *sender != Sender::Me && number.is_some_and(|number| number >= mark)
        }
        Item::Gap { .. } | Item::Happening { .. } => false,
    })
}

/// All of ours have come as far as this server lets them, and no gap can be filled any more.
fn is_at_rest(rows: &[Row], own: usize, rest: Rest) -> bool {
    let mut count = 0;
    for row in rows {
        match &row.item {
            Item::Message { delivery: Some(delivery), .. } => {
                count += 1;
                let rests = match delivery {
                    Delivery::Queued | Delivery::Sending => false,
                    Delivery::Sent | Delivery::Unconfirmed => rest == Rest::Sent,
                    Delivery::Acknowledged | Delivery::Failed { .. } => true,
                };
                if !rests {
                    return false;
                }
            }
            Item::Message { delivery: None, .. }
            | Item::Happening { .. }
            | Item::Gap { healing: Healing::Unavailable, .. } => {}
            Item::Gap { healing: Healing::Offered | Healing::Loading | Healing::Failed { .. }, .. } => {
                return false;
            }
        }
    }
    count == own
}

/// Says `online` once.
async fn announce(engine: Handle, mut bells: watch::Receiver<u64>) {
    loop {
        bells.mark_unchanged();
        let online = engine.sidebar().await.is_ok_and(|sidebar| {
            sidebar.accounts.iter().any(|account| matches!(account.status, Status::Online { .. }))
        });
        if online {
            let _ = tell("online");
            return;
        }
        let _ = tokio::time::timeout(LOOK, bells.changed()).await;
    }
}

fn tell(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn txn(name: &str) -> Result<TxnId> {
    TxnId::parse(name).map_err(|error| anyhow!("{error}"))
}

fn plainly(fault: Fault) -> anyhow::Error {
    anyhow!("{fault}")
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
