//! IRC through the whole engine: real servers, and a modern one of our own for what those lack.

mod inspircd;
mod modern;
mod passwords;
mod person;

use crate::common::{Bench, all, txn};
use domain::{
    AccountConfig, AccountId, Change, Conversation, ConversationId, Delivery, Item, LogIn, Row, Sender,
};
use engine::contract::{AccountView, GivenSecret};
use std::collections::BTreeMap;

/// An account of somebody who is called so and is in these rooms.
fn config(url: &str, nick: &str, channels: &str) -> AccountConfig {
    let fields = [("nick", nick), ("channels", channels)];
    let fields: BTreeMap<_, _> = fields.map(|(id, value)| (id.to_owned(), value.to_owned())).into();
    AccountConfig {
        protocol: "irc".into(),
        url: url.into(),
        origin: url.replace("ws:", "http:").trim_end_matches('/').into(),
        fields,
        ..AccountConfig::default()
    }
}

/// Logs in, and waits for the rooms.
async fn enter(bench: &Bench, url: &str, nick: &str, channel: &str) -> (AccountId, ConversationId) {
    let account = bench.engine.add_account(txn(), config(url, nick, channel), Vec::new()).await.unwrap();
    bench.until_online(account).await;
    (account, room(bench, account, channel).await)
}

/// The conversation of that name, once we are in it.
async fn room(bench: &Bench, account: AccountId, name: &str) -> ConversationId {
    until_conversation(bench, account, name, |conversation| !conversation.left).await
}

async fn until_conversation(
    bench: &Bench,
    account: AccountId,
    name: &str,
    wanted: impl Fn(&Conversation) -> bool,
) -> ConversationId {
    bench
        .until(&format!("the conversation {name}"), async |engine| {
            let sidebar = engine.sidebar().await.unwrap();
            let mut found = sidebar.conversations.into_iter();
            let is_it = |one: &Conversation| one.account == account && one.title.as_deref() == Some(name);
            found.find(|one| is_it(one) && wanted(one)).map(|one| one.id)
        })
        .await
}

async fn until_account<T>(
    bench: &Bench,
    account: AccountId,
    what: &str,
    wanted: impl Fn(&AccountView) -> Option<T>,
) -> T {
    bench
        .until(what, async |engine| {
            let sidebar = engine.sidebar().await.unwrap();
            sidebar.accounts.iter().find(|view| view.account.id == account).and_then(&wanted)
        })
        .await
}

/// Waits until somebody is in a room, as we see it.
async fn until_there(bench: &Bench, room: ConversationId, name: &str) {
    bench
        .until(&format!("{name} in the room"), async |engine| {
            let people = engine.people(room).await.unwrap();
            people.members.iter().any(|member| member.name == name).then_some(())
        })
        .await;
}

/// Who said what, in order; what the server says is left out.
fn said(rows: &[Row]) -> Vec<(String, String)> {
    let text = |row: &Row| match &row.item {
        Item::Message { sender, body, .. } => Some((who(sender)?, body.to_plain())),
        Item::Gap { .. } | Item::Happening { .. } => None,
    };
    rows.iter().filter_map(text).collect()
}

fn who(sender: &Sender) -> Option<String> {
    match sender {
        Sender::Server => None,
        Sender::Me => Some("me".to_owned()),
        Sender::Person { name } => Some(name.clone()),
    }
}

/// What happened that nobody said.
fn changes(rows: &[Row]) -> Vec<Change> {
    let change = |row: &Row| match &row.item {
        Item::Happening { change, .. } => Some(change.clone()),
        Item::Gap { .. } | Item::Message { .. } => None,
    };
    rows.iter().filter_map(change).collect()
}

/// Waits until a row says so, and gives it.
async fn until_row(bench: &Bench, room: ConversationId, text: &str, wanted: impl Fn(&Item) -> bool) -> Row {
    bench
        .until(&format!("the row {text:?}"), async |engine| {
            let rows = all(engine, room).await;
            let is_it = |row: &Row| match &row.item {
                Item::Message { body, .. } => body.to_plain().contains(text) && wanted(&row.item),
                Item::Gap { .. } | Item::Happening { .. } => false,
            };
            rows.into_iter().find(is_it)
        })
        .await
}

/// Waits until what we said is acknowledged.
async fn until_acknowledged(bench: &Bench, room: ConversationId, text: &str) -> Row {
    let acknowledged =
        |item: &Item| matches!(item, Item::Message { delivery: Some(Delivery::Acknowledged), .. });
    until_row(bench, room, text, acknowledged).await
}

fn by_account(config: AccountConfig, account: &str) -> AccountConfig {
    AccountConfig { log_in: LogIn::Protocol { user: account.to_owned() }, ..config }
}

fn password(value: &str) -> Vec<GivenSecret> {
    vec![GivenSecret { kind: domain::SecretKind::LogIn, value: value.to_owned() }]
}
