//! The rows of a conversation, read for what they say.

use super::world::Post;
use anyhow::{Result, anyhow};
use domain::{Delivery, Item, Row, Sender};
use engine::Handle;
use testkit::archive::ME;
use testkit::faults::unseal;

pub(super) fn gone<E: std::fmt::Debug>(error: E) -> anyhow::Error {
    anyhow!("the engine does not answer: {error:?}")
}

pub(super) async fn all(engine: &Handle, post: &Post) -> Result<Vec<Row>> {
    let mut page = engine.latest(post.conversation, 500).await.map_err(gone)?;
    let mut rows = std::mem::take(&mut page.rows);
    while let (true, Some(first)) = (page.has_older, rows.first()) {
        page = engine.before(post.conversation, first.place, 500).await.map_err(gone)?;
        rows.splice(0..0, std::mem::take(&mut page.rows));
    }
    Ok(rows)
}

/// Text and state of a message of ours.
pub(super) fn own(row: &Row) -> Option<(String, Delivery)> {
    match &row.item {
        Item::Message { sender: Sender::Me, body, delivery: Some(delivery), .. } => {
            Some((body.to_plain(), delivery.clone()))
        }
        Item::Message { .. } | Item::Gap { .. } | Item::Happening { .. } => None,
    }
}

/// What others said, as the rows have it.
pub(super) fn others(rows: &[Row]) -> Vec<String> {
    let text = |row: &Row| match &row.item {
        Item::Message { sender: Sender::Person { .. }, body, .. } => Some(body.to_plain()),
        Item::Message { .. } | Item::Gap { .. } | Item::Happening { .. } => None,
    };
    rows.iter().filter_map(text).collect()
}

/// What others said, as the log of the archive has it.
pub(super) fn said_by_others(post: &Post) -> Result<Vec<String>> {
    Ok(post.log()?.into_iter().filter(|said| said.from != ME).map(|said| said.text).collect())
}

/// Connection, number and text of a row that the server said, where its seal fits.
pub(super) fn heard(row: &Row) -> Option<(u64, u64, String)> {
    let Item::Message { sender: Sender::Server, body, .. } = &row.item else { return None };
    let plain = body.to_plain();
    let (place, said) = unseal(&plain)?.split_once(' ')?;
    let (connection, number) = place.split_once('.')?;
    Some((connection.parse().ok()?, number.parse().ok()?, said.to_owned()))
}

/// The beginning of a text, for people.
pub(super) fn head(text: &str) -> String {
    text.chars().take(6).collect()
}
