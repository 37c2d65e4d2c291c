//! InspIRCd 3, alone, with Atheme, and with a second server.

use super::person::{Person, tag};
use super::{
    by_account, changes, config, enter, password, room, said, until_account, until_acknowledged,
    until_conversation, until_row, until_there,
};
use crate::common::{Bench, all, gaps, own, txn};
use domain::{Change, Item, Reason, Status};
use testkit::servers::{Kind, Server};

/// Two people in a room: words both ways, an answer, reactions both ways, and being called.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_talk_answer_and_react() {
    let server = Server::start(Kind::Inspircd).await.unwrap();
    let bench = Bench::open().await;
    let (account, lobby) = enter(&bench, server.url(), "ann", "#lobby").await;
    let view = bench.account(account).await;
    assert!(view.capabilities.acknowledges && view.capabilities.reactions && view.capabilities.rooms);
    assert_eq!(view.me.as_deref(), Some("ann"));
    let mut bob = Person::enter_room(server.url(), "bob", "#lobby").await;
    until_there(&bench, lobby, "bob").await;

    bench.say(lobby, "大家好 👋").await;
    let row = until_acknowledged(&bench, lobby, "大家好 👋").await;
    let heard = bob.until(|line| line.contains("PRIVMSG #lobby")).await;
    assert!(heard.ends_with("大家好 👋"), "{heard}");
    let id = tag(&heard, "msgid");
    bob.send(&format!("@+draft/react=👍;+draft/reply={id} TAGMSG #lobby")).await;
    bob.send(&format!("@+draft/reply={id} PRIVMSG #lobby :ann: hello")).await;
    let answer = until_row(&bench, lobby, "ann: hello", |_| true).await;
    let Item::Message { reply: Some(quote), mentions_me: true, .. } = &answer.item else {
        panic!("{answer:?}")
    };
    assert_eq!((quote.id, quote.text.as_str()), (Some(row.place.id), "大家好 👋"));
    let reacted = |item: &Item| {
        let Item::Message { reactions, .. } = item else { return false };
        reactions.iter().any(|one| one.text == "👍" && one.names == ["bob"] && !one.mine)
    };
    until_row(&bench, lobby, "大家好 👋", reacted).await;

    bench.engine.react(txn(), answer.place.id, "🎉".into(), true).await.unwrap();
    bob.until(|line| line.contains("+draft/react=🎉") && line.contains("TAGMSG")).await;
    let ours =
        |item: &Item| matches!(item, Item::Message { reactions, .. } if reactions.iter().any(|one| one.mine));
    until_row(&bench, lobby, "ann: hello", ours).await;

    bench.engine.command(txn(), lobby, "/me waves".into(), false).await.unwrap();
    bob.until(|line| line.contains("ACTION waves")).await;
    until_acknowledged(&bench, lobby, "waves").await;
    bench.engine.command(txn(), lobby, "/whois bob".into(), false).await.unwrap();
    until_row(&bench, lobby, "bob is bob@127.0.0.1", |_| true).await;
    let query = bench.engine.command(txn(), lobby, "/msg bob psst".into(), false).await.unwrap().unwrap();
    bob.until(|line| line.contains("PRIVMSG bob") && line.ends_with("psst")).await;
    until_acknowledged(&bench, query, "psst").await;
    bob.send("PRIVMSG ann :what?").await;
    until_row(&bench, query, "what?", |_| true).await;
    bench.engine.shutdown().await;
}

/// The wanted nickname is somebody else's, and ours as soon as they have left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nickname_that_is_taken_is_ours_once_it_is_free() {
    let server = Server::start(Kind::Inspircd).await.unwrap();
    let bench = Bench::open().await;
    let mut other = Person::enter_room(server.url(), "ann", "#lobby").await;
    let (account, lobby) = enter(&bench, server.url(), "ann", "#lobby").await;
    let me = until_account(&bench, account, "a name", |view| view.me.clone()).await;
    assert_ne!(me, "ann");
    until_there(&bench, lobby, "ann").await;
    other.send("QUIT").await;
    until_account(&bench, account, "the wanted name", |view| {
        (view.me.as_deref() == Some("ann")).then_some(())
    })
    .await;
    bench.engine.shutdown().await;
}

