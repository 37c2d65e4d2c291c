//! How soon a search answers in a long history: the first page of several queries, against a page of the timeline in the
//! same run, with all of it in the index and with nothing. And what the index costs, against storing alone.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

use domain::{MessageId, Place, Search, Timestamp};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use store::{Durability, Query, Reader, Writer};
use testkit::figures::median;
use testkit::fill::{HISTORY, fill};

const MESSAGES: u64 = 1_000_000;
/// Rows of one write of the index, as the engine's.
const CHUNK: u32 = 2_000;
/// How often each query is asked; of the slow ones less, see [`times`].
const ROUNDS: usize = 25;
/// Hits of a page, as the window asks for them, and rows of a page of the timeline.
const PAGE: u32 = 40;

const QUERIES: [(&str, &str); 8] = [
    ("a rare word", "123456"),
    ("a word that stands in nothing", "nothingatall"),
    ("a common word", "yesterday"),
    ("two words and a phrase", "proxy \"cut every line\""),
    ("two characters", "天气"),
    ("one character", "天"),
    ("a beginning of one letter", "w"),
    ("somebody's words", "from:mei certificate"),
];

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let now = now();
    let begin = Instant::now();
    let filled = fill(folder.path(), MESSAGES, now).unwrap();
    let stored = begin.elapsed();
    let mut writer = store::open(&folder.path().join(HISTORY), now).unwrap().writer;
    let mut reader = writer.reader().unwrap();
    let middle = Place { sort: Timestamp(now.0 - 15 * 86_400_000), id: MessageId(0) };
    let timeline = |reader: &mut Reader| {
        median((0..ROUNDS).map(|_| {
            let begin = Instant::now();
            assert_eq!(reader.before(filled.conversation, middle, PAGE).unwrap().rows.len(), PAGE as usize);
            begin.elapsed().as_secs_f64()
        }))
    };
    println!(
        "search in {MESSAGES} messages, first page of {PAGE}; the middle one of {ROUNDS} rounds, fewer of slow ones"
    );
    let page = timeline(&mut reader);
    println!("  a page of the timeline            {:>9.2} ms", page * 1_000.0);
    println!("nothing in the index");
    ask_all(&mut reader, now, page);

    let before = size(&writer);
    let begin = Instant::now();
    let mut longest = Duration::ZERO;
    loop {
        let chunk = Instant::now();
        if writer.write(Durability::Normal, now, |tx| tx.index(CHUNK)).unwrap().value == 0 {
            break;
        }
        longest = longest.max(chunk.elapsed());
    }
    let indexed = begin.elapsed();
    writer.checkpoint().unwrap();
    println!("all of it in the index");
    let page = timeline(&mut reader);
    ask_all(&mut reader, now, page);
    let rate = |time: Duration| MESSAGES as f64 / time.as_secs_f64();
    println!("  stored                            {:>9.0} messages/s", rate(stored));
    println!("  taken into the index              {:>9.0} messages/s", rate(indexed));
    println!("  the longest write of {CHUNK}          {:>9.0} ms", longest.as_secs_f64() * 1_000.0);
    println!(
        "  storing alone, of both            {:>9.2}",
        stored.as_secs_f64() / (stored + indexed).as_secs_f64()
    );
    println!(
        "  bytes a message, before and after {:>9.0} {:.0}",
        before / MESSAGES as f64,
        size(&writer) / MESSAGES as f64
    );
}

fn ask_all(reader: &mut Reader, now: Timestamp, page: f64) {
    for (what, query) in QUERIES {
        let (time, hits) = times(reader, query, now);
        println!("  {what:<32}  {:>9.2} ms {:>8.1} times, {hits} hits", time * 1_000.0, time / page);
    }
}

/// How long the first page of a query takes, and how many hits it has.
fn times(reader: &mut Reader, query: &str, now: Timestamp) -> (f64, usize) {
    let query = Query::parse(query).unwrap();
    let (mut rounds, mut hits) = (Vec::new(), 0);
    let begin = Instant::now();
    while rounds.len() < ROUNDS && (rounds.len() < 3 || begin.elapsed() < Duration::from_secs(5)) {
        let begin = Instant::now();
        let Search::Found { hits: page, .. } = reader.search(&query, None, None, PAGE, now).unwrap() else {
            panic!("an unclear query")
        };
        rounds.push(begin.elapsed().as_secs_f64());
        hits = page.len();
    }
    (median(rounds.into_iter()), hits)
}

fn size(writer: &Writer) -> f64 {
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    length(writer.path()) as f64
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}
