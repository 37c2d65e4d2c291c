//! What whole chat protocols have, through the whole engine: people, rooms, answers, reactions, commands, reading, history
//! from its end, and being told of what concerns the user.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

mod common;
mod script;

use common::{Bench, all, now, quick, txn};
use domain::{
    AccountId, Body, Capabilities, Change, Command, ConversationId, ConversationKey, ConversationKind, Draft,
    Event, Happening, Healing, Incoming, Item, Member, MessageId, NotifyRule, People, RemoteConversation,
    RemoteId, Row, Sender, Timestamp, Tone,
};
use engine::contract::{Code, Count, Fault, Settings};
use script::{Peer, SCRIPTED, room};

/// A chat session that is online.
struct Chat {
    peer: Peer,
    bench: Bench,
    account: AccountId,
    conversation: ConversationId,
}

impl Chat {
    async fn open() -> Self {
        let peer = Peer::listen().await;
        let bench = Bench::open_with(SCRIPTED, quick()).await;
        let (account, conversation) = bench.join_as("chat", &peer.url()).await;
        bench.until_online(account).await;
        Self { peer, bench, account, conversation }
    }

    /// Somebody says something, and it is here.
    async fn hear(&self, id: &str, text: &str) -> MessageId {
        self.peer.tell(&Event::Message { message: said(id, text) });
        self.row(|row| named(row, text).then_some(row.place.id)).await
    }

    /// The first row that `find` makes something of.
    async fn row<T>(&self, find: impl Fn(&Row) -> Option<T>) -> T {
        let find =
            async |engine: &engine::Handle| all(engine, self.conversation).await.iter().find_map(&find);
        self.bench.until("the row", find).await
    }

    async fn people(&self, wanted: impl Fn(&People) -> bool) -> People {
        let read = async |engine: &engine::Handle| {
            Some(engine.people(self.conversation).await.unwrap()).filter(|people| wanted(people))
        };
        self.bench.until("the people", read).await
    }

    async fn stored(&self) -> domain::Conversation {
        let sidebar = self.bench.engine.sidebar().await.unwrap();
        sidebar.conversations.into_iter().find(|stored| stored.id == self.conversation).unwrap()
    }

    async fn until_stored(&self, wanted: impl Fn(&domain::Conversation) -> bool) {
        let read = async |_: &engine::Handle| Some(self.stored().await).filter(|stored| wanted(stored));
        self.bench.until("the conversation", read).await;
    }

    async fn break_off(&self) {
        self.peer.drop_all();
        self.bench.until_ended(self.account).await;
    }
}

fn said(id: &str, text: &str) -> Incoming {
    Incoming {
        conversation: room().key,
        id: Some(RemoteId(id.into())),
        sender: Sender::Person { name: "ann".into() },
        body: Body::text(text),
        ..Incoming::default()
    }
}

fn named(row: &Row, text: &str) -> bool {
    matches!(&row.item, Item::Message { body, .. } if body.to_plain() == text)
}

fn code<T: std::fmt::Debug>(result: Result<T, Fault>) -> Code {
    result.unwrap_err().code
}

fn words(rows: &[Row]) -> Vec<String> {
    let word = |row: &Row| match &row.item {
        Item::Message { body, .. } => body.to_plain(),
        Item::Gap { .. } => "=".into(),
        Item::Happening { .. } => "*".into(),
    };
    rows.iter().map(word).collect()
}

