//! How the words of `domain` lie in the tables: the only place that translates between the two.

use crate::{Result, StoreError};
use domain::{
    Account, AccountConfig, AccountId, Body, Conversation, ConversationId, ConversationKind, Delivery, Draft,
    Healing, HealingFault, Item, MAX_SHOWN, MessageId, NotifyRule, Place, Quote, Reaction, Rev, Row, Sender,
    Timestamp, Tone, TxnId,
};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};

/// `messages.kind` of a message.
pub(crate) const MESSAGE: i64 = 0;
/// `messages.kind` of a gap.
pub(crate) const GAP: i64 = 1;

/// `messages.kind` of a happening.
pub(crate) const HAPPENING: i64 = 2;

const SENDER_SERVER: i64 = 0;
/// `messages.sender` of our own messages.
pub(crate) const SENDER_ME: i64 = 1;
const SENDER_PERSON: i64 = 2;

/// The columns that [`read`] reads, in its order.
macro_rules! row_columns {
    () => {
        "id, sort_ms, rev, kind, at_ms, until_ms, sender, sender_name, text, spans, delivery, why, txn, deleted, \
         healing, tone, conversation_id, reply_to, mention, reactions, retracted, remote_id IS NOT NULL, change, \
         is_endless, flair"
    };
}
pub(crate) use row_columns;

/// A row that was read.
#[derive(Debug)]
pub(crate) enum Read {
    /// It is there.
    Row(Box<Row>),
    /// It was: its tombstone.
    Tombstone(MessageId),
}

/// What is read of a row before it is known whether the rest is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) place: Place,
    pub(crate) rev: Rev,
    pub(crate) deleted: bool,
}

/// Reads the head of a row with the columns of `row_columns!`.
pub(crate) fn head(row: &rusqlite::Row<'_>) -> Result<Head> {
    let place = Place { sort: Timestamp(row.get(1)?), id: MessageId(row.get(0)?) };
    Ok(Head { place, rev: Rev(row.get(2)?), deleted: row.get(13)? })
}

/// Reads the columns of `row_columns!`; of a long text its beginning.
pub(crate) fn read(sql: &Connection, row: &rusqlite::Row<'_>) -> Result<Read> {
    read_upto(sql, row, MAX_SHOWN)
}

/// Reads the columns of `row_columns!`, the whole text.
pub(crate) fn read_whole(sql: &Connection, row: &rusqlite::Row<'_>) -> Result<Read> {
    read_upto(sql, row, usize::MAX)
}

fn read_upto(sql: &Connection, row: &rusqlite::Row<'_>, most: usize) -> Result<Read> {
    let Head { place, rev, deleted } = head(row)?;
    if deleted {
        return Ok(Read::Tombstone(place.id));
    }
    let at = Timestamp(row.get(4)?);
    let item = match row.get(3)? {
        MESSAGE => {
            let retracted = row.get_ref(20)?.as_str_or_null().map_err(|_| BAD_RETRACTION)?;
            let retracted = retracted.map(serde_json::from_str).transpose().map_err(|_| BAD_RETRACTION)?;
            let text =
                row.get_ref(8)?.as_str_or_null().map_err(|_| BAD_BODY)?.map(|text| beginning(text, most));
            let cut = text.and_then(|(_, whole)| whole);
            let text = text.map(|(text, _)| text.to_owned());
            let (body, whole) = match &retracted {
                Some(_) => (Body::default(), None),
                None => BodyColumns { text, spans: row.get(9)? }.read()?.beginning(most),
            };
            let whole = cut.or(whole);
            Item::Message {
                sender: read_sender(row.get(6)?, row.get(7)?)?,
                // What cannot be read is no more than looks.
                flair: row.get::<_, Option<String>>(24)?.and_then(|flair| serde_json::from_str(&flair).ok()),
                body,
                whole,
                at,
                delivery: row
                    .get::<_, Option<State>>(10)?
                    .map(|state| delivery(state, row.get(11)))
                    .transpose()?,
                txn: row.get::<_, Option<String>>(12)?.map(TxnId::parse).transpose().map_err(|_| BAD_TXN)?,
                tone: read_tone(row.get(15)?),
                reply: match row.get::<_, Option<String>>(17)? {
                    Some(name) => Some(quote(sql, row.get(16)?, &name)?),
                    None => None,
                },
                reactions: read_reactions(row.get_ref(19)?.as_str_or_null().unwrap_or_default()),
                mentions_me: row.get(18)?,
                named: row.get(21)?,
                retracted,
            }
        }
        HAPPENING => Item::Happening {
            who: read_sender(row.get(6)?, row.get(7)?)?,
            change: serde_json::from_str(&row.get::<_, String>(22)?).map_err(|_| BAD_CHANGE)?,
            at,
        },
        GAP => Item::Gap {
            from: if row.get(23)? { None } else { Some(at) },
            until: row.get::<_, Option<i64>>(5)?.map(Timestamp),
            healing: healing(row.get(14)?, row.get(11)?)?,
        },
        _ => return Err(StoreError::Value { what: "a kind of row" }),
    };
    Ok(Read::Row(Box::new(Row { place, rev, item })))
}