/// Who is kicked is out, told why, and comes back when they want.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_kicked_is_out_and_may_come_back() {
    let server = Server::start(Kind::Inspircd).await.unwrap();
    let bench = Bench::open().await;
    let mut bob = Person::enter_room(server.url(), "bob", "#lobby").await;
    let (account, lobby) = enter(&bench, server.url(), "ann", "#lobby").await;
    bob.send("KICK #lobby ann :too loud").await;
    until_conversation(&bench, account, "#lobby", |conversation| conversation.left).await;
    let kicked = Change::Kicked { by: "bob".into(), why: Some("too loud".into()) };
    assert!(changes(&all(&bench.engine, lobby).await).contains(&kicked));
    bench.engine.join(txn(), account, "#lobby".into(), String::new()).await.unwrap();
    assert_eq!(room(&bench, account, "#lobby").await, lobby);
    bench.say(lobby, "back").await;
    until_acknowledged(&bench, lobby, "back").await;
    bob.until(|line| line.ends_with(" back") || line.ends_with(":back")).await;
    bench.engine.shutdown().await;
}

/// A kill of ours, while others go on: InspIRCd replays what was missed when we are back in the room, and each word is there
/// once, in order, with no gap left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_over_a_kill_is_replayed_and_fills_the_gap() {
    let server = Server::start(Kind::Inspircd).await.unwrap();
    let bench = Bench::open().await;
    let mut bob = Person::enter_room(server.url(), "bob", "#lobby").await;
    bob.send("MODE #lobby +H 100:1h").await;
    bob.until(|line| line.contains("MODE #lobby")).await;
    let (account, lobby) = enter(&bench, server.url(), "ann", "#lobby").await;
    bob.send("PRIVMSG #lobby :before").await;
    until_row(&bench, lobby, "before", |_| true).await;
    bench.say(lobby, "mine").await;
    until_acknowledged(&bench, lobby, "mine").await;
    let bench = {
        bench.engine.set_enabled(txn(), account, engine::Enabled::Off).await.unwrap();
        bench.until_status(account, |status| matches!(status, Status::Off)).await;
        bob.until(|line| line.contains("QUIT")).await;
        for n in 0..50 {
            bob.send(&format!("PRIVMSG #lobby :missed {n}")).await;
        }
        bench.kill().await
    };
    bench.engine.set_enabled(txn(), account, engine::Enabled::On).await.unwrap();
    bench.until_online(account).await;
    until_row(&bench, lobby, "missed 49", |_| true).await;
    bob.send("PRIVMSG #lobby :after").await;
    until_row(&bench, lobby, "after", |_| true).await;
    let rows = all(&bench.engine, lobby).await;
    let mut wanted = vec![("bob".to_owned(), "before".to_owned()), ("me".to_owned(), "mine".to_owned())];
    wanted.extend((0..50).map(|n| ("bob".to_owned(), format!("missed {n}"))));
    wanted.push(("bob".to_owned(), "after".to_owned()));
    assert_eq!(said(&rows), wanted);
    assert_eq!(gaps(&rows), [], "the replay reaches back to what was there");
    bench.engine.shutdown().await;
}

/// The server is killed and comes back: we are in the room again under our name, and what was written meanwhile is said once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_the_server_costs_no_word() {
    let mut server = Server::start(Kind::Inspircd).await.unwrap();
    let bench = Bench::open().await;
    let (account, lobby) = enter(&bench, server.url(), "ann", "#lobby").await;
    bench.say(lobby, "one").await;
    until_acknowledged(&bench, lobby, "one").await;
    server.kill().unwrap();
    bench.until_status(account, |status| !matches!(status, Status::Online { .. })).await;
    bench.say(lobby, "two").await;
    server.restart().await.unwrap();
    bench.engine.connect_now(account).await;
    bench.until_online(account).await;
    until_acknowledged(&bench, lobby, "two").await;
    let mut bob = Person::enter_room(server.url(), "bob", "#lobby").await;
    bob.send("PRIVMSG #lobby :three").await;
    until_row(&bench, lobby, "three", |_| true).await;
    let rows = all(&bench.engine, lobby).await;
    let ours: Vec<_> = rows.iter().filter_map(own).map(|(text, _)| text).collect();
    assert_eq!(ours, ["one", "two"]);
    assert_eq!(gaps(&rows).len(), 1, "the time without a line is shown");
    bench.engine.shutdown().await;
}