#[tokio::test]
async fn people_are_known_while_the_session_lives_and_the_bell_tells_of_them() {
    let chat = Chat::open().await;
    let key = room().key;
    let member = |name: &str, rank| Member { name: name.into(), rank, ..Member::default() };
    let bells = chat.bench.bells();
    chat.peer.tell(&Event::Members {
        conversation: key.clone(),
        members: vec![member("bob", 0), member("op", 2)],
    });
    chat.bench.until_rung(chat.conversation, bells).await;
    chat.peer.tell(&Event::Member { conversation: key.clone(), member: member("carl", 1) });
    chat.peer.tell(&Event::MemberGone { conversation: key.clone(), name: "bob".into() });
    chat.peer.tell(&Event::Typing { conversation: key, name: "carl".into(), typing: true });
    let people = chat.people(|people| !people.typing.is_empty()).await;
    let names: Vec<_> = people.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!((names, people.typing), (vec!["op", "carl"], vec!["carl".to_owned()]));

    chat.peer.tell(&Event::Me { name: "me".into() });
    let me = async |engine: &engine::Handle| engine.sidebar().await.unwrap().accounts[0].me.clone();
    assert_eq!(chat.bench.until("our name", me).await, "me");
    assert!(chat.bench.account(chat.account).await.capabilities.rooms);
    chat.break_off().await;
    chat.people(|people| *people == People::default()).await;
    let view = chat.bench.account(chat.account).await;
    assert_eq!((view.me, view.capabilities.rooms), (None, true), "what the last session could do is known");
    assert_eq!(code(chat.bench.engine.people(ConversationId(99)).await), Code::Gone);
}

