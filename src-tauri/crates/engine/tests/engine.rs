//! The engine with a real store, a desktop that only listens, and servers on the loopback. Tests are named after the
//! invariants that they hold.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

mod common;
mod script;

use common::{Bench, all, gaps, own, plain, quick, received, txn};
use domain::{AccountConfig, Delivery, Item, Reason, Status};
use engine::Enabled;
use engine::contract::{Background, Code, Language, Settings, Theme};
use script::{Peer, SCRIPTED, Said};

#[tokio::test]
async fn store_before_show() {
    let bench = Bench::open().await;
    let (_, conversation) = bench.join("ws://127.0.0.1:1/").await;
    bench.say(conversation, "kept before it is answered").await;
    // A connection of its own, as the window's next page would be: no wait, no bell.
    let rows = all(&bench.engine, conversation).await;
    assert_eq!(
        rows.iter().filter_map(own).collect::<Vec<_>>(),
        [("kept before it is answered".to_owned(), Delivery::Queued)]
    );
}

#[tokio::test]
async fn store_before_ack() {
    let peer = Peer::listen().await;
    let bench = Bench::open_with(SCRIPTED, quick()).await;
    let (account, conversation) = bench.join_scripted(&peer).await;
    bench.until_online(account).await;
    for n in 1..=20 {
        peer.say(&format!("say message {n}"));
        // The scripted adapter acknowledges each commit it is told of. When the server hears of it, the row is there.
        // Two events came before the first message: the capabilities, and that the session is online.
        let committed =
            |said: &str| said.strip_prefix("committed ")?.parse().ok().filter(|upto| *upto >= n + 2);
        let upto: u64 = peer.until(committed).await;
        let rows = all(&bench.engine, conversation).await;
        let last = rows.iter().rev().find_map(received);
        assert_eq!(
            last,
            Some(format!("message {n}")),
            "{upto} was acknowledged before its row could be read"
        );
    }
}

#[tokio::test]
async fn doing_it_twice_is_doing_it_once() {
    let bench = Bench::open().await;
    let engine = &bench.engine;
    let (add, say, remove) = (txn(), txn(), txn());
    let account = engine.add_account(add.clone(), plain("ws://127.0.0.1:1/"), Vec::new()).await.unwrap();
    assert_eq!(engine.add_account(add, plain("ws://127.0.0.1:1/"), Vec::new()).await.unwrap(), account);
    let conversation = bench.conversation(account).await;
    let message = engine.send(say.clone(), conversation, "once".into(), None).await.unwrap();
    assert_eq!(engine.send(say, conversation, "once".into(), None).await.unwrap(), message);
    assert_eq!(all(engine, conversation).await.len(), 1);

    // An old draft that is repeated does not overwrite a newer one.
    let old = txn();
    engine.save_draft(old.clone(), conversation, "old".into(), None).await.unwrap();
    engine.save_draft(txn(), conversation, "new".into(), None).await.unwrap();
    engine.save_draft(old, conversation, "old".into(), None).await.unwrap();
    assert_eq!(engine.draft(conversation).await.unwrap().text, "new");

    // What was sent is no draft any more: a kill right after it must not leave the text to be sent again.
    engine.send(txn(), conversation, "something else".into(), None).await.unwrap();
    assert_eq!(engine.draft(conversation).await.unwrap().text, "new");
    engine.send(txn(), conversation, "new, to the end".into(), None).await.unwrap();
    assert_eq!(engine.draft(conversation).await.unwrap().text, "");

    engine.remove_account(remove.clone(), account).await.unwrap();
    engine.remove_account(remove, account).await.unwrap();
    assert!(engine.sidebar().await.unwrap().accounts.is_empty());
}

