//! Brings what was said into the index of the search, beside everything else and never in its way. A search is whole
//! without it, only slower.

use crate::disk::{Disk, DiskError};
use std::time::Duration;
use store::Durability;
use tokio::time::{Instant, sleep};

/// Rows that are left alone: looking at so many one by one takes a search a few milliseconds, and a write for each
/// message would cost the index many times its own work.
const LEFT: u64 = 1_000;

/// Rows of one write. Whoever wants to write meanwhile waits for it.
const CHUNK: u32 = 2_000;

/// New rows a second from which on they are only stored: both would take longer than they keep coming.
const FLOOD: u64 = 5_000;

/// How often is looked while messages come.
const PAUSE: Duration = Duration::from_millis(250);

/// How long a disk that took nothing is left alone.
const DISK_PAUSE: Duration = Duration::from_secs(5);

/// Runs until the history is closed.
pub(crate) async fn run(disk: Disk) {
    let mut left = None;
    let mut looked = Instant::now();
    loop {
        match step(&disk, left, looked).await {
            Ok((now, next)) => {
                left = Some(now);
                looked = Instant::now();
                match next {
                    Next::Chunk => {}
                    Next::Pause => sleep(PAUSE).await,
                    Next::Wait => {
                        disk.written.notified().await;
                        sleep(PAUSE).await;
                    }
                }
            }
            Err(DiskError::Closed) => return,
            Err(error @ DiskError::Store(_)) => {
                tracing::warn!(%error, "the index");
                sleep(DISK_PAUSE).await;
            }
        }
    }
}

/// What comes after a step.
enum Next {
    /// The next step.
    Chunk,
    /// It, after a pause.
    Pause,
    /// It, once something was written.
    Wait,
}

/// Takes a chunk into the index where it is time for it. Returns how many rows are left. `before`: how many were when it
/// was looked last.
async fn step(disk: &Disk, before: Option<u64>, looked: Instant) -> Result<(u64, Next), DiskError> {
    let left = disk.read(|reader| reader.unindexed()).await?;
    if left < LEFT {
        return Ok((left, Next::Wait));
    }
    let came = left.saturating_sub(before.unwrap_or(left));
    if is_flood(came, looked.elapsed()) {
        return Ok((left, Next::Pause));
    }
    let taken = disk.write(Durability::Normal, |tx| tx.index(CHUNK)).await?.value;
    Ok((left.saturating_sub(u64::from(taken)), Next::Chunk))
}

fn is_flood(came: u64, time: Duration) -> bool {
    // A few at once are none, however short the time between two looks.
    let time = time.max(PAUSE).as_millis();
    u128::from(came) * 1_000 > u128::from(FLOOD) * time
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        AccountConfig, Body, ConversationId, ConversationKey, Incoming, RemoteConversation, Search, Timestamp,
    };
    use store::Query;

    async fn say(disk: &Disk, conversation: ConversationId, count: u64) {
        let job = move |tx: &mut store::Tx<'_>| {
            let message = Incoming { body: Body::text("天气 word"), ..Incoming::default() };
            (0..count).try_for_each(|_| tx.insert_incoming(conversation, &message).map(drop))
        };
        disk.write(Durability::Normal, job).await.unwrap();
    }

    async fn until_left(disk: &Disk, most: u64) {
        let wait = async {
            while disk.read(|reader| reader.unindexed()).await.unwrap() > most {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap();
    }

    async fn found(disk: &Disk) -> usize {
        let query = Query::parse("天气").unwrap();
        let search =
            disk.read(move |reader| reader.search(&query, None, None, 100, Timestamp(1))).await.unwrap();
        let Search::Found { hits, .. } = search else { panic!("{search:?}") };
        hits.len()
    }

    #[tokio::test]
    async fn what_there_is_and_what_comes_is_indexed_and_found_before_and_after() {
        let folder = tempfile::tempdir().unwrap();
        let writer = store::open(&folder.path().join("history.db"), Timestamp(0)).unwrap().writer;
        let disk = Disk::start(writer, || Timestamp(1)).unwrap();
        let job = |tx: &mut store::Tx<'_>| {
            let account = tx.add_account(&AccountConfig::default())?;
            let key = ConversationKey("room".to_owned());
            tx.ensure_conversation(account, &RemoteConversation { key, ..RemoteConversation::default() })
        };
        let conversation = disk.write(Durability::Normal, job).await.unwrap().value;
        say(&disk, conversation, u64::from(CHUNK) + LEFT).await;
        assert_eq!(found(&disk).await, 100, "before anything is in the index");
        let indexer = tokio::spawn(run(disk.clone()));
        until_left(&disk, LEFT - 1).await;
        // More than was left, at a moment when it waits: a write wakes it.
        say(&disk, conversation, LEFT).await;
        until_left(&disk, LEFT - 1).await;
        assert_eq!(found(&disk).await, 100);
        indexer.abort();
        disk.close().await;
    }

    #[test]
    fn a_flood_is_many_for_long_and_not_a_batch() {
        for (came, ms, flood) in
            [(0, 1, false), (1_250, 1, false), (1_300, 1, true), (5_000, 1_000, false), (9_000, 1_000, true)]
        {
            assert_eq!(is_flood(came, Duration::from_millis(ms)), flood, "{came} in {ms} ms");
        }
    }
}
