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
use engine::{Handle, Host, Setup, Timing};
use proto::Protocols;
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

struct Client {
    engine: Handle,
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
            protocols: PROTOCOLS,
            tls: engine::platform_tls()?,
            timing,
            clock: now,
        };
        let engine = engine::open(setup).await.map_err(plainly)?;
        let config =
            AccountConfig { protocol: protocol.to_owned(), url: url.to_owned(), ..AccountConfig::default() };
        // The intent of every start is the same one, so that there is one account however often it is killed.
        let account = engine.add_account(txn("account")?, config).await.map_err(plainly)?;
        let sidebar = engine.sidebar().await.map_err(plainly)?;
        let ours = sidebar.conversations.iter().find(|conversation| conversation.account == account);
        let conversation = ours.context("the account has no conversation")?.id;
        engine.connect_all().await;
        Ok(Self { engine, conversation, bells })
    }

    async fn say(&mut self, first: u64, count: u64, pace: u64) -> Result<()> {
        for n in first..first + count {
            let sent = self.engine.send(txn(&format!("c{n}"))?, self.conversation, format!("c-{n}")).await;
            sent.map_err(plainly)?;
            tell(&format!("said {n}"))?;
            tokio::time::sleep(Duration::from_micros(pace)).await;
        }
        Ok(())
    }

    async fn settle(&mut self, own: usize, mark: u64) -> Result<()> {
        loop {
            self.bells.mark_unchanged();
            let rows = self.rows().await?;
            if is_settled(&rows, own, mark) {
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

/// Nothing of ours is on its way, no gap can be filled any more, and the mark was heard.
fn is_settled(rows: &[Row], own: usize, mark: u64) -> bool {
    let mut rested = 0;
    let mut is_marked = false;
    for row in rows {
        match &row.item {
            Item::Message { delivery: Some(delivery), .. } => match delivery {
                Delivery::Queued | Delivery::Sending => return false,
                Delivery::Sent | Delivery::Acknowledged | Delivery::Unconfirmed | Delivery::Failed { .. } => {
                    rested += 1;
                }
            },
            Item::Message { sender, body, .. } => {
                let number = body.to_plain().strip_prefix("s-").and_then(|number| number.parse::<u64>().ok());
                is_marked |= *sender != Sender::Me && number.is_some_and(|number| number >= mark);
            }
            Item::Gap { healing: Healing::Unavailable, .. } => {}
            Item::Gap { healing: Healing::Offered | Healing::Loading | Healing::Failed { .. }, .. } => {
                return false;
            }
        }
    }
    rested == own && is_marked
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