/// The first `most` characters of a text, and how many it has if those are not all.
fn beginning(text: &str, most: usize) -> (&str, Option<u32>) {
    // No text has more characters than bytes, so a short one is not counted.
    if text.len() <= most {
        return (text, None);
    }
    match text.char_indices().nth(most).and_then(|(end, _)| text.get(..end)) {
        Some(beginning) => (beginning, Some(u32::try_from(text.chars().count()).unwrap_or(u32::MAX))),
        None => (text, None),
    }
}

/// How many characters of a message are quoted: what stands in one line.
const MAX_QUOTE: usize = 200;

/// What a row shows of the message that it answers.
fn quote(sql: &Connection, conversation: i64, name: &str) -> Result<Quote> {
    let nothing = Quote { id: None, sender: None, text: String::new() };
    let mut statement = sql.prepare_cached(
        "SELECT id, sender, sender_name, substr(text, 1, ?3), spans, retracted IS NOT NULL FROM messages
         WHERE conversation_id = ?1 AND remote_id = ?2 AND kind = 0 AND deleted = 0",
    )?;
    let mut rows = statement.query(params![conversation, name, MAX_QUOTE as i64])?;
    rows.next()?.map_or(Ok(nothing), read_quote)
}

/// Reads what is quoted: id, sender, the beginning of the text, spans, and whether it was taken back.
fn read_quote(row: &rusqlite::Row<'_>) -> Result<Quote> {
    let (id, sender) = (Some(MessageId(row.get(0)?)), Some(read_sender(row.get(1)?, row.get(2)?)?));
    let text = if row.get(5)? {
        String::new()
    } else {
        let body = BodyColumns { text: row.get(3)?, spans: row.get(4)? }.read()?;
        body.to_plain().chars().take(MAX_QUOTE).collect()
    };
    Ok(Quote { id, sender, text })
}

/// What stands in a composer, with what it answers if that can be read.
pub(crate) fn draft(sql: &Connection, conversation: ConversationId) -> Result<Draft> {
    let mut statement = sql.prepare_cached(
        "SELECT m.id, m.sender, m.sender_name, substr(m.text, 1, ?2), m.spans, 0, d.text
         FROM drafts d
         LEFT JOIN messages m ON m.id = d.reply_to AND m.conversation_id = d.conversation_id
                             AND m.kind = 0 AND m.deleted = 0 AND m.retracted IS NULL
         WHERE d.conversation_id = ?1",
    )?;
    let mut rows = statement.query(params![conversation.0, MAX_QUOTE as i64])?;
    let Some(row) = rows.next()? else { return Ok(Draft::default()) };
    let is_answer = row.get::<_, Option<i64>>(0)?.is_some();
    let reply = if is_answer { Some(read_quote(row)?) } else { None };
    Ok(Draft { text: row.get(6)?, reply })
}

/// Reactions as they stand in `messages.reactions`. What cannot be read is none: they are no message.
pub(crate) fn read_reactions(json: Option<&str>) -> Vec<Reaction> {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// As it stands in `messages.tone`.
pub(crate) fn tone_code(tone: Tone) -> i64 {
    match tone {
        Tone::Said => 0,
        Tone::Action => 1,
        Tone::Notice => 2,
    }
}

/// What stands in `messages.tone`.
pub(crate) fn read_tone(code: i64) -> Tone {
    [Tone::Action, Tone::Notice].into_iter().find(|tone| tone_code(*tone) == code).unwrap_or_default()
}

const BAD_CHANGE: StoreError = StoreError::Value { what: "a happening" };
const BAD_RETRACTION: StoreError = StoreError::Value { what: "a message that was taken back" };
const BAD_BODY: StoreError = StoreError::Value { what: "a body" };
const BAD_TXN: StoreError = StoreError::Value { what: "a transaction id" };

/// What is known of an own message's way: [`Delivery`] without its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Queued,
    Sending,
    Sent,
    Acknowledged,
    Unconfirmed,
    Failed,
}

impl State {
    const ALL: [Self; 6] =
        [Self::Queued, Self::Sending, Self::Sent, Self::Acknowledged, Self::Unconfirmed, Self::Failed];

