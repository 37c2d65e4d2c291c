//! Search: whole however far the index has come, by the same rules in the index and beside it, and forgetful of what is
//! taken back.

use crate::bed::{Bed, DAWN, config, heard, named, room, txn};
use domain::{
    Body, Changes, ConversationId, ConversationKind, Hit, Incoming, MessageId, QueryFault,
    RemoteConversation, RemoteId, Search, Sender, Span, Target, Timestamp,
};
use proptest::prelude::*;
use store::{Durability, MAX_HITS, Query};

/// What people say to each other.
const SAID: &[&str] = &[
    "今天天气很好，我们去公园散步吧",
    "明天的会议改到下午三点",
    "昨晚的足球比赛你看了吗？",
    "我在北京大学学习计算机科学",
    "服务器又断线了，重新连接中…",
    "这个问题已经解决了，谢谢你的帮助！",
    "中文搜索必须找到两个字的词",
    "我喜欢吃麻婆豆腐和宫保鸡丁",
    "Let's meet at the Café Zoë at noon",
    "Der Bäcker in der Straße hat geöffnet",
    "Zażółć gęślą jaźń",
    "El niño comió piña en el jardín",
    "The server restarted; connections were re-established",
    "websocket handshake failed with 401",
    "see https://example.org/docs/search?q=web for more",
    "日本語のテレビを見ています",
    "한국어 메시지도 찾을 수 있어요",
    "Привет, как дела? Ещё увидимся",
    "混合 mixed 文字 text, wifi密码是12345",
    "👍🏽 sounds good 🎉",
];

fn said(query: &str) -> Query {
    Query::parse(query).unwrap()
}

fn found(bed: &mut Bed, query: &str) -> Vec<Hit> {
    let now = bed.now;
    let found = bed.reader.search(&said(query), None, None, MAX_HITS, now).unwrap();
    let Search::Found { hits, more: None } = found else { panic!("{query}: {found:?}") };
    hits
}

fn ids(bed: &mut Bed, query: &str) -> Vec<i64> {
    found(bed, query).iter().map(|hit| hit.message.0).collect()
}

fn fault(bed: &mut Bed, query: &str) -> QueryFault {
    let now = bed.now;
    match bed.reader.search(&said(query), None, None, MAX_HITS, now).unwrap() {
        Search::Unclear { fault } => fault,
        found @ Search::Found { .. } => panic!("{query}: {found:?}"),
    }
}

fn hear(bed: &mut Bed, message: &Incoming) -> i64 {
    let conversation = bed.conversation;
    crate::bed::id_of(bed.write(|tx| tx.insert_incoming(conversation, message))).0
}

fn hear_all(bed: &mut Bed, texts: &[&str]) -> Vec<i64> {
    texts.iter().map(|text| bed.hear(text).0).collect()
}

fn index(bed: &mut Bed, limit: u32) -> u32 {
    bed.write(|tx| tx.index(limit))
}

/// What is marked in an excerpt.
fn marked(hit: &Hit) -> Vec<&str> {
    hit.excerpt.iter().filter(|piece| piece.hit).map(|piece| piece.text.as_str()).collect()
}

