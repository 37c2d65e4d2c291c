//! What whole chat protocols have: tones, answers, mentions, reactions, taking back, happenings, rooms that are left.

use crate::bed::{Bed, heard, named, room, txn};
use domain::{
    Body, Change, Colour, ConversationId, ConversationKind, Flair, Happening, Incoming, Item, MessageId,
    Quote, Reaction, RemoteConversation, RemoteId, Retraction, Row, Sender, Timestamp, Tone,
};
use store::{MAX_NAMES, MAX_REACTIONS};

fn name(id: &str) -> RemoteId {
    RemoteId(id.to_owned())
}

fn person(name: &str) -> Sender {
    Sender::Person { name: name.to_owned() }
}

fn hear(bed: &mut Bed, message: &Incoming) -> MessageId {
    let conversation = bed.conversation;
    crate::bed::id_of(bed.write(|tx| tx.insert_incoming(conversation, message)))
}

fn row(bed: &mut Bed, id: MessageId) -> Row {
    bed.rows().into_iter().find(|row| row.place.id == id).unwrap()
}

#[test]
fn how_a_server_sets_a_name_off_is_kept_with_the_message() {
    let mut bed = Bed::new();
    let ink = Some(Colour::Rgb { red: 1, green: 2, blue: 3 });
    let flair = Box::new(Flair { titles: vec!["moderator".into()], ink });
    let set = hear(&mut bed, &Incoming { flair: Some(flair.clone()), ..heard("x") });
    let plain = hear(&mut bed, &heard("y"));
    let mut read = |id| match row(&mut bed, id).item {
        Item::Message { flair, .. } => flair,
        Item::Gap { .. } | Item::Happening { .. } => None,
    };
    assert_eq!((read(set), read(plain)), (Some(flair), None));
}

fn quote(bed: &mut Bed, id: MessageId) -> Option<Quote> {
    match row(bed, id).item {
        Item::Message { reply, .. } => reply,
        Item::Gap { .. } | Item::Happening { .. } => None,
    }
}

fn reactions(bed: &mut Bed, id: MessageId) -> Vec<Reaction> {
    match row(bed, id).item {
        Item::Message { reactions, .. } => reactions,
        Item::Gap { .. } | Item::Happening { .. } => Vec::new(),
    }
}

fn react(bed: &mut Bed, target: &str, by: &Sender, text: &str, present: bool) {
    let conversation = bed.conversation;
    bed.write(|tx| tx.react(conversation, &name(target), by, text, present));
}

#[test]
fn an_answer_quotes_what_it_answers_as_that_comes_goes_and_is_taken_back() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let answer = Incoming { reply_to: Some(name("1")), ..named("yes", "2", person("ann")) };
    let id = hear(&mut bed, &answer);
    let nothing = Quote { id: None, sender: None, text: String::new() };
    assert_eq!(quote(&mut bed, id), Some(nothing));
    let rev = row(&mut bed, id).rev;
    let asked = hear(&mut bed, &named(&"字".repeat(300), "1", person("bob")));
    let shown = Quote { id: Some(asked), sender: Some(person("bob")), text: "字".repeat(200) };
    assert_eq!(quote(&mut bed, id), Some(shown.clone()));
    assert!(row(&mut bed, id).rev > rev, "a window learns of it");
    bed.write(|tx| tx.retract(conversation, &name("1"), &person("bob"), None));
    assert_eq!(quote(&mut bed, id), Some(Quote { text: String::new(), ..shown }));
    assert_eq!(row(&mut bed, id).rev, bed.reader.rev().unwrap());
}

#[test]
fn one_of_ours_is_quoted_once_its_name_is_known() {
    let mut bed = Bed::new();
    let own = bed.say("mine");
    let id = hear(&mut bed, &Incoming { reply_to: Some(name("1")), ..named("yes", "2", person("ann")) });
    let account = bed.account;
    bed.write(|tx| tx.dispatch(account, 1));
    bed.write(|tx| tx.acknowledged(&txn("mine"), Some(&name("1")), None));
    let rev = bed.reader.rev().unwrap();
    assert_eq!(
        quote(&mut bed, id),
        Some(Quote { id: Some(own), sender: Some(Sender::Me), text: "mine".into() })
    );
    assert_eq!(row(&mut bed, id).rev, rev);
}

#[test]
fn an_own_message_keeps_its_tone_and_its_answer_through_the_outbox() {
    let mut bed = Bed::new();
    let (account, conversation) = (bed.account, bed.conversation);
    let asked = hear(&mut bed, &named("?", "1", person("ann")));
    assert_eq!(bed.write(|tx| tx.name_of(conversation, asked)), Some(name("1")));
    let id = bed.write(|tx| {
        tx.insert_own_as(conversation, &txn("m"), &Body::text("nods"), Tone::Action, Some(&name("1")))
    });
    assert_eq!(quote(&mut bed, id).and_then(|quote| quote.id), Some(asked));
    let [sent] = bed.write(|tx| tx.dispatch(account, 9)).try_into().unwrap();
    assert_eq!((sent.tone, sent.reply_to), (Tone::Action, Some(name("1"))));
    assert!(matches!(row(&mut bed, id).item, Item::Message { tone: Tone::Action, .. }));
}

