//! Every way in which a server, a network or an address says no, and the reason that the user is given.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by a panic, and looks for one case"
)]

mod common;

use common::{ACCOUNT, Rig, plain, quick};
use domain::{AccountConfig, CloseBy, Compression, Phase, Reason, Refusal, Status, TlsFault};
use link::{Report, Timing};
use std::net::Ipv4Addr;
use std::time::Duration;
use testkit::server::{Authority, Kind, Peer, Server, scripts};
use tokio::net::TcpListener;

/// The reason for which an account at that address is down.
async fn down(url: &str) -> Reason {
    let mut rig = Rig::new(quick());
    rig.start(url);
    rig.until_down().await
}

/// The reason that a server which answers the handshake so gives.
async fn refused(status: &'static str, lines: &'static str, body: &'static str) -> Reason {
    let server = Server::start(move |mut peer: Peer| async move { peer.refuse(status, lines, body).await })
        .await
        .unwrap();
    down(&server.url()).await
}

fn status(status: u16, refusal: Refusal, text: &str) -> Reason {
    Reason::Status { status, refusal, text: text.to_owned() }
}

#[tokio::test]
async fn an_address_that_cannot_be_used() {
    let Reason::BadAddress { text } = down("http://example.org/").await else { panic!() };
    assert!(text.contains("http:// is not WebSocket"), "{text}");
    let mut rig = Rig::new(quick());
    rig.start_with(common::ACCOUNT, AccountConfig { protocol: "morse".into(), ..plain("ws://localhost/") });
    assert!(matches!(rig.until_down().await, Reason::BadAddress { .. }));
}

#[tokio::test]
async fn a_host_without_an_address() {
    let Reason::Dns { host, .. } = down("ws://nobody.invalid/").await else { panic!() };
    assert_eq!(host, "nobody.invalid");
}

#[tokio::test]
async fn nobody_listens() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    assert_eq!(down(&format!("ws://{address}/")).await, Reason::Refused { address });
}

#[tokio::test]
async fn the_handshake_is_never_answered() {
    let server = Server::start(scripts::never_upgrade).await.unwrap();
    let mut rig = Rig::new(Timing { upgrade: Duration::from_millis(200), ..quick() });
    rig.start(&server.url());
    assert_eq!(rig.until_down().await, Reason::TimedOut { phase: Phase::Upgrade, seconds: 1 });
}

#[tokio::test]
async fn tls_is_never_answered() {
    let server = Server::start(|mut peer: Peer| async move { peer.silence().await }).await.unwrap();
    let mut rig = Rig::new(Timing { tls: Duration::from_millis(200), ..quick() });
    rig.start(&format!("wss://127.0.0.1:{}/", server.port()));
    assert_eq!(rig.until_down().await, Reason::TimedOut { phase: Phase::Tls, seconds: 1 });
}

#[tokio::test]
async fn the_whole_attempt_has_a_limit_too() {
    let server = Server::start(scripts::never_upgrade).await.unwrap();
    let mut rig = Rig::new(Timing { connect: Duration::from_millis(200), ..quick() });
    rig.start(&server.url());
    assert_eq!(rig.until_down().await, Reason::TimedOut { phase: Phase::Upgrade, seconds: 1 });
}

#[tokio::test]
async fn a_log_in_is_wanted() {
    let reason =
        refused("401 Unauthorized", "WWW-Authenticate: Basic realm=\"chat\"\r\n", "who are you?").await;
    let challenge = Some("Basic realm=\"chat\"".to_owned());
    assert_eq!(reason, status(401, Refusal::Unauthorized { challenge }, "who are you?"));
}

#[tokio::test]
async fn forbidden_with_a_page() {
    let page = "<html><head><title>403 Forbidden</title></head><body>nginx</body></html>";
    assert_eq!(refused("403 Forbidden", "", page).await, status(403, Refusal::Forbidden, "403 Forbidden"));
}

#[tokio::test]
async fn nothing_at_that_path() {
    assert_eq!(refused("404 Not Found", "", "").await, status(404, Refusal::NotFound, ""));
}