    /// As it stands in `messages.delivery`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Acknowledged => "acknowledged",
            Self::Unconfirmed => "unconfirmed",
            Self::Failed => "failed",
        }
    }

    /// It counts as waiting, and is in the outbox.
    pub(crate) fn waits(self) -> bool {
        match self {
            Self::Queued | Self::Sending => true,
            Self::Sent | Self::Acknowledged | Self::Unconfirmed | Self::Failed => false,
        }
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        Self::ALL.into_iter().find(|state| state.word() == word).ok_or(FromSqlError::InvalidType)
    }
}

fn delivery(state: State, why: rusqlite::Result<Option<String>>) -> Result<Delivery> {
    Ok(match state {
        State::Queued => Delivery::Queued,
        State::Sending => Delivery::Sending,
        State::Sent => Delivery::Sent,
        State::Acknowledged => Delivery::Acknowledged,
        State::Unconfirmed => Delivery::Unconfirmed,
        State::Failed => Delivery::Failed { why: why?.unwrap_or_default() },
    })
}

fn healing(word: Option<String>, why: Option<String>) -> Result<Healing> {
    match word.as_deref() {
        None => Ok(Healing::Unavailable),
        Some("offered") => Ok(Healing::Offered),
        Some("loading") => Ok(Healing::Loading),
        Some("failed") => Ok(Healing::Failed { why: read_fault(&why.unwrap_or_default()) }),
        Some(_) => Err(StoreError::Value { what: "the healing of a gap" }),
    }
}

/// Before a server's words in `messages.why` of a gap.
const REFUSED: &str = "refused:";

/// Why a gap could not be filled, as it stands in `messages.why`.
pub(crate) fn fault_words(fault: &HealingFault) -> String {
    match fault {
        HealingFault::Offline => "offline".to_owned(),
        HealingFault::Silent => "silent".to_owned(),
        HealingFault::Stuck => "stuck".to_owned(),
        HealingFault::Refused { text } => format!("{REFUSED}{text}"),
    }
}

fn read_fault(words: &str) -> HealingFault {
    match words {
        "offline" => HealingFault::Offline,
        "silent" => HealingFault::Silent,
        "stuck" => HealingFault::Stuck,
        // Before there were codes, the words stood alone.
        _ => HealingFault::Refused { text: words.strip_prefix(REFUSED).unwrap_or(words).to_owned() },
    }
}

/// A sender in columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SenderColumns<'a> {
    pub(crate) code: i64,
    pub(crate) name: Option<&'a str>,
}

impl<'a> SenderColumns<'a> {
    pub(crate) fn of(sender: &'a Sender) -> Self {
        match sender {
            Sender::Server => Self { code: SENDER_SERVER, name: None },
            Sender::Me => Self { code: SENDER_ME, name: None },
            Sender::Person { name } => Self { code: SENDER_PERSON, name: Some(name) },
        }
    }
}

pub(crate) fn read_sender(code: Option<i64>, name: Option<String>) -> Result<Sender> {
    match (code, name) {
        (Some(SENDER_SERVER), _) => Ok(Sender::Server),
        (Some(SENDER_ME), _) => Ok(Sender::Me),
        (Some(SENDER_PERSON), Some(name)) => Ok(Sender::Person { name }),
        _ => Err(StoreError::Value { what: "a sender" }),
    }
}

/// A body in columns. Exactly one of the two is there.
#[derive(Clone, Debug)]
pub(crate) struct BodyColumns<T> {
    /// A body of one plain text span.
    pub(crate) text: Option<T>,
    /// Any other, its spans as JSON.
    pub(crate) spans: Option<String>,
}

impl<'a> BodyColumns<&'a str> {
    pub(crate) fn of(body: &'a Body) -> Result<Self> {
        Ok(match body.as_plain() {
            Some(text) => Self { text: Some(text), spans: None },
            None => Self { text: None, spans: Some(serde_json::to_string(&body.spans)?) },
        })
    }
}

impl BodyColumns<String> {
    pub(crate) fn read(self) -> Result<Body> {
        match (self.text, self.spans) {
            (Some(text), _) => Ok(Body::text(text)),
            (None, Some(json)) => match serde_json::from_str(&json) {
                Ok(spans) => Ok(Body { spans }),
                Err(_) => Err(BAD_BODY),
            },
            (None, None) => Err(BAD_BODY),
        }
    }
}

/// As it stands in `conversations.kind`.
pub(crate) fn kind_word(kind: ConversationKind) -> &'static str {
    match kind {
        ConversationKind::Stream => "stream",
        ConversationKind::Room => "room",
        ConversationKind::Direct => "direct",
    }
}

fn read_kind(word: &str) -> Result<ConversationKind> {
    [ConversationKind::Stream, ConversationKind::Room, ConversationKind::Direct]
        .into_iter()
        .find(|kind| kind_word(*kind) == word)
        .ok_or(StoreError::Value { what: "a kind of conversation" })
}