/// Two servers lose each other: who is gone is told as one thing that happened, and so is who is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_netsplit_is_one_thing_that_happened() {
    let hub = Server::start(Kind::Inspircd).await.unwrap();
    let mut leaf = Server::start(Kind::InspircdLeaf { hub: hub.port() }).await.unwrap();
    let bench = Bench::open().await;
    let (_, lobby) = enter(&bench, hub.url(), "ann", "#lobby").await;
    let mut bob = Person::enter_room(leaf.url(), "bob", "#lobby").await;
    let carl = Person::enter_room(leaf.url(), "carl", "#lobby").await;
    until_there(&bench, lobby, "bob").await;
    until_there(&bench, lobby, "carl").await;
    bob.send("PRIVMSG #lobby :over two servers").await;
    until_row(&bench, lobby, "over two servers", |_| true).await;
    leaf.kill().unwrap();
    let mut names = bench
        .until("the split", async |engine| {
            changes(&all(engine, lobby).await).into_iter().find_map(|change| match change {
                Change::Split { names } => Some(names),
                Change::Joined
                | Change::Left { .. }
                | Change::Quit { .. }
                | Change::Kicked { .. }
                | Change::Renamed { .. }
                | Change::Topic { .. }
                | Change::Mode { .. }
                | Change::Retitled { .. }
                | Change::Rejoined { .. } => None,
            })
        })
        .await;
    names.sort();
    assert_eq!(names, ["bob", "carl"]);
    assert!(
        !changes(&all(&bench.engine, lobby).await).iter().any(|change| matches!(change, Change::Quit { .. }))
    );
    let people = bench.engine.people(lobby).await.unwrap();
    assert_eq!(people.members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["ann"]);
    drop((bob, carl));
    leaf.restart().await.unwrap();
    let _bob = Person::enter_room(leaf.url(), "bob", "#lobby").await;
    until_there(&bench, lobby, "bob").await;
    bench.engine.shutdown().await;
}

/// An account with the services: made by a command, the right password logs in, a wrong one stops the account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_made_and_only_its_password_logs_in() {
    let server = Server::start(Kind::InspircdAtheme).await.unwrap();
    let mut bob = Person::enter(server.url(), "bob").await;
    // The services link to the server once that is up.
    loop {
        bob.send("ISON NickServ").await;
        if bob.until(|line| line.contains(" 303 ")).await.contains("NickServ") {
            break;
        }
    }
    let bench = Bench::open().await;
    let (account, lobby) = enter(&bench, server.url(), "ann", "#lobby").await;
    bench.engine.command(txn(), lobby, "/ns REGISTER secret123 ann@example.org".into(), false).await.unwrap();
    bob.send("PRIVMSG NickServ :REGISTER other123 bob@example.org").await;
    bob.until(|line| line.contains(" 900 ") || line.contains("registered")).await;
    let services = until_conversation(&bench, account, "NickServ", |_| true).await;
    until_row(&bench, services, "registered", |_| true).await;
    let rows = all(&bench.engine, services).await;
    assert_eq!(rows.iter().filter_map(own).count(), 0, "what was told the services is no row");
    bench.engine.set_enabled(txn(), account, engine::Enabled::Off).await.unwrap();

    let by_sasl = by_account(config(server.url(), "ann", "#lobby"), "ann");
    let right = bench.engine.add_account(txn(), by_sasl.clone(), password("secret123")).await.unwrap();
    bench.until_online(right).await;
    let lobby = room(&bench, right, "#lobby").await;
    bench.say(lobby, "logged in").await;
    until_acknowledged(&bench, lobby, "logged in").await;
    let named = bench
        .until("the account", async |engine| {
            let people = engine.people(lobby).await.unwrap();
            people.members.into_iter().find(|member| member.name == "ann")?.account
        })
        .await;
    assert_eq!(named, "ann");
    bench.engine.set_enabled(txn(), right, engine::Enabled::Off).await.unwrap();

    let wrong = bench.engine.add_account(txn(), by_sasl, password("wrong")).await.unwrap();
    let status = bench.until_status(wrong, |status| matches!(status, Status::Stopped { .. })).await;
    let Status::Stopped { reason: Reason::NotLetIn { text } } = status else { panic!("{status:?}") };
    assert!(!text.is_empty());
    bench.engine.shutdown().await;
}