#[test]
fn reactions_come_in_order_go_and_know_whose_they_are() {
    let mut bed = Bed::new();
    let id = hear(&mut bed, &named("m", "1", person("ann")));
    for (by, text) in [(person("bob"), "+"), (Sender::Me, "!"), (Sender::Me, "+"), (person("bob"), "+")] {
        react(&mut bed, "1", &by, text, true);
    }
    let reaction = |text: &str, names: &[&str], mine| Reaction {
        text: text.into(),
        names: names.iter().map(|&name| name.into()).collect(),
        mine,
    };
    assert_eq!(reactions(&mut bed, id), [reaction("+", &["bob"], true), reaction("!", &[], true)]);
    react(&mut bed, "1", &Sender::Me, "!", false);
    react(&mut bed, "1", &person("bob"), "+", false);
    react(&mut bed, "1", &person("carl"), "+", false);
    assert_eq!(reactions(&mut bed, id), [reaction("+", &[], true)]);
    let rev = row(&mut bed, id).rev;
    react(&mut bed, "1", &Sender::Me, "+", true);
    react(&mut bed, "no such", &Sender::Me, "+", true);
    assert_eq!(row(&mut bed, id).rev, rev, "nothing new changes nothing");
    for n in 0..=MAX_NAMES {
        react(&mut bed, "1", &person(&n.to_string()), "+", true);
    }
    for n in 0..=MAX_REACTIONS {
        react(&mut bed, "1", &Sender::Me, &n.to_string(), true);
    }
    let kept = reactions(&mut bed, id);
    assert_eq!((kept.len(), kept[0].names.len()), (MAX_REACTIONS, MAX_NAMES), "more is counted out");
}

#[test]
fn what_is_taken_back_is_gone_from_the_row_and_from_the_file() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let words = format!("{}the-secret-word", "x".repeat(40_000));
    let own = bed.write(|tx| tx.insert_own(conversation, &txn("own"), &Body::text("own-secret")));
    let id = hear(&mut bed, &named("short-secret-word", "1", person("ann")));
    hear(&mut bed, &named(&words, "2", person("ann")));
    react(&mut bed, "1", &Sender::Me, "+", true);
    let held = |bed: &Bed| {
        let read = |suffix| std::fs::read(format!("{}{suffix}", bed.path().display())).unwrap_or_default();
        let bytes = [read(""), read("-wal")].concat();
        bytes.windows(6).filter(|window| window == b"secret").count()
    };
    // With others before and behind it in the index, and in pieces of it that were merged since.
    for n in 0..120 {
        hear(&mut bed, &named(&format!("among others {n}, zoo"), &format!("other {n}"), person("ann")));
        bed.write(|tx| tx.index(1));
    }
    // Into the file itself, as an idle moment does it.
    bed.writer.checkpoint().unwrap();
    assert!(held(&bed) > 0);
    for target in ["1", "2", "2", "3"] {
        bed.write(|tx| tx.retract(conversation, &name(target), &person("op"), Some("rude")));
    }
    assert!(bed.write(|tx| tx.discard(own)));
    bed.writer.checkpoint().unwrap();
    assert_eq!(held(&bed), 0);
    let Item::Message { body, reactions, retracted, named, .. } = row(&mut bed, id).item else { panic!() };
    assert_eq!((body, reactions, named), (Body::default(), vec![], true));
    assert_eq!(retracted, Some(Retraction { by: person("op"), why: Some("rude".into()) }));
    react(&mut bed, "1", &Sender::Me, "+", true);
    assert_eq!(self::reactions(&mut bed, id), []);
    assert_eq!(bed.reader.named(id).unwrap(), None);
    hear(&mut bed, &self::named("again", "1", person("ann")));
    assert_eq!(bed.rows().len(), 122, "and does not come back");
}