/// As it stands in `conversations.notify`.
pub(crate) fn rule_word(rule: NotifyRule) -> &'static str {
    match rule {
        NotifyRule::All => "all",
        NotifyRule::Mentions => "mentions",
        NotifyRule::Nothing => "nothing",
    }
}

fn read_rule(word: &str) -> Result<NotifyRule> {
    [NotifyRule::All, NotifyRule::Mentions, NotifyRule::Nothing]
        .into_iter()
        .find(|rule| rule_word(*rule) == word)
        .ok_or(StoreError::Value { what: "a rule of notifications" })
}

/// One account.
pub(crate) fn account(sql: &Connection, id: AccountId) -> Result<Option<Account>> {
    let mut statement =
        sql.prepare_cached("SELECT id, config, enabled, is_collapsed FROM accounts WHERE id = ?1")?;
    statement.query_row([id.0], |row| Ok(read_account(row))).optional()?.transpose()
}

/// All accounts, in the user's order.
pub(crate) fn accounts(sql: &Connection) -> Result<Vec<Account>> {
    let mut statement = sql.prepare_cached(
        "SELECT id, config, enabled, is_collapsed FROM accounts ORDER BY coalesce(ordinal, id)",
    )?;
    statement.query_and_then([], read_account)?.collect()
}

fn read_account(row: &rusqlite::Row<'_>) -> Result<Account> {
    let json: String = row.get(1)?;
    let config: AccountConfig =
        serde_json::from_str(&json).map_err(|_| StoreError::Value { what: "an account" })?;
    Ok(Account { id: AccountId(row.get(0)?), config, enabled: row.get(2)?, collapsed: row.get(3)? })
}

/// One conversation.
pub(crate) fn conversation(sql: &Connection, id: ConversationId) -> Result<Option<Conversation>> {
    let mut statement = sql.prepare_cached(
        "SELECT id, account_id, kind, title, topic, unread, read_sort_ms, read_id, waiting, is_left, mentions,
             is_pinned, is_muted, notify
         FROM conversations WHERE id = ?1",
    )?;
    statement.query_row(params![id.0], |row| Ok(read_conversation(row))).optional()?.transpose()
}

/// All conversations, account by account; in each the pinned ones first, then in the user's order.
pub(crate) fn conversations(sql: &Connection) -> Result<Vec<Conversation>> {
    let mut statement = sql.prepare_cached(
        "SELECT id, account_id, kind, title, topic, unread, read_sort_ms, read_id, waiting, is_left, mentions,
             is_pinned, is_muted, notify
         FROM conversations ORDER BY account_id, is_pinned DESC, coalesce(ordinal, id)",
    )?;
    statement.query_and_then([], read_conversation)?.collect()
}

fn read_conversation(row: &rusqlite::Row<'_>) -> Result<Conversation> {
    let kind: String = row.get(2)?;
    let rule: Option<String> = row.get(13)?;
    let read = match (row.get(6)?, row.get(7)?) {
        (Some(sort), Some(id)) => Some(Place { sort: Timestamp(sort), id: MessageId(id) }),
        _ => None,
    };
    Ok(Conversation {
        id: ConversationId(row.get(0)?),
        account: AccountId(row.get(1)?),
        kind: read_kind(&kind)?,
        title: row.get(3)?,
        topic: row.get(4)?,
        left: row.get(9)?,
        mentions: row.get(10)?,
        unread: row.get(5)?,
        read,
        waiting: row.get(8)?,
        pinned: row.get(11)?,
        muted: row.get(12)?,
        notify: rule.as_deref().map(read_rule).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Mark, Span, Style};

    #[test]
    fn only_a_body_that_is_more_than_plain_text_takes_the_second_column() {
        let style = Style { marks: [Mark::Bold].into(), ..Style::default() };
        let bold = Body { spans: vec![Span::Text { text: "a".to_owned(), style }] };
        for (body, plain) in [(Body::text("a"), true), (bold, false), (Body::default(), false)] {
            let columns = BodyColumns::of(&body).unwrap();
            assert_eq!((columns.text.is_some(), columns.spans.is_none()), (plain, plain), "{body:?}");
            let read = BodyColumns { text: columns.text.map(str::to_owned), spans: columns.spans }.read();
            assert_eq!(read.unwrap(), body);
        }
    }

    #[test]
    fn spans_from_before_there_were_looks_are_read_as_they_were() {
        let spans = Some(r#"[{"kind":"text","text":"a"},{"kind":"text","text":"b"}]"#.to_owned());
        let body = BodyColumns { text: None, spans }.read().unwrap();
        assert_eq!(body.spans, [Span::text("a"), Span::text("b")]);
    }
}
