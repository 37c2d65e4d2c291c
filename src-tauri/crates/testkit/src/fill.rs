//! Stores of any size, for what must hold however long the history is. Written through the store's own API; the same
//! arguments write the same rows. No socket is opened: the account that is added is off.

use std::path::Path;

use anyhow::Result;
use domain::{
    AccountConfig, AccountId, Body, ConversationId, ConversationKey, Incoming, RemoteConversation, Sender,
    Timestamp,
};
use store::{Durability, Enabled};

/// Where a data folder keeps its history.
pub const HISTORY: &str = "data/history.db";

/// Rows of one transaction: more gains nothing.
const BATCH: u64 = 10_000;

/// The days that the messages are spread over.
const DAYS: i64 = 30;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The longest message, in sentences; most have one or two.
const LONGEST: u64 = 12;

const PEOPLE: [&str; 6] = ["Mei", "jonas", "吴桐", "Amélie", "sora", "Ольга"];

const SENTENCES: [&str; 24] = [
    "Good morning!",
    "Has anyone seen the notes from yesterday?",
    "The build is green again.",
    "I get the same answer on three machines, so it is not the network.",
    "早上好",
    "两个字也能搜到吗？比如“天气”。",
    "服务器已经重启，历史都在。",
    "Yes.",
    "👍",
    "Let us keep two hundred rows in the page and anchor by hand.",
    "断线的时候也可以写，恢复以后按顺序发出。",
    "Can you send me the address? I only have the old one.",
    "<b>This is text</b>, and it stays text & nothing else.",
    "Lunch at half past twelve?",
    "明天下午三点开会，请大家准时参加。",
    "The certificate runs out on Friday.",
    "It works on the train as well, only slowly.",
    "没关系，慢慢来。",
    "ws://localhost:8080/ws answers now.",
    "I would rather have one clear sentence than five vague ones.",
    "谢谢！",
    "See you tomorrow 👋",
    "这个问题我昨天也遇到了，升级以后就好了。",
    "Then it was the proxy after all; it cut every line that was idle for a minute.",
];

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The account, which is off.
    pub account: AccountId,
    /// Its one conversation.
    pub conversation: ConversationId,
}

/// Adds an account to the data folder `home`, with `count` messages of the days before `now`.
///
/// # Errors
/// What the store says.
pub fn fill(home: &Path, count: u64, now: Timestamp) -> Result<Filled> {
    let mut writer = store::open(&home.join(HISTORY), now)?.writer;
    let key = ConversationKey("stream".into());
    let filled = writer
        .write(Durability::Normal, now, |tx| {
            let config = AccountConfig {
                protocol: "plain".into(),
                name: "Archive".into(),
                url: "ws://127.0.0.1:9/".into(),
                ..AccountConfig::default()
            };
            let account = tx.add_account(&config)?;
            tx.set_enabled(account, Enabled::Off)?;
            let remote = RemoteConversation { key: key.clone(), ..RemoteConversation::default() };
            Ok(Filled { account, conversation: tx.ensure_conversation(account, &remote)? })
        })?
        .value;
    let mut chance = Chance(count);
    let mut next = 0;
    while next < count {
        let end = count.min(next + BATCH);
        writer.write(Durability::Normal, now, |tx| {
            for number in next..end {
                tx.insert_incoming(filled.conversation, &message(number, count, now, &key, &mut chance))?;
            }
            Ok(())
        })?;
        next = end;
    }
    writer.close()?;
    Ok(filled)
}

/// The first line of a message holds its number, so that a test can say which it sees.
fn message(number: u64, count: u64, now: Timestamp, key: &ConversationKey, chance: &mut Chance) -> Incoming {
    let mut text = format!("{}.", number + 1);
    // The least of two throws: short messages are the rule.
    let sentences = 1 + chance.below(LONGEST).min(chance.below(LONGEST));
    for _ in 0..sentences {
        text.push(if chance.below(20) == 0 { '\n' } else { ' ' });
        text.push_str(chance.pick(&SENTENCES));
    }
    let sender = match chance.below(4) {
        0 => Sender::Me,
        1 => Sender::Server,
        _ => Sender::Person { name: chance.pick(&PEOPLE).to_owned() },
    };
    let age = i128::from(DAYS * DAY_MS) * i128::from(count - number) / i128::from(count.max(1));
    let at = Timestamp(now.0.saturating_sub(i64::try_from(age).unwrap_or(i64::MAX)));
    Incoming {
        conversation: key.clone(),
        sender,
        body: Body::text(text),
        at: Some(at),
        ..Incoming::default()
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): enough for texts, and the same everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.below(from.len() as u64)).unwrap_or_default();
        from.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn a_filled_store_holds_what_was_asked_for_over_several_days() {
        let home = tempfile::tempdir().unwrap();
        let filled = fill(home.path(), 250, NOW).unwrap();
        let writer = store::open(&home.path().join(HISTORY), NOW).unwrap().writer;
        let mut reader = writer.reader().unwrap();
        let page = reader.latest(filled.conversation, 1).unwrap();
        assert!(page.has_older);
        let newest = page.rows.first().unwrap();
        assert!(newest.place.sort <= NOW);
        let (_, accounts, conversations) = reader.sidebar().unwrap();
        assert!(accounts.iter().all(|account| !account.enabled));
        assert!(conversations.iter().all(|conversation| conversation.unread > 0));
        let mut rows = 0;
        let mut page = reader.latest(filled.conversation, 100).unwrap();
        let oldest = loop {
            rows += page.rows.len();
            let first = page.rows.first().unwrap().place;
            if !page.has_older {
                break first;
            }
            page = reader.before(filled.conversation, first, 100).unwrap();
        };
        assert_eq!(rows, 250);
        assert!(NOW.0 - oldest.sort.0 > (DAYS - 1) * DAY_MS);
    }
}