/// How a plain scan reads a text: in one case, and without the diacritics of these texts.
fn plain(text: &str) -> String {
    let fold = |c: char| match c {
        'á' | 'ä' => 'a',
        'é' | 'ë' | 'ę' => 'e',
        'í' => 'i',
        'ó' | 'ö' => 'o',
        'ñ' | 'ń' => 'n',
        'ż' | 'ź' => 'z',
        'ł' => 'l',
        'ć' => 'c',
        'ś' => 's',
        'ą' => 'a',
        'ё' => 'е',
        c => c,
    };
    text.to_lowercase().chars().map(fold).collect::<String>().replace('ß', "ss")
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Every word of two and three characters that stands in a run of Han, every beginning of every Latin word of three
/// characters and more with and without its diacritics: what a plain scan finds is found, and nothing else.
#[test]
fn recall_is_whole_against_a_plain_scan() {
    let mut queries = std::collections::BTreeSet::new();
    for text in SAID {
        let characters: Vec<char> = text.chars().collect();
        for length in 1..=4 {
            let runs = characters.windows(length).filter(|window| window.iter().all(|c| is_han(*c)));
            queries.extend(runs.map(|window| window.iter().collect::<String>()));
        }
        for word in text.split(|c: char| !c.is_alphabetic() || is_han(c)) {
            let word: Vec<char> = word.chars().collect();
            for length in 3..=word.len() {
                let beginning: String = word[..length].iter().collect();
                queries.insert(plain(&beginning));
                queries.insert(beginning.to_uppercase());
            }
        }
    }
    assert!(queries.len() > 300, "{}", queries.len());
    for indexed in [0, SAID.len() / 2, SAID.len()] {
        let mut bed = Bed::new();
        let rows = hear_all(&mut bed, SAID);
        index(&mut bed, u32::try_from(indexed).unwrap());
        for query in &queries {
            let wanted = plain(query);
            let begins = |text: &str| {
                let text = plain(text);
                // Han stands anywhere, a word of letters where no letter stands before it.
                text.match_indices(&wanted).any(|(at, _)| {
                    let before = text.get(..at).and_then(|before| before.chars().next_back());
                    wanted.starts_with(is_han) || before.is_none_or(|c| !c.is_alphanumeric() || is_han(c))
                })
            };
            let mut expected: Vec<i64> =
                SAID.iter().zip(&rows).filter(|(text, _)| begins(text)).map(|(_, id)| *id).collect();
            expected.reverse();
            assert!(!expected.is_empty(), "{query}");
            assert_eq!(ids(&mut bed, query), expected, "{query} with {indexed} in the index");
        }
    }
}

#[test]
fn what_was_found_is_marked_as_it_was_written() {
    let mut bed = Bed::new();
    hear_all(&mut bed, SAID);
    for _ in 0..2 {
        for (query, expected) in [
            ("天气", vec!["天气"]),
            ("cafe zo", vec!["Café", "Zo"]),
            ("\"restarted connections\"", vec!["restarted; connections"]),
            ("strasse", vec!["Straße"]),
            ("wifi密码是1", vec!["wifi密码是1"]),
            ("テレビ", vec!["テレビ"]),
            ("메시", vec!["메시"]),
            ("🎉", vec!["🎉"]),
        ] {
            let hits = found(&mut bed, query);
            assert_eq!(hits.len(), 1, "{query}");
            assert_eq!(marked(&hits[0]), expected, "{query}");
        }
        assert_eq!(found(&mut bed, "\"rest\"").len(), 0, "quotes want whole words");
        index(&mut bed, 100);
    }
}

#[test]
fn names_rooms_days_and_links_narrow_it() {
    let mut bed = Bed::new();
    let account = bed.account;
    let person = |name: &str| Sender::Person { name: name.to_owned() };
    let day = |day: i64| Some(DAWN.plus_ms(day * 86_400_000));
    bed.now = DAWN.plus_ms(20 * 86_400_000);
    let ann = hear(&mut bed, &Incoming { at: day(1), ..named("word", "1", person("Ann")) });
    let anna =
        hear(&mut bed, &Incoming { at: day(2), ..named("word http://x.y", "2", person("änna [away]")) });
    let me = hear(&mut bed, &Incoming { at: day(3), ..named("word", "3", Sender::Me) });
    let link = Span::Link { text: "word".into(), url: Target::parse("https://x.y/").unwrap() };
    let linked = Incoming { body: Body { spans: vec![link] }, at: day(4), ..named("", "4", person("me")) };
    let linked = hear(&mut bed, &linked);
    let other = RemoteConversation { title: Some("#Lunch 午饭".into()), ..room("#lunch") };
    let other = bed.write(|tx| tx.ensure_conversation(account, &other));
    let there = bed.write(|tx| tx.insert_incoming(other, &named("word", "5", person("Ann"))));
    let there = crate::bed::id_of(there).0;
    for pass in 0..2 {
        for (query, expected) in [
            ("word", vec![there, linked, me, anna, ann]),
            ("from:ann", vec![there, anna, ann]),
            ("from:\"ann\"", vec![there, ann]),
            ("from:\"Änna [away]\" word", vec![anna]),
            ("from:me", vec![me]),
            ("from:\"me\"", vec![linked]),
            ("from:bob", vec![]),
            ("from:me from:\"ann\"", vec![there, me, ann]),
            ("has:link", vec![linked, anna]),
            ("has:link word from:an", vec![anna]),
            ("word in:lunch", vec![there]),
            ("word in:\"#lunch 午\"", vec![there]),
            ("word in:午饭", vec![there]),
            ("word in:room from:ann", vec![anna, ann]),
            ("word in:room in:lunch from:ann", vec![there, anna, ann]),
            ("word in:lunch from:me", vec![]),
        ] {
            assert_eq!(ids(&mut bed, query), expected, "{query} in pass {pass}");
        }
        assert_eq!(
            fault(&mut bed, "word in:nowhere"),
            QueryFault::NoConversation { value: "nowhere".into() }
        );
        let now = bed.now;
        let mut within = |query: &str, conversation: ConversationId| match bed
            .reader
            .search(&said(query), Some(conversation), None, 9, now)
            .unwrap()
        {
            Search::Found { hits, .. } => hits.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!([within("word", other), within("word", bed.conversation)], [1, 4]);
        assert_eq!(within("word in:room", other), 0, "the reader's own place counts too");
        index(&mut bed, 100);
    }
}

/// A day is the reader's own, so what is asserted holds wherever the test runs.
#[test]
fn days_begin_at_the_readers_midnight() {
    let mut bed = Bed::new();
    bed.now = Timestamp(1_764_400_000_000);
    let at = |bed: &Bed, hours: i64| Some(bed.now.plus_ms(hours * 3_600_000));
    let hours = [-24 * 30, -48, -24, 0];
    let rows: Vec<i64> = hours
        .map(|hours| {
            let at = at(&bed, hours);
            hear(&mut bed, &Incoming { at, ..heard("word") })
        })
        .into();
    index(&mut bed, 100);
    bed.now = Timestamp(1_764_400_000_000);
    for (query, expected) in [
        ("word after:today", vec![rows[3]]),
        ("word after:yesterday", vec![rows[3], rows[2]]),
        ("word before:today", vec![rows[2], rows[1], rows[0]]),
        ("word before:yesterday", vec![rows[1], rows[0]]),
        ("word after:2025-11-10 before:today", vec![rows[2], rows[1]]),
        ("word before:2025-11-10", vec![rows[0]]),
        ("word after:2025-11-10 before:2025-11-10", vec![]),
        ("word after:2099-1-1", vec![]),
    ] {
        assert_eq!(ids(&mut bed, query), expected, "{query}");
    }
}

#[test]
fn pages_go_on_where_the_last_one_ended_whatever_is_indexed() {
    let mut bed = Bed::new();
    let rows: Vec<i64> =
        (0..50).map(|n| bed.hear(if n % 5 == 0 { "other" } else { "word 词语" }).0).collect();
    let mut expected: Vec<i64> =
        rows.iter().enumerate().filter(|(n, _)| n % 5 != 0).map(|(_, id)| *id).collect();
    expected.reverse();
    for indexed in [0, 7, 18, 60] {
        index(&mut bed, indexed);
        for (query, count) in [("word", 7), ("词", 20), ("词语", 40), ("word", 1)] {
            let (mut before, mut pages) = (None, Vec::new());
            loop {
                let now = bed.now;
                let page = bed.reader.search(&said(query), None, before, count, now).unwrap();
                let Search::Found { hits, more } = page else { panic!("{page:?}") };
                assert!(!hits.is_empty() && hits.len() <= count as usize);
                pages.extend(hits.iter().map(|hit| hit.message.0));
                before = more;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(pages, expected, "{query} by {count}");
        }
    }
}

#[test]
fn the_index_comes_on_in_chunks_and_knows_what_is_left() {
    let mut bed = Bed::new();
    assert_eq!(index(&mut bed, 10), 0);
    let rows = hear_all(&mut bed, &["one", "two", "three"]);
    bed.say("four");
    let conversation = bed.conversation;
    let page = bed.reader.latest(conversation, 9).unwrap();
    let (first, last) = (page.rows.first().map(|row| row.place), page.rows.last().map(|row| row.place));
    assert_eq!(bed.reader.unindexed().unwrap(), 4 + u64::try_from(rows[0]).unwrap() - 1);
    while index(&mut bed, 1) > 0 {}
    assert_eq!(bed.reader.unindexed().unwrap(), 0);
    let changes = bed.reader.changes(conversation, first, last, page.rev).unwrap();
    assert!(matches!(&changes, Changes::Delta { upserts, .. } if upserts.is_empty()), "{changes:?}");
    for word in ["one", "two", "three", "four"] {
        assert_eq!(ids(&mut bed, word).len(), 1, "{word}");
    }
}

#[test]
fn what_is_changed_discarded_or_taken_back_is_found_no_more() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    for indexed in [false, true] {
        let first = bed.say(&format!("first-{indexed}"));
        let second = bed.say(&format!("second-{indexed}"));
        let third = hear(&mut bed, &named("third", &indexed.to_string(), Sender::Server));
        let fourth = format!("fourth-{indexed}");
        bed.say(&fourth);
        if indexed {
            index(&mut bed, 100);
        }
        assert!(bed.write(|tx| tx.edit_own(first, &Body::text("altered"))));
        assert!(bed.write(|tx| tx.discard(second)));
        let echo =
            Incoming { txn: Some(txn(&fourth)), altered: true, ..named("struck out", &fourth, Sender::Me) };
        let echo = MessageId(hear(&mut bed, &echo));
        assert_eq!(ids(&mut bed, "struck")[0], echo.0);
        bed.write(|tx| tx.retract(conversation, &RemoteId(indexed.to_string()), &Sender::Server, None));
        assert_eq!(ids(&mut bed, "altered")[0], first.0);
        let others = ["first", "second"].map(|word| format!("{word}-{indexed}"));
        for gone in others.into_iter().chain([fourth, "third".to_owned()]) {
            assert_eq!(ids(&mut bed, &gone), [0; 0], "{gone} {third}");
        }
    }
}

#[test]
fn our_row_that_a_late_receipt_takes_back_leaves_the_index() {
    let mut bed = Bed::new();
    let (account, conversation, name) = (bed.account, bed.conversation, RemoteId("1".to_owned()));
    bed.say("regretted");
    bed.write(|tx| tx.dispatch(account, 9));
    hear(&mut bed, &named("regretted", "1", Sender::Me));
    index(&mut bed, 100);
    bed.write(|tx| tx.retract(conversation, &name, &Sender::Me, None));
    assert_eq!(ids(&mut bed, "regretted").len(), 1, "nothing says yet that two are one");
    bed.write(|tx| tx.acknowledged(&txn("regretted"), Some(&name), None));
    assert_eq!(words_in_index(&bed), [""; 0]);
}

#[test]
fn what_is_removed_with_its_room_or_account_leaves_the_index() {
    for many in [3, 1_100] {
        let mut bed = Bed::new();
        let account = bed.write(|tx| tx.add_account(&config("two")));
        let direct = RemoteConversation { kind: ConversationKind::Direct, ..room("ann") };
        let direct = bed.write(|tx| tx.ensure_conversation(account, &direct));
        bed.hear("kept");
        bed.write(|tx| {
            (0..many).try_for_each(|_| tx.insert_incoming(direct, &heard("removedword")).map(drop))
        });
        while index(&mut bed, 500) > 0 {}
        assert!(words_in_index(&bed).contains(&"removedword".to_owned()));
        assert!(bed.write(|tx| tx.remove_conversation(direct)));
        assert_eq!(ids(&mut bed, "removedword"), [0; 0]);
        assert_eq!(ids(&mut bed, "kept").len(), 1, "and the rest is found, {many}");
        while index(&mut bed, 500) > 0 {}
        assert_eq!(words_in_index(&bed).iter().filter(|word| *word == "removedword").count(), 0);
        assert!(words_in_index(&bed).contains(&"kept".to_owned()));
        let one = bed.account;
        assert!(bed.write(|tx| tx.remove_account(one)));
        assert_eq!(ids(&mut bed, "kept"), [0; 0]);
        assert!(!words_in_index(&bed).contains(&"kept".to_owned()));
    }
}

fn words_in_index(bed: &Bed) -> Vec<String> {
    let sql = rusqlite::Connection::open(bed.path()).unwrap();
    sql.execute_batch("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, search, row)").unwrap();
    let mut statement = sql.prepare("SELECT term FROM temp.vocabulary").unwrap();
    let terms = statement.query_map([], |row| row.get(0)).unwrap();
    terms.collect::<Result<_, _>>().unwrap()
}

/// A history from before there was a search, or with an index of other words than this program's: everything is found at
/// once, and again once it is in the index.
#[test]
fn a_history_without_an_index_of_these_words_is_searched_at_once() {
    for state in ["UPDATE search_state SET upto = 0, words = 0", "UPDATE search_state SET words = -1"] {
        let mut bed = Bed::new();
        hear_all(&mut bed, SAID);
        index(&mut bed, 100);
        let (path, _folder) = (bed.path(), bed.folder);
        drop(bed.reader);
        bed.writer.close().unwrap();
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch(state).unwrap();
        drop(other);
        let mut writer = store::open(&path, DAWN).unwrap().writer;
        let mut reader = writer.reader().unwrap();
        assert!(reader.unindexed().unwrap() >= SAID.len() as u64);
        for _ in 0..2 {
            let page = reader.search(&said("天气"), None, None, 9, DAWN).unwrap();
            let Search::Found { hits, more: None } = page else { panic!("{page:?}") };
            assert_eq!(hits.len(), 1);
            while writer.write(Durability::Normal, DAWN, |tx| tx.index(7)).unwrap().value > 0 {}
        }
        assert_eq!(reader.unindexed().unwrap(), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// With none, some or all of it in the index: the same hits, and of characters without spaces just those that a plain
    /// scan finds.
    #[test]
    fn the_index_and_the_scan_agree_with_each_other_and_with_a_plain_one(
        texts in prop::collection::vec("[你好世界abé ,.]{0,12}", 1..20),
        queries in prop::collection::vec("[你好世界]{1,4}|[abé]{1,3}|[a你 b\"]{1,6}", 1..8),
        indexed in 0..20_u32,
    ) {
        let mut bed = Bed::new();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let rows = hear_all(&mut bed, &texts);
        let queries: Vec<_> = queries.iter().filter(|query| Query::parse(query).is_ok()).collect();
        let before: Vec<_> = queries.iter().map(|query| found(&mut bed, query)).collect();
        index(&mut bed, indexed);
        let between: Vec<_> = queries.iter().map(|query| found(&mut bed, query)).collect();
        while index(&mut bed, 3) > 0 {}
        let after: Vec<_> = queries.iter().map(|query| found(&mut bed, query)).collect();
        prop_assert_eq!(&before, &between);
        prop_assert_eq!(&before, &after);
        for (query, hits) in queries.iter().zip(&after) {
            if query.chars().all(is_han) {
                let mut expected: Vec<MessageId> = texts.iter().zip(&rows)
                    .filter(|(text, _)| text.contains(query.as_str())).map(|(_, id)| MessageId(*id)).collect();
                expected.reverse();
                let hits: Vec<_> = hits.iter().map(|hit| hit.message).collect();
                prop_assert_eq!(hits, expected, "{}", query);
            }
        }
    }
}