#[tokio::test]
async fn too_many_and_come_back_later() {
    let later = Refusal::TooMany { retry_after_s: Some(7) };
    assert_eq!(
        refused("429 Too Many Requests", "Retry-After: 7\r\n", "slow").await,
        status(429, later, "slow")
    );
    let sometime = Refusal::TooMany { retry_after_s: None };
    assert_eq!(refused("503 Service Unavailable", "", "").await, status(503, sometime, ""));
}

#[tokio::test]
async fn a_redirect_is_shown_and_not_followed() {
    let elsewhere = Server::start(scripts::echo).await.unwrap();
    let location = elsewhere.url();
    let lines: &'static str = format!("Location: {location}\r\n").leak();
    let reason = refused("302 Found", lines, "").await;
    assert_eq!(reason, status(302, Refusal::Redirect { location: Some(location) }, ""));
    assert_eq!(elsewhere.log().connections, 0);
}

#[tokio::test]
async fn a_web_page_that_is_no_websocket() {
    let reason = refused("200 OK", "Content-Type: text/html\r\n", "<h1>It works!</h1>").await;
    assert_eq!(reason, status(200, Refusal::Other, "It works!"));
}

#[tokio::test]
async fn a_body_that_comes_late_and_in_chunks() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.request().await?;
        peer.raw("HTTP/1.1 500 \r\nTransfer-Encoding: chunked\r\n\r\n").await?;
        peer.raw("4\r\nout \r\n").await?;
        peer.raw("8\r\nof order\r\n0\r\n\r\n").await
    })
    .await
    .unwrap();
    assert_eq!(down(&server.url()).await, status(500, Refusal::Other, "out of order"));
}

#[tokio::test]
async fn a_wrong_accept_key_or_no_upgrade_is_no_websocket() {
    for (lines, word) in [
        (
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n",
            "Sec-WebSocket-Accept",
        ),
        ("Connection: Upgrade\r\n", "Upgrade: websocket"),
        ("Upgrade: websocket\r\n", "Connection: Upgrade"),
    ] {
        let server = Server::start(move |mut peer: Peer| async move {
            peer.request().await?;
            peer.raw(format!("HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n")).await
        })
        .await
        .unwrap();
        let Reason::NotWebSocket { text } = down(&server.url()).await else { panic!("{word}") };
        assert!(text.contains(word), "{text}");
    }
}