#[tokio::test]
async fn what_the_user_does_goes_to_the_server_once() {
    let chat = Chat::open().await;
    let engine = &chat.bench.engine;
    let id = chat.hear("m1", "hello").await;
    let (conversation, target) = (room().key, RemoteId("m1".into()));
    let intent = txn();
    for _ in 0..2 {
        engine.react(intent.clone(), id, " + ".into(), true).await.unwrap();
    }
    engine.retract(txn(), id).await.unwrap();
    engine.join(txn(), chat.account, " #den ".into(), "key".into()).await.unwrap();
    engine.typing(chat.conversation, true).await.unwrap();
    engine.leave(txn(), chat.conversation).await.unwrap();
    let expected = [
        Command::React {
            conversation: conversation.clone(),
            target: target.clone(),
            text: "+".into(),
            present: true,
        },
        Command::Retract { conversation: conversation.clone(), target },
        Command::Join { name: "#den".into(), password: "key".into() },
        Command::Typing { conversation: conversation.clone(), typing: true },
        Command::Leave { conversation },
    ];
    for wanted in expected {
        assert_eq!(chat.peer.command().await, wanted);
    }
    assert_eq!(code(engine.join(txn(), chat.account, "  ".into(), String::new()).await), Code::Invalid);
    assert_eq!(code(engine.react(txn(), id, " ".into(), true).await), Code::Invalid);
    assert_eq!(code(engine.react(txn(), MessageId(99), "+".into(), true).await), Code::Gone);
    assert_eq!(code(engine.join(txn(), AccountId(99), "#a".into(), String::new()).await), Code::Gone);
    assert_eq!(code(engine.leave(txn(), ConversationId(99)).await), Code::Gone);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_the_reason() {
    let chat = Chat::open().await;
    let engine = &chat.bench.engine;
    let id = chat.hear("m1", "hello").await;
    chat.peer.tell(&Event::Capabilities { capabilities: Capabilities::default() });
    let told = async |engine: &engine::Handle| {
        (!engine.sidebar().await.unwrap().accounts[0].capabilities.rooms).then_some(())
    };
    chat.bench.until("the capabilities", told).await;
    assert_eq!(code(engine.react(txn(), id, "+".into(), true).await), Code::Incapable);
    assert_eq!(code(engine.retract(txn(), id).await), Code::Incapable);
    assert_eq!(code(engine.join(txn(), chat.account, "#a".into(), String::new()).await), Code::Incapable);
    assert_eq!(code(engine.leave(txn(), chat.conversation).await), Code::Incapable);
    assert_eq!(code(engine.typing(chat.conversation, true).await), Code::Incapable);
    assert_eq!(code(engine.send(txn(), chat.conversation, "x".into(), Some(id)).await), Code::Incapable);
    chat.break_off().await;
    let intent = txn();
    assert_eq!(code(engine.react(intent.clone(), id, "+".into(), true).await), Code::Offline);
    assert_eq!(code(engine.command(txn(), chat.conversation, "/topic x".into(), false).await), Code::Offline);
    chat.peer.listen_again();
    chat.bench.until_online(chat.account).await;
    engine.react(intent, id, "+".into(), true).await.unwrap();
    // What was not done can be tried again. Before it may come the question for what the absence missed.
    let mut command = chat.peer.command().await;
    if matches!(command, Command::Backfill { .. }) {
        command = chat.peer.command().await;
    }
    assert!(matches!(command, Command::React { .. }), "{command:?}");
}

#[tokio::test]
async fn an_answer_and_its_tone_go_through_the_outbox() {
    let chat = Chat::open().await;
    let engine = &chat.bench.engine;
    let asked = chat.hear("m1", "who?").await;
    chat.break_off().await;
    engine.send(txn(), chat.conversation, "me".into(), Some(asked)).await.unwrap();
    engine.command(txn(), chat.conversation, "/me waves  twice".into(), false).await.unwrap();
    assert_eq!(
        code(engine.send(txn(), chat.conversation, "x".into(), Some(MessageId(99))).await),
        Code::Gone
    );
    let own = chat.row(|row| named(row, "me").then_some(row.place.id)).await;
    assert_eq!(
        code(engine.send(txn(), chat.conversation, "x".into(), Some(own)).await),
        Code::Gone,
        "it has no name"
    );
    chat.peer.listen_again();
    let Command::Send { reply_to, tone, .. } = chat.peer.command().await else { panic!() };
    assert_eq!((reply_to, tone), (Some(RemoteId("m1".into())), Tone::Said));
    let Command::Send { reply_to, tone, body, .. } = chat.peer.command().await else { panic!() };
    assert_eq!((reply_to, tone, body), (None, Tone::Action, Body::text("waves  twice")));
}

#[tokio::test]
async fn a_slash_is_never_said_by_a_slip() {
    let chat = Chat::open().await;
    let engine = &chat.bench.engine;
    assert_eq!(
        code(engine.send(txn(), chat.conversation, "/msg nickserv identify x".into(), None).await),
        Code::Invalid
    );
    engine.send(txn(), chat.conversation, "//etc".into(), None).await.unwrap();
    let said = chat.peer.until(script::Said::read).await;
    assert_eq!(said.text, "/etc");
    // Where the protocol knows no commands, a slash is a slash.
    let other = Peer::listen().await;
    let (account, plain) = chat.bench.join(&other.url()).await;
    chat.bench.until_online(account).await;
    for text in ["/etc", "//etc"] {
        engine.send(txn(), plain, text.into(), None).await.unwrap();
        other.until(|frame| (frame == text).then_some(())).await;
    }
    assert_eq!(code(engine.command(txn(), plain, "/me x".into(), true).await), Code::Incapable);
}

#[tokio::test]
async fn a_command_does_what_its_table_says() {
    let chat = Chat::open().await;
    let engine = &chat.bench.engine;
    let run =
        async |line: &str, unknown| engine.command(txn(), chat.conversation, line.into(), unknown).await;
    engine.save_draft(txn(), chat.conversation, "/topic  new  one".into(), None).await.unwrap();
    assert_eq!(run("/TOPIC  new  one", false).await.unwrap(), None);
    let topic = |name: &str, arguments: &str| Command::Run {
        conversation: room().key,
        name: name.into(),
        arguments: arguments.into(),
    };
    assert_eq!(chat.peer.command().await, topic("topic", "new  one"));
    assert_eq!(code(run("/frob x", false).await), Code::UnknownCommand);
    assert_eq!(run("/frob x", true).await.unwrap(), None);
    assert_eq!(chat.peer.command().await, topic("frob", "x"));
    for nothing in ["/", "//x", "x", "/me", "/msg", "  "] {
        assert_eq!(code(run(nothing, true).await), Code::Invalid, "{nothing}");
    }
    // One that tells somebody opens the conversation, with or without a word.
    let intent = txn();
    let line = "/msg Bob  hello there";
    let direct =
        engine.command(intent.clone(), chat.conversation, line.into(), false).await.unwrap().unwrap();
    assert_eq!(engine.command(intent, chat.conversation, line.into(), false).await.unwrap(), Some(direct));
    assert_eq!(run("/msg bob", false).await.unwrap(), Some(direct));
    let sidebar = engine.sidebar().await.unwrap();
    let stored = sidebar.conversations.iter().find(|stored| stored.id == direct).unwrap();
    assert_eq!((stored.kind, stored.title.as_deref()), (ConversationKind::Direct, Some("Bob")));
    assert_eq!(words(&all(engine, direct).await), ["hello there"]);
    assert_eq!(chat.peer.until(script::Said::read).await.text, "hello there");
    engine.remove_conversation(txn(), direct).await.unwrap();
    assert_eq!(code(engine.remove_conversation(txn(), direct).await), Code::Gone);
    assert_eq!(code(engine.remove_conversation(txn(), chat.conversation).await), Code::Invalid);
}

#[tokio::test]
async fn a_draft_is_spent_by_the_command_that_it_was() {
    let chat = Chat::open().await;
    let engine = &chat.bench.engine;
    for line in ["/topic x", "/me x", "/msg bob x"] {
        engine.save_draft(txn(), chat.conversation, line.into(), None).await.unwrap();
        engine.command(txn(), chat.conversation, line.into(), false).await.unwrap();
        assert_eq!(engine.draft(chat.conversation).await.unwrap(), Draft::default(), "{line}");
    }
}

#[tokio::test]
async fn reactions_retractions_and_happenings_reach_the_rows() {
    let chat = Chat::open().await;
    let (conversation, target) = (room().key, RemoteId("m1".into()));
    chat.hear("m1", "rude").await;
    let by = Sender::Person { name: "op".into() };
    let reaction = Event::Reaction {
        conversation: conversation.clone(),
        target: target.clone(),
        by: by.clone(),
        text: "-".into(),
        present: true,
    };
    chat.peer.tell(&reaction);
    let reacted = |row: &Row| match &row.item {
        Item::Message { reactions, .. } => reactions.first().cloned(),
        Item::Gap { .. } | Item::Happening { .. } => None,
    };
    assert_eq!(chat.row(reacted).await.names, ["op"]);
    chat.peer.tell(&Event::Retracted {
        conversation: conversation.clone(),
        target,
        by: by.clone(),
        why: None,
    });
    let retracted = |row: &Row| matches!(&row.item, Item::Message { retracted: Some(_), .. }).then_some(());
    chat.row(retracted).await;
    let happening = Happening {
        conversation,
        id: None,
        who: by,
        change: Change::Topic { text: Some("t".into()) },
        at: None,
    };
    chat.peer.tell(&Event::Happened { happening });
    chat.row(|row| matches!(&row.item, Item::Happening { change: Change::Topic { .. }, .. }).then_some(()))
        .await;
    assert_eq!(chat.stored().await.unread, 1);
    // Of a conversation that is not here, nothing is made.
    let elsewhere = ConversationKey("elsewhere".into());
    chat.peer.tell(&Event::Typing { conversation: elsewhere.clone(), name: "x".into(), typing: true });
    chat.peer.tell(&Event::Read { conversation: elsewhere, upto: now() });
    chat.hear("m2", "after it").await;
    assert_eq!(chat.bench.engine.sidebar().await.unwrap().conversations.len(), 1);
    let left = RemoteConversation { left: true, ..room() };
    chat.peer.tell(&Event::Conversation { conversation: left });
    chat.until_stored(|stored| stored.left).await;
}

#[tokio::test]
async fn how_far_was_read_is_told_to_the_server_and_heard_from_it() {
    let chat = Chat::open().await;
    let at = |ms| Some(now().plus_ms(ms));
    let (first, second) = (at(-2_000), at(-1_000));
    for (id, at) in [("m1", first), ("m2", second)] {
        chat.peer.tell(&Event::Message { message: Incoming { at, ..said(id, id) } });
    }
    chat.until_stored(|stored| stored.unread == 2).await;
    chat.peer.tell(&Event::Read { conversation: room().key, upto: first.unwrap() });
    chat.until_stored(|stored| stored.unread == 1).await;
    let id = chat.row(|row| named(row, "m2").then_some(row.place.id)).await;
    for _ in 0..2 {
        chat.bench.engine.mark_read(txn(), chat.conversation, id).await.unwrap();
    }
    let marked = Command::MarkRead { conversation: room().key, upto: second.unwrap() };
    assert_eq!(chat.peer.command().await, marked);
    chat.bench.engine.typing(chat.conversation, false).await.unwrap();
    assert!(matches!(chat.peer.command().await, Command::Typing { .. }), "and not told twice");
}

#[tokio::test]
async fn the_history_is_read_from_its_end_page_by_page() {
    let chat = Chat::open().await;
    let engine = &chat.bench.engine;
    let key = room().key;
    let piece = |ids: &[u32]| ids.iter().map(|id| said(&id.to_string(), &id.to_string())).collect::<Vec<_>>();
    chat.peer.tell(&Event::Recent { conversation: key.clone(), messages: piece(&[7, 8]), complete: false });
    let gap = async |engine: &engine::Handle, wanted: &Healing| {
        let rows = all(engine, chat.conversation).await;
        rows.iter().find_map(|row| match &row.item {
            Item::Gap { from: None, healing, .. } if healing == wanted => Some(row.place.id),
            Item::Gap { .. } | Item::Message { .. } | Item::Happening { .. } => None,
        })
    };
    for (before, page, complete) in [("7", [5, 6], false), ("5", [3, 4], true)] {
        let offered = chat.bench.until("the gap", async |engine| gap(engine, &Healing::Offered).await).await;
        engine.heal(txn(), offered).await.unwrap();
        let Command::Earlier { before: asked, .. } = chat.peer.command().await else { panic!() };
        assert_eq!(asked.0, before);
        chat.peer.tell(&Event::Earlier {
            conversation: key.clone(),
            before: asked,
            messages: piece(&page),
            complete,
        });
        if !complete {
            chat.row(|row| named(row, "5").then_some(())).await;
            let why = "not now".to_owned();
            let gap = gap(engine, &Healing::Offered).await.unwrap();
            engine.heal(txn(), gap).await.unwrap();
            let Command::Earlier { before, .. } = chat.peer.command().await else { panic!() };
            chat.peer.tell(&Event::EarlierRefused { conversation: key.clone(), before, why });
            let failed = async |engine: &engine::Handle| {
                let rows = all(engine, chat.conversation).await;
                let failed =
                    |row: &Row| matches!(&row.item, Item::Gap { healing: Healing::Failed { .. }, .. });
                rows.iter().find(|row| failed(row)).map(|row| row.place.id)
            };
            let gap = chat.bench.until("the refusal", failed).await;
            engine.heal(txn(), gap).await.unwrap();
            let Command::Earlier { before, .. } = chat.peer.command().await else { panic!() };
            assert_eq!(before.0, "5");
            chat.peer.tell(&Event::Earlier {
                conversation: key.clone(),
                before,
                messages: piece(&[3, 4]),
                complete: true,
            });
            break;
        }
    }
    chat.row(|row| named(row, "3").then_some(())).await;
    assert_eq!(words(&all(engine, chat.conversation).await), ["3", "4", "5", "6", "7", "8"]);
    assert_eq!(chat.stored().await.unread, 0, "what was said before we came is no news");
}

#[tokio::test]
async fn an_absence_is_spanned_by_what_the_server_says_unasked() {
    let chat = Chat::open().await;
    chat.hear("1", "1").await;
    chat.break_off().await;
    chat.peer.listen_again();
    chat.bench.until_online(chat.account).await;
    let messages = ["1", "2"].map(|id| said(id, id)).to_vec();
    chat.peer.tell(&Event::Recent { conversation: room().key, messages, complete: false });
    chat.row(|row| named(row, "2").then_some(())).await;
    assert_eq!(words(&all(&chat.bench.engine, chat.conversation).await), ["1", "2"]);
}

#[tokio::test]
async fn what_concerns_the_user_is_told_unless_it_is_before_their_eyes() {
    let chat = Chat::open().await;
    let engine = &chat.bench.engine;
    let notified = || chat.bench.desktop.notified();
    let mention =
        |id: &str, text: &str| Event::Message { message: Incoming { mentions_me: true, ..said(id, text) } };
    chat.hear("m1", "to nobody").await;
    chat.peer.tell(&Event::Message {
        message: Incoming { at: Some(Timestamp(5)), mentions_me: true, ..said("m2", "me, long ago") },
    });
    chat.peer.tell(&Event::Recent {
        conversation: room().key,
        messages: vec![Incoming { mentions_me: true, ..said("m3", "me, in the history") }],
        complete: true,
    });
    chat.row(|row| named(row, "me, in the history").then_some(())).await;
    assert_eq!(notified(), [], "history is not news");
    chat.peer.tell(&mention("m4", "me, now"));
    chat.peer.tell(&mention("m5", "me, again"));
    chat.row(|row| named(row, "me, again").then_some(())).await;
    chat.bench.until("the first", async |_| notified().first().cloned()).await;
    let [notice] = notified().try_into().unwrap();
    assert_eq!((notice.title.as_str(), notice.body.as_deref()), ("ann · room", Some("me, now")));
    assert_eq!((notice.account, notice.conversation), (chat.account, chat.conversation));
    assert_eq!(chat.stored().await.mentions, 4);

    // Another conversation waits for no second to pass; one of two people is always meant for us.
    let direct = |name: &str| RemoteConversation {
        key: ConversationKey(name.into()),
        kind: ConversationKind::Direct,
        title: Some(name.into()),
        ..RemoteConversation::default()
    };
    let to_us = |name: &str, id: &str| Event::Message {
        message: Incoming { conversation: ConversationKey(name.into()), ..said(id, id) },
    };
    for name in ["bob", "carl", "dora"] {
        chat.peer.tell(&Event::Conversation { conversation: direct(name) });
    }
    chat.peer.tell(&to_us("bob", "b1"));
    let told = chat.bench.until("the second", async |_| notified().get(1).cloned()).await;
    assert_eq!((told.title.as_str(), told.body.as_deref()), ("ann", Some("b1")));

    // The window shows it and has the eyes: nobody need be told.
    let sidebar = engine.sidebar().await.unwrap();
    let carl =
        sidebar.conversations.iter().find(|stored| stored.title.as_deref() == Some("carl")).unwrap().id;
    chat.bench.desktop.focus(true);
    engine.changes(carl, None, None, domain::Rev(0)).await.unwrap();
    chat.peer.tell(&to_us("carl", "c1"));
    let unread = async |engine: &engine::Handle| {
        let stored =
            engine.sidebar().await.ok()?.conversations.into_iter().find(|stored| stored.id == carl)?;
        (stored.unread > 0).then_some(())
    };
    chat.bench.until("what carl says", unread).await;
    assert_eq!(notified().len(), 2);
    // From the moment on at which they look elsewhere, they are told.
    let dora =
        sidebar.conversations.iter().find(|stored| stored.title.as_deref() == Some("dora")).unwrap().id;
    engine.changes(dora, None, None, domain::Rev(0)).await.unwrap();
    engine.latest(carl, 1).await.unwrap();
    chat.peer.tell(&to_us("dora", "d1"));
    let told = chat.bench.until("dora", async |_| notified().get(2).cloned()).await;
    assert_eq!(told.body.as_deref(), Some("d1"));
    chat.bench.desktop.focus(false);
    chat.peer.tell(&to_us("carl", "c2"));
    assert_eq!(chat.bench.until("the last", async |_| notified().get(3).cloned()).await.conversation, carl);
}

#[tokio::test]
async fn the_users_own_words_count_as_mentions() {
    let chat = Chat::open().await;
    let settings = Settings { highlights: "Whinchat, 天气".into(), ..Settings::default() };
    chat.bench.engine.set_settings(txn(), settings).await.unwrap();
    for (id, text) in [("m1", "a whinchat!"), ("m2", "whinchats"), ("m3", "今天天气好")] {
        chat.hear(id, text).await;
    }
    assert_eq!((chat.stored().await.unread, chat.stored().await.mentions), (3, 2));
    let mine = Incoming { sender: Sender::Me, ..said("m4", "my whinchat") };
    chat.peer.tell(&Event::Message { message: mine });
    chat.row(|row| named(row, "my whinchat").then_some(())).await;
    assert_eq!(chat.stored().await.mentions, 2);
    let long = Settings { highlights: "x".repeat(1 << 20), ..Settings::default() };
    assert_eq!(code(chat.bench.engine.set_settings(txn(), long).await), Code::TooLong);
}

#[tokio::test]
async fn each_conversation_tells_by_its_own_rule_and_one_that_is_muted_neither_tells_nor_counts() {
    let chat = Chat::open().await;
    let engine = &chat.bench.engine;
    let notified = || chat.bench.desktop.notified();
    let count = async || engine.sidebar().await.unwrap().count;
    let mention = |id: &str| Event::Message { message: Incoming { mentions_me: true, ..said(id, id) } };
    let rule = async |rule| engine.set_notify(txn(), chat.conversation, rule).await.unwrap();
    let mute = async |muted| engine.mute(txn(), chat.conversation, muted).await.unwrap();
    rule(Some(NotifyRule::All)).await;
    mute(true).await;
    chat.peer.tell(&mention("m1"));
    chat.row(|row| named(row, "m1").then_some(())).await;
    assert_eq!(count().await, Count::default());
    let sidebar = engine.sidebar().await.unwrap();
    assert!(sidebar.accounts.iter().all(|view| view.count == Count::default()));
    let stored = chat.stored().await;
    assert_eq!((stored.unread, stored.mentions, stored.muted), (1, 1, true), "it counts for itself");

    mute(false).await;
    rule(Some(NotifyRule::Nothing)).await;
    chat.peer.tell(&mention("m2"));
    chat.row(|row| named(row, "m2").then_some(())).await;
    assert_eq!(count().await, Count { unread: 2, mentions: 2 });

    rule(Some(NotifyRule::All)).await;
    chat.hear("m3", "to nobody").await;
    chat.bench.until("what is told", async |_| notified().first().cloned()).await;
    let [told] = notified().try_into().unwrap();
    assert_eq!((told.body.as_deref(), told.count), (Some("to nobody"), 3));
    assert!(all(engine, chat.conversation).await.iter().any(|row| row.place.id == told.message));

    let gone = domain::ConversationId(999);
    for answer in [
        engine.mute(txn(), gone, true).await,
        engine.pin(txn(), gone, true).await,
        engine.set_notify(txn(), gone, None).await,
        engine.move_conversation(txn(), gone, None).await,
        engine.move_account(txn(), domain::AccountId(999), None).await,
        engine.collapse(txn(), domain::AccountId(999), true).await,
    ] {
        assert_eq!(code(answer), Code::Gone);
    }
}