#[tokio::test]
async fn what_was_written_offline_goes_out_in_order_once_even_over_a_restart() {
    let port = script::free_port().await;
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&format!("ws://127.0.0.1:{port}/")).await;
    for n in 0..100 {
        bench.say(conversation, &format!("{n}")).await;
    }
    let bench = bench.reopen().await;
    assert_eq!(bench.engine.sidebar().await.unwrap().conversations[0].waiting, 100);
    let peer = Peer::listen_on(port).await;
    bench.engine.connect_now(account).await;
    bench.until_delivered(conversation, &[Delivery::Sent]).await;
    assert_eq!(peer.heard(), (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(bench.engine.sidebar().await.unwrap().conversations[0].waiting, 0);
}

#[tokio::test]
async fn a_message_whose_fate_nobody_knows_is_called_so_and_sent_again_only_by_the_user() {
    let peer = Peer::listen().await;
    peer.swallow();
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&peer.url()).await;
    bench.until_online(account).await;
    bench.say(conversation, "into the void").await;
    bench.say(conversation, "never mind").await;
    bench.until_delivered(conversation, &[Delivery::Sending]).await;
    peer.drop_all();
    bench.until_delivered(conversation, &[Delivery::Unconfirmed]).await;
    peer.listen_again();
    bench.engine.connect_now(account).await;
    bench.until_online(account).await;
    let ids: Vec<_> = all(&bench.engine, conversation)
        .await
        .iter()
        .filter(|row| own(row).is_some())
        .map(|row| row.place.id)
        .collect();
    bench.engine.retry(txn(), ids[0]).await.unwrap();
    bench.engine.discard(txn(), ids[1]).await.unwrap();
    bench.until_delivered(conversation, &[Delivery::Sent]).await;
    assert_eq!(peer.heard(), ["into the void"], "nothing was sent again by itself");
    let again = bench.engine.discard(txn(), ids[0]).await.unwrap_err();
    assert_eq!(again.code, Code::Gone, "what was sent cannot be taken back");
}

#[tokio::test]
async fn one_accounts_failure_touches_no_other() {
    let (mad, sane) = (Peer::listen().await, Peer::listen().await);
    let bench = Bench::open_with(SCRIPTED, quick()).await;
    let (broken, _) = bench.join_scripted(&mad).await;
    let (refused, _) = bench.join("ws://127.0.0.1:1/").await;
    let (account, conversation) = bench.join_scripted(&sane).await;
    bench.until_online(broken).await;
    bench.until_online(account).await;
    mad.say("panic");
    let ended = bench.until_ended(broken).await;
    assert!(matches!(ended, Reason::Internal { .. }), "{ended:?}");
    sane.say("say still here");
    bench.until_received(conversation, 1).await;
    assert!(matches!(
        bench.account(refused).await.status,
        Status::Waiting { .. } | Status::Connecting { .. }
    ));
    assert!(matches!(bench.account(account).await.status, Status::Online { .. }));
    bench.until_online(broken).await;
}

#[tokio::test]
async fn the_time_without_a_line_is_a_gap_and_an_end_by_kill_is_one_too() {
    let peer = Peer::listen().await;
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&peer.url()).await;
    bench.until_online(account).await;
    assert!(
        gaps(&all(&bench.engine, conversation).await).is_empty(),
        "before the first session nothing is missing"
    );
    peer.say("before");
    bench.until_received(conversation, 1).await;
    peer.drop_all();
    let open = bench.until("a gap", async |engine| gaps(&all(engine, conversation).await).pop()).await;
    assert_eq!(open.1, None, "still away");
    bench.until_status(account, |status| !matches!(status, Status::Online { .. })).await;
    peer.listen_again();
    bench.engine.connect_now(account).await;
    bench.until_online(account).await;
    let closed = gaps(&all(&bench.engine, conversation).await);
    assert!(
        matches!(closed.as_slice(), [(from, Some(until))] if from == &open.0 && until >= from),
        "{closed:?}"
    );

    peer.say("after");
    bench.until_received(conversation, 2).await;
    let bench = bench.kill().await;
    bench.until_online(account).await;
    let rows = all(&bench.engine, conversation).await;
    assert_eq!(gaps(&rows).len(), 2, "{rows:?}");
    assert!(gaps(&rows).iter().all(|(_, until)| until.is_some()));
}

#[tokio::test]
async fn hostile_text_stays_text_and_binary_is_shown_as_such() {
    let peer = Peer::listen().await;
    let bench = Bench::open().await;
    let (_, conversation) = bench.join(&peer.url()).await;
    bench.until("a visitor", async |_| peer.has_visitors().then_some(())).await;
    let hostile = "<script>alert(1)</script>\u{202e}\u{0}&lt;";
    peer.say(hostile);
    peer.say_binary(vec![0xff; 5000]);
    bench.until_received(conversation, 2).await;
    let rows = all(&bench.engine, conversation).await;
    assert_eq!(received(&rows[0]).as_deref(), Some(hostile));
    let Item::Message { body, .. } = &rows[1].item else { panic!("{rows:?}") };
    assert_eq!(body.spans, [domain::Span::Binary { size: 5000, head: vec![0xff; domain::BINARY_HEAD] }]);
}