/// An answer with these lines, `ACCEPT` put in the place of the right key.
async fn answered(lines: &'static str, subprotocols: &[&str]) -> Result<Option<String>, Reason> {
    let server = Server::start(move |mut peer: Peer| async move {
        let head = peer.request().await?;
        let good = peer.acceptance(&head, "");
        let accept = good.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Accept: "));
        let lines = lines.replace("ACCEPT", accept.unwrap());
        // The first frame comes in the same segment.
        let frame = [0x81, 2, b'h', b'i'];
        peer.raw([format!("HTTP/1.1 101 x\r\n{lines}\r\n").as_bytes(), frame.as_slice()].concat()).await?;
        peer.silence().await
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    let subprotocols = subprotocols.iter().map(|&name| name.to_owned()).collect();
    rig.start_with(ACCOUNT, AccountConfig { subprotocols, ..plain(&server.url()) });
    let outcome = rig
        .until(|report| match report {
            Report::Status(Status::Online { line }) => Some(Ok(line.subprotocol.clone())),
            Report::Status(Status::Waiting { reason, .. } | Status::Stopped { reason }) => {
                Some(Err(reason.clone()))
            }
            _ => None,
        })
        .await;
    if outcome.is_ok() {
        assert_eq!(rig.until(common::text).await, "hi", "what follows the head is not lost");
        assert_eq!(server.log().connections, 1, "nobody was asked twice");
    }
    outcome
}

/// `Connection` is a list (RFC 9110 §7.6.1), and lists may come in several lines (§5.3).
#[tokio::test]
async fn an_upgrade_among_other_tokens_is_an_upgrade() {
    for lines in [
        "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n",
        "upgrade: WebSocket\r\nconnection: UPGRADE ,keep-alive\r\nsec-websocket-accept: ACCEPT\r\n",
        "Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept:ACCEPT\r\n",
    ] {
        assert_eq!(answered(lines, &[]).await, Ok(None), "{lines}");
        assert_eq!(answered(lines, &["chat"]).await, Ok(None), "{lines}");
        let chosen: &'static str = format!("{lines}Sec-WebSocket-Protocol: chat\r\n").leak();
        assert_eq!(answered(chosen, &["chat.v2", "chat"]).await, Ok(Some("chat".into())), "{lines}");
        // All the other checks are made.
        let wrong = Reason::Subprotocol { chosen: Some("chat".into()) };
        assert_eq!(answered(chosen, &["other"]).await, Err(wrong.clone()));
        assert_eq!(answered(chosen, &[]).await, Err(wrong));
        let extended: &'static str = format!("{lines}Sec-WebSocket-Extensions: x-own\r\n").leak();
        assert!(matches!(answered(extended, &[]).await, Err(Reason::NotWebSocket { .. })));
    }
}

#[tokio::test]
async fn among_other_tokens_a_wrong_answer_is_wrong_as_ever() {
    for (lines, words) in [
        (
            "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n",
            "Sec-WebSocket-Accept",
        ),
        ("Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n", "Sec-WebSocket-Accept"),
        ("Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n", "Upgrade: websocket"),
        (
            "Upgrade: h2c\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n",
            "Upgrade: websocket",
        ),
        (
            "Upgrade: websocket\r\nConnection: keep-alive\r\nSec-WebSocket-Accept: ACCEPT\r\n",
            "Connection: Upgrade",
        ),
        (
            "Upgrade: websocket\r\nConnection: not-an-upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n",
            "Connection: Upgrade",
        ),
        ("Upgrade: websocket\r\nSec-WebSocket-Accept: ACCEPT\r\n", "Connection: Upgrade"),
    ] {
        let Err(Reason::NotWebSocket { text }) = answered(lines, &[]).await else { panic!("{lines}") };
        assert!(text.contains(words), "{lines}: {text}");
    }
}

#[tokio::test]
async fn an_extension_that_nobody_offered() {
    let answering = |answer: &'static str| {
        Server::start(move |mut peer: Peer| async move {
            peer.accept_with(&format!("Sec-WebSocket-Extensions: {answer}\r\n")).await?;
            peer.silence().await
        })
    };
    for answer in
        ["x-webkit-deflate-frame", "permessage-deflate; mystery", "permessage-deflate, permessage-deflate"]
    {
        let server = answering(answer).await.unwrap();
        assert!(matches!(down(&server.url()).await, Reason::NotWebSocket { .. }), "{answer}");
    }
    let server = answering("permessage-deflate").await.unwrap();
    let mut rig = Rig::new(quick());
    let config = AccountConfig { compression: Compression::Off, ..plain(&server.url()) };
    rig.start_with(common::ACCOUNT, config);
    assert!(matches!(rig.until_down().await, Reason::NotWebSocket { .. }));
}

#[tokio::test]
async fn a_server_that_does_not_speak_http() {
    for banner in ["SSH-2.0-OpenSSH_9.2\r\n", "220 mail.example ESMTP\r\n"] {
        let server = Server::start(move |mut peer: Peer| async move {
            peer.raw(banner).await?;
            peer.swallow().await
        })
        .await
        .unwrap();
        let reason = down(&server.url()).await;
        assert_eq!(reason, Reason::NotWebSocket { text: "the answer is not HTTP".into() });
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_on_the_handshake() {
    let server = Server::start(|mut peer: Peer| async move { peer.request().await.map(drop) }).await.unwrap();
    assert!(matches!(down(&server.url()).await, Reason::Dropped { .. }));
}

#[tokio::test]
async fn a_tls_server_behind_a_plain_address() {
    let authority = Authority::new().unwrap();
    let server = Server::start_tls(&authority.identity(Kind::Valid).unwrap(), scripts::echo).await.unwrap();
    let Reason::NotWebSocket { text } = down(&format!("ws://localhost:{}/", server.port())).await else {
        panic!()
    };
    assert!(text.contains("wss://"), "{text}");
}

#[tokio::test]
async fn a_plain_server_behind_a_tls_address() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.raw("HTTP/1.1 400 Bad Request\r\n\r\n").await?;
        peer.swallow().await
    })
    .await
    .unwrap();
    let reason = down(&format!("wss://localhost:{}/", server.port())).await;
    assert!(matches!(reason, Reason::Tls { fault: TlsFault::NotTls, .. }), "{reason:?}");
}