#[test]
fn mentions_are_counted_and_between_two_people_everything_is_one() {
    let mut bed = Bed::new();
    let (account, conversation) = (bed.account, bed.conversation);
    for (mentions_me, sender) in [(true, person("ann")), (false, person("ann")), (true, Sender::Me)] {
        hear(&mut bed, &Incoming { mentions_me, sender, ..heard("x") });
    }
    assert_eq!((bed.stored().unread, bed.stored().mentions), (2, 1));
    let direct = RemoteConversation { kind: ConversationKind::Direct, ..room("room") };
    bed.write(|tx| tx.ensure_conversation(account, &direct));
    assert_eq!((bed.stored().unread, bed.stored().mentions), (2, 2));
    hear(&mut bed, &heard("x"));
    assert_eq!(bed.stored().mentions, 3);
    bed.write(|tx| tx.ensure_conversation(account, &room("room")));
    assert_eq!(bed.stored().mentions, 1);
    let last = bed.rows()[0].place.id;
    assert!(bed.write(|tx| tx.mark_read(conversation, last)));
    assert!(!bed.write(|tx| tx.mark_read(conversation, last)), "it was read");
    assert_eq!((bed.stored().unread, bed.stored().mentions), (2, 0));
}

#[test]
fn read_elsewhere_is_read_here_up_to_that_time() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    for second in 1..=4 {
        let at = Some(crate::bed::DAWN.plus_ms(second * 1_000));
        hear(&mut bed, &Incoming { at, ..named("x", &second.to_string(), person("ann")) });
    }
    for (second, unread) in [(0, 4), (2, 2), (1, 2), (9, 0)] {
        let upto = crate::bed::DAWN.plus_ms(second * 1_000 + 500);
        bed.write(|tx| tx.mark_read_until(conversation, upto));
        assert_eq!(bed.stored().unread, unread, "{second}");
    }
    let rows = bed.rows();
    let time = |bed: &mut Bed, id| bed.reader.read_time(conversation, id).unwrap();
    assert_eq!(time(&mut bed, rows[1].place.id), Some(crate::bed::DAWN.plus_ms(2_000)));
    let own = bed.say("mine");
    assert_eq!(
        time(&mut bed, own),
        Some(crate::bed::DAWN.plus_ms(4_000)),
        "the server has no time for ours yet"
    );
}

fn happening(id: Option<&str>, at: Option<Timestamp>) -> Happening {
    Happening {
        conversation: room("room").key,
        id: id.map(name),
        who: person("ann"),
        change: Change::Quit { why: Some("bye".into()) },
        at,
    }
}

#[test]
fn what_happens_is_a_row_once_and_no_news() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    hear(&mut bed, &named("1", "1", person("ann")));
    for id in [Some("h"), Some("h"), None] {
        bed.write(|tx| tx.insert_happening(conversation, &happening(id, None)));
    }
    let rows = bed.rows();
    assert_eq!((rows.len(), bed.stored().unread), (3, 1));
    let Item::Happening { who, change, .. } = &rows[2].item else { panic!("{rows:?}") };
    assert_eq!((who, change), (&person("ann"), &Change::Quit { why: Some("bye".into()) }));
}

#[test]
fn what_a_page_of_history_brings_along_stands_where_it_happened() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let dawn = crate::bed::DAWN;
    for minute in [10, 20] {
        let at = Some(dawn.plus_ms(minute * 60_000));
        bed.now = dawn.plus_ms(30 * 60_000);
        hear(&mut bed, &Incoming { at, ..named(&minute.to_string(), &minute.to_string(), person("ann")) });
    }
    bed.write(|tx| tx.insert_happening(conversation, &happening(None, Some(dawn.plus_ms(15 * 60_000)))));
    // A clock that is a little late does not bury what happens now.
    bed.write(|tx| {
        tx.insert_happening(conversation, &happening(None, Some(dawn.plus_ms(20 * 60_000 - 9_000))))
    });
    let kinds: Vec<_> = bed.rows().iter().map(|row| matches!(row.item, Item::Happening { .. })).collect();
    assert_eq!(kinds, [false, true, false, true]);
}

#[test]
fn a_room_that_is_left_stays_and_only_then_can_be_removed() {
    let mut bed = Bed::new();
    let (account, conversation) = (bed.account, bed.conversation);
    hear(&mut bed, &named("1", "1", person("ann")));
    assert!(!bed.write(|tx| tx.remove_conversation(conversation)), "we are in it");
    bed.write(|tx| tx.ensure_conversation(account, &RemoteConversation { left: true, ..room("room") }));
    assert!(bed.stored().left);
    assert_eq!(bed.words(), ["1"]);
    let written = bed.written(|tx| tx.remove_conversation(conversation));
    assert!(written.value && written.touched.sidebar);
    assert_eq!(bed.reader.conversation(conversation).unwrap(), None);
    let direct = RemoteConversation { kind: ConversationKind::Direct, ..room("ann") };
    let direct = bed.write(|tx| tx.ensure_conversation(account, &direct));
    bed.write(|tx| tx.insert_own(direct, &txn("waits"), &Body::text("x")));
    assert!(bed.write(|tx| tx.remove_conversation(direct)));
    assert!(bed.write(|tx| tx.dispatch(account, 9)).is_empty(), "and what waited there");
    assert!(!bed.write(|tx| tx.remove_conversation(ConversationId(99))));
}