#[tokio::test]
async fn bad_intents_get_a_clear_fault_and_change_nothing() {
    let bench = Bench::open().await;
    let (account, conversation) = bench.join("ws://127.0.0.1:1/").await;
    let engine = &bench.engine;
    let nowhere = domain::ConversationId(999);
    let code = |result: Result<Option<domain::MessageId>, engine::contract::Fault>| result.unwrap_err().code;
    assert_eq!(code(engine.send(txn(), conversation, " \n ".into(), None).await), Code::Invalid);
    assert_eq!(code(engine.send(txn(), nowhere, "x".into(), None).await), Code::Gone);
    assert_eq!(code(engine.send(txn(), conversation, "x".repeat(5 << 20), None).await), Code::TooLong);
    assert_eq!(
        engine.add_account(txn(), plain("http://h/"), Vec::new()).await.unwrap_err().code,
        Code::Invalid
    );
    let unknown = AccountConfig { protocol: "no such".into(), ..plain("ws://h/") };
    assert_eq!(engine.add_account(txn(), unknown, Vec::new()).await.unwrap_err().code, Code::Invalid);
    let ghost = domain::AccountId(999);
    assert_eq!(
        engine.edit_account(txn(), ghost, plain("ws://h/"), Vec::new()).await.unwrap_err().code,
        Code::Gone
    );
    assert_eq!(engine.retry(txn(), domain::MessageId(999)).await.unwrap_err().code, Code::Gone);
    assert!(all(engine, conversation).await.is_empty());
    assert_eq!(engine.sidebar().await.unwrap().accounts.len(), 1);
    assert_eq!(bench.account(account).await.account.config.url, "ws://127.0.0.1:1/");
}

#[tokio::test]
async fn an_account_is_reconnected_only_when_its_connection_changes() {
    let (here, there) = (Peer::listen().await, Peer::listen().await);
    let bench = Bench::open().await;
    let (account, _) = bench.join(&here.url()).await;
    bench.until_online(account).await;
    let named = AccountConfig { name: "Home".into(), ..plain(&here.url()) };
    bench.engine.edit_account(txn(), account, named, Vec::new()).await.unwrap();
    assert_eq!(bench.account(account).await.label, "Home");
    bench.engine.edit_account(txn(), account, plain(&there.url()), Vec::new()).await.unwrap();
    bench.until("a visitor", async |_| there.has_visitors().then_some(())).await;
    assert_eq!(here.visits(), 1, "a new name is no reason to reconnect");
    bench.engine.set_enabled(txn(), account, Enabled::Off).await.unwrap();
    bench.until_status(account, |status| *status == Status::Off).await;
    let closed = there.until_closed().await;
    assert_eq!(closed, Some(1000), "a clean close");
}

#[tokio::test]
async fn an_echo_that_carries_our_txn_becomes_our_row() {
    let peer = Peer::listen().await;
    let bench = Bench::open_with(SCRIPTED, quick()).await;
    let (account, conversation) = bench.join_scripted(&peer).await;
    bench.until_online(account).await;
    bench.say(conversation, "with a receipt").await;
    let said: Said = peer.until(Said::read).await;
    peer.say(&format!("ack {} remote-1", said.txn));
    bench.until_delivered(conversation, &[Delivery::Acknowledged]).await;
    // The same message again, from the server's side: one name is one row.
    peer.say("named remote-1 with a receipt");
    peer.say("named remote-2 another");
    peer.say("named remote-2 another");
    peer.say("say the end");
    bench.until_received(conversation, 2).await;
    let rows = all(&bench.engine, conversation).await;
    assert_eq!(rows.len(), 3, "{rows:?}");
    bench.say(conversation, "refuse me").await;
    let said: Said = peer.until(|said| Said::read(said).filter(|said| said.text == "refuse me")).await;
    peer.say(&format!("refuse {}", said.txn));
    bench
        .until_delivered(
            conversation,
            &[Delivery::Acknowledged, Delivery::Failed { why: "the script".into() }],
        )
        .await;
}