#[tokio::test]
async fn each_tls_verdict_has_its_name() {
    let authority = Authority::new().unwrap();
    for (kind, fault) in [
        (Kind::Expired, TlsFault::Expired),
        (Kind::NotYetValid, TlsFault::NotYetValid),
        (Kind::WrongName, TlsFault::WrongName),
        (Kind::SelfSigned, TlsFault::UnknownIssuer),
        (Kind::WrongPurpose, TlsFault::WrongPurpose),
        (Kind::WantsClientCertificate, TlsFault::ClientCertificateWanted),
    ] {
        let server = Server::start_tls(&authority.identity(kind).unwrap(), scripts::echo).await.unwrap();
        let mut rig = Rig::with(&authority, quick(), 64);
        rig.start(&server.url());
        let reason = rig.until_down().await;
        assert!(
            matches!(&reason, Reason::Tls { fault: found, .. } if *found == fault),
            "{kind:?}: {reason:?}"
        );
        let last = rig.statuses().pop();
        assert!(matches!(last, Some(Status::Stopped { .. })), "only the user can mend it");
    }
}

#[tokio::test]
async fn a_server_that_asked_for_a_certificate_may_refuse_for_another_cause() {
    let authority = Authority::new().unwrap();
    let identity = authority.identity(Kind::AsksForClientCertificate).unwrap();
    let wanted = |reason: &Reason| {
        matches!(reason, Reason::Tls { fault: TlsFault::ClientCertificateWanted, certificate: Some(_), .. })
    };
    for (status, page, about_ours) in [
        ("400 Bad Request", "<title>400 No required SSL certificate was sent</title>", true),
        ("400 Bad Request", "<title>400 The SSL certificate error</title>", true),
        ("496 SSL Certificate Required", "", true),
        ("400 Bad Request", "<title>400 Bad Request</title>", false),
        ("503 Later", "No required SSL certificate was sent", false),
    ] {
        let script = move |mut peer: Peer| async move { peer.refuse(status, "", page).await };
        let server = Server::start_tls(&identity, script).await.unwrap();
        let mut rig = Rig::with(&authority, quick(), 64);
        rig.start(&server.url());
        let reason = rig.until_down().await;
        assert_eq!(wanted(&reason), about_ours, "{status} {page}: {reason:?}");
        assert!(about_ours || matches!(reason, Reason::Status { .. }), "{reason:?}");
    }

    let server = Server::start_tls(&identity, |mut peer: Peer| async move { peer.request().await.map(drop) });
    let server = server.await.unwrap();
    let mut rig = Rig::with(&authority, quick(), 64);
    rig.start(&server.url());
    let reason = rig.until_down().await;
    assert!(matches!(reason, Reason::Dropped { .. }), "{reason:?}");
    server.until(|log| log.connections >= 2).await;

    // The server's own Origin is tried here too.
    let server = Server::start_tls(&identity, |mut peer: Peer| async move {
        let head = peer.request().await?;
        if !head.contains("Origin:") {
            return peer.raw("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
        peer.raw(peer.acceptance(&head, "")).await?;
        while peer.message().await?.is_some() {}
        Ok(())
    });
    let server = server.await.unwrap();
    let mut rig = Rig::with(&authority, quick(), 64);
    rig.start(&server.url());
    rig.until(|report| matches!(report, Report::Status(Status::Online { .. })).then_some(())).await;
}

#[tokio::test]
async fn a_good_certificate_is_trusted_and_the_line_says_so() {
    let authority = Authority::new().unwrap();
    let server = Server::start_tls(&authority.identity(Kind::Valid).unwrap(), scripts::echo).await.unwrap();
    let mut rig = Rig::with(&authority, quick(), 64);
    rig.start(&server.url());
    let line = rig
        .until(|report| match report {
            Report::Status(Status::Online { line }) => Some(line.clone()),
            _ => None,
        })
        .await;
    assert_eq!(line.tls.as_deref(), Some("TLS 1.3"));
    assert_eq!(
        line.address,
        format!("127.0.0.1:{}", server.port()),
        "localhost works for a server of one family"
    );
    rig.send(1);
    rig.until_arrived(1).await;
}

#[tokio::test]
async fn an_unknown_authority_is_not_trusted() {
    let stranger = Authority::new().unwrap();
    let server = Server::start_tls(&stranger.identity(Kind::Valid).unwrap(), scripts::echo).await.unwrap();
    let reason = down(&server.url()).await;
    assert!(
        matches!(reason, Reason::Tls { fault: TlsFault::UnknownIssuer | TlsFault::BadCertificate, .. }),
        "{reason:?}"
    );
}

#[tokio::test]
async fn a_subprotocol_that_was_not_offered() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept_with("Sec-WebSocket-Protocol: telex\r\n").await?;
        peer.silence().await
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    rig.start_with(
        common::ACCOUNT,
        AccountConfig { subprotocols: vec!["chat".into()], ..plain(&server.url()) },
    );
    assert_eq!(rig.until_down().await, Reason::Subprotocol { chosen: Some("telex".into()) });
}

#[tokio::test]
async fn a_server_that_chooses_no_subprotocol_is_used_without() {
    // Its first frame comes in one packet with the answer.
    let server = Server::start(|mut peer: Peer| async move {
        let head = peer.request().await?;
        let mut answer = peer.acceptance(&head, "").into_bytes();
        answer.extend(b"\x81\x05hello");
        peer.raw(answer).await?;
        while peer.message().await?.is_some() {}
        Ok(())
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    rig.start_with(
        common::ACCOUNT,
        AccountConfig { subprotocols: vec!["chat".into()], ..plain(&server.url()) },
    );
    let line = rig
        .until(|report| match report {
            Report::Status(Status::Online { line }) => Some(line.clone()),
            _ => None,
        })
        .await;
    assert_eq!(line.subprotocol, None);
    assert_eq!(rig.until(common::text).await, "hello");
    rig.send(1);
    rig.until_arrived(1).await;
    let log = server.log();
    assert_eq!(log.connections, 1, "nobody came, went, and came again");
    assert!(log.requests()[0].to_lowercase().contains("sec-websocket-protocol: chat"));
}

#[tokio::test]
async fn an_origin_is_sent_to_a_server_that_insists_on_one() {
    let server = Server::start(|mut peer: Peer| async move {
        if peer.number() == 1 {
            return peer.refuse("403 Forbidden", "", "").await;
        }
        peer.accept().await?;
        while peer.message().await?.is_some() {}
        Ok(())
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    rig.until_online().await;
    let log = server.log();
    let [first, second] = log.requests()[..] else { panic!("{log:?}") };
    assert!(!first.contains("Origin:"), "{first}");
    assert!(second.contains(&format!("Origin: http://127.0.0.1:{}\r\n", server.port())), "{second}");
    assert!(second.contains("user-agent: Whinchat/0.1"), "{second}");
}

#[tokio::test]
async fn a_close_frame_is_kept_with_its_code_and_reason() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        peer.close(Some(1001), "going\naway").await?;
        while peer.next().await?.is_some() {}
        Ok(())
    })
    .await
    .unwrap();
    let reason = down(&server.url()).await;
    assert_eq!(reason, Reason::Closed { code: Some(1001), text: "going away".into(), by: CloseBy::Server });
    server.until(|log| log.closes().first() == Some(&Some(1001))).await;
}

#[tokio::test]
async fn a_close_frame_without_a_code() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        peer.close(None, "").await?;
        peer.swallow().await
    })
    .await
    .unwrap();
    let reason = down(&server.url()).await;
    assert_eq!(reason, Reason::Closed { code: None, text: String::new(), by: CloseBy::Server });
}

#[tokio::test]
async fn a_stream_that_ends_without_a_close_frame_was_dropped() {
    let half_close = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        peer.half_close().await?;
        peer.swallow().await
    });
    let reset = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        peer.begin_text(100, "only a part").await?;
        peer.reset()
    });
    for server in [half_close.await.unwrap(), reset.await.unwrap()] {
        let reason = down(&server.url()).await;
        assert!(matches!(reason, Reason::Dropped { .. }), "{reason:?}");
    }
}