#[tokio::test]
async fn the_lounge_moves_with_all_that_the_user_gave_it_until_the_user_moves_it_away() {
    let bench = Bench::open().await;
    let engine = &bench.engine;
    let account = engine.join_lounge(txn(), "ws://127.0.0.1:1/lounge".into()).await.unwrap();
    let named = AccountConfig { name: "Home".into(), ..plain("ws://127.0.0.1:1/lounge") };
    engine.edit_account(txn(), account, named, Vec::new()).await.unwrap();
    let lounge = engine.lounge().await.unwrap().unwrap();
    engine.move_lounge(lounge, "ws://127.0.0.1:2/lounge".into()).await.unwrap();
    let lounge = engine.lounge().await.unwrap().unwrap();
    assert_eq!(
        (lounge.config.name.as_str(), lounge.config.url.as_str()),
        ("Home", "ws://127.0.0.1:2/lounge")
    );
    assert_eq!(engine.join_lounge(txn(), "ws://127.0.0.1:2/lounge".into()).await.unwrap(), account);

    engine.edit_account(txn(), account, plain("ws://127.0.0.1:3/ours"), Vec::new()).await.unwrap();
    assert!(
        engine.lounge().await.unwrap().is_none(),
        "an account with an address of the user's is no lounge"
    );
    assert_ne!(engine.join_lounge(txn(), "ws://127.0.0.1:2/lounge".into()).await.unwrap(), account);
    assert_eq!(bench.account(account).await.account.config.url, "ws://127.0.0.1:3/ours");
}

#[tokio::test]
async fn the_bell_is_rung_for_what_the_user_does_and_for_what_a_server_says() {
    let peer = Peer::listen().await;
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&peer.url()).await;
    bench.engine.set_enabled(txn(), account, Enabled::Off).await.unwrap();
    bench.until_status(account, |status| *status == Status::Off).await;
    let before = bench.bells();
    bench.say(conversation, "nobody but the disk hears this").await;
    bench.until_rung(conversation, before).await;

    bench.engine.set_enabled(txn(), account, Enabled::On).await.unwrap();
    bench.until_delivered(conversation, &[Delivery::Sent]).await;
    let before = bench.bells();
    peer.say("and the server answers");
    bench.until_rung(conversation, before).await;
}

#[tokio::test]
async fn a_message_that_a_kill_met_on_its_way_is_unconfirmed_at_the_next_start() {
    let peer = Peer::listen().await;
    peer.swallow();
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&peer.url()).await;
    bench.until_online(account).await;
    bench.say(conversation, "on its way").await;
    bench.until_delivered(conversation, &[Delivery::Sending]).await;
    let bench = bench.kill().await;
    bench.until_delivered(conversation, &[Delivery::Unconfirmed]).await;
}

#[tokio::test]
async fn settings_are_kept() {
    let bench = Bench::open().await;
    assert_eq!(bench.engine.settings().await.unwrap(), Settings::default());
    let chosen = Settings {
        language: Language::Chinese,
        theme: Theme::Dark,
        background: Background::Quit,
        highlights: "whinchat, rust".into(),
        ..Settings::default()
    };
    bench.engine.set_settings(txn(), chosen.clone()).await.unwrap();
    let bench = bench.reopen().await;
    assert_eq!(bench.engine.settings().await.unwrap(), chosen);
}

#[tokio::test]
async fn removing_an_account_in_the_middle_of_a_flood_leaves_nothing_behind() {
    let peer = Peer::listen().await;
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&peer.url()).await;
    bench.until_online(account).await;
    for n in 0..2000 {
        peer.say(&format!("{n}"));
    }
    bench.until_received(conversation, 10).await;
    bench.engine.remove_account(txn(), account).await.unwrap();
    let sidebar = bench.engine.sidebar().await.unwrap();
    assert!(sidebar.accounts.is_empty() && sidebar.conversations.is_empty());
    assert_eq!(peer.until_closed().await, Some(1000));
    bench.engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_opened_by_the_desktop_and_only_where_links_may_lead() {
    let bench = Bench::open().await;
    let open = async |url: &str| bench.engine.open_link(url.to_owned()).await.map_err(|fault| fault.code);
    let good = ["https://example.org/a?b#c", "mailto:me@example.org", "xmpp:me@example.org"];
    for url in good {
        assert_eq!(open(url).await, Ok(()), "{url}");
    }
    for url in ["javascript:alert(1)", "file:///etc/passwd", "example.org", "https://example.org/\u{202e}"] {
        assert_eq!(open(url).await, Err(Code::Invalid), "{url}");
    }
    assert_eq!(open("irc://irc.example.org/#rust").await, Err(Code::Unopened));
    let opened = bench.desktop.opened();
    assert_eq!(opened.iter().map(domain::Target::as_str).collect::<Vec<_>>(), good);
}
