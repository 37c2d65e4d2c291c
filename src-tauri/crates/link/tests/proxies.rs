//! Proxies: what is asked of them, what they answer, and that nothing goes around them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by a panic, and looks for one case"
)]

mod common;

use common::{ACCOUNT, Keeps, Rig, plain, quick};
use domain::{AccountConfig, Attempt, Outcome, Phase, Proxy, ProxyFault, Reason, SecretKind, SecretTrouble};
use link::{Desktop, Report, Surroundings};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use testkit::proxy::Proxy as TestProxy;
use testkit::server::{Authority, Kind, Peer, Server, scripts};
use tokio::net::TcpListener;

fn http(port: u16, user: &str) -> Proxy {
    Proxy::Http { host: "127.0.0.1".into(), port, user: user.into() }
}

fn socks(port: u16, user: &str) -> Proxy {
    Proxy::Socks5 { host: "127.0.0.1".into(), port, user: user.into() }
}

async fn outcome(rig: &mut Rig) -> Attempt {
    rig.until(|report| match report {
        Report::Attempt(attempt) if attempt.is_known() => Some((**attempt).clone()),
        _ => None,
    })
    .await
}

async fn attempt(url: &str, proxy: Proxy) -> Attempt {
    let mut rig = Rig::new(quick());
    rig.start_with(ACCOUNT, AccountConfig { proxy, ..plain(url) });
    outcome(&mut rig).await
}

/// The verdict on a proxy that answers so.
async fn verdict(proxy: impl Fn(u16) -> Proxy, answer: &'static [u8]) -> (ProxyFault, String) {
    let server = Server::start(move |mut peer: Peer| async move {
        peer.raw(answer).await?;
        peer.swallow().await
    })
    .await
    .unwrap();
    let attempt = attempt("ws://nobody.invalid/", proxy(server.port())).await;
    assert_eq!(attempt.steps.last().unwrap().phase, Phase::Proxy, "{attempt:?}");
    match attempt.outcome {
        Outcome::Failed { reason: Reason::Proxy { proxy, fault, text } } => {
            assert_eq!(proxy, format!("127.0.0.1:{}", server.port()));
            (fault, text)
        }
        outcome => panic!("{outcome:?}"),
    }
}

/// The name of a server that only the proxy knows: RFC 6761 §6.4, no resolver may.
const NAME: &str = "whinchat-test.invalid";

/// With TLS and without, through CONNECT and SOCKS5: the name goes to the proxy, the resolver's failure would end the
/// try, and every connection that the server sees is one that the proxy made.
#[tokio::test]
async fn nothing_goes_around_a_proxy() {
    for kind in [http as fn(u16, &str) -> Proxy, socks] {
        let authority = Authority::new().unwrap();
        let server = Server::start(scripts::echo).await.unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
        let target = format!("{NAME}:{}", server.port());
        let proxy = TestProxy::start([(target.clone(), address)]).await.unwrap();
        let mut rig = Rig::with(&authority, quick(), 64);
        let config = AccountConfig { proxy: kind(proxy.port(), ""), ..plain(&format!("ws://{target}/")) };
        rig.start_with(ACCOUNT, config);
        let online = outcome(&mut rig).await;
        assert!(matches!(online.outcome, Outcome::Online { .. }), "{online:?}");
        let phases: Vec<_> = online.steps.iter().map(|step| step.phase).collect();
        assert_eq!(phases, [Phase::Dns, Phase::Tcp, Phase::Proxy, Phase::Upgrade, Phase::Login]);
        assert_eq!(online.peer.address, Some(format!("127.0.0.1:{}", proxy.port())), "the proxy's");
        rig.send(1);
        rig.until_arrived(1).await;
        let asked = proxy.asked();
        assert_eq!(asked.iter().map(|asked| asked.target.as_str()).collect::<Vec<_>>(), [target.as_str()]);
        assert_eq!(server.log().connections, 1);
        assert_eq!(server.log().peers, [asked[0].from.unwrap()], "the server sees the proxy and nobody else");

        // A server that could be reached directly is not, when the proxy does not go there.
        let mut rig = Rig::new(quick());
        let direct = format!("ws://127.0.0.1:{}/", server.port());
        rig.start_with(ACCOUNT, AccountConfig { proxy: kind(proxy.port(), ""), ..plain(&direct) });
        let refused = outcome(&mut rig).await;
        let unreachable =
            |reason: &Reason| matches!(reason, Reason::Proxy { fault: ProxyFault::Unreachable, .. });
        assert!(matches!(&refused.outcome, Outcome::Failed { reason } if unreachable(reason)), "{refused:?}");
        assert_eq!(server.log().connections, 1);
    }
}

#[tokio::test]
async fn tls_goes_through_a_proxy_and_is_verified_for_the_server() {
    let authority = Authority::new().unwrap();
    let server = Server::start_tls(&authority.identity(Kind::Valid).unwrap(), scripts::listen).await.unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
    let names = ["localhost", NAME].map(|name| (format!("{name}:{}", server.port()), address));
    let proxy = TestProxy::start(names).await.unwrap();
    let mut rig = Rig::with(&authority, quick(), 64);
    rig.start_with(ACCOUNT, AccountConfig { proxy: http(proxy.port(), ""), ..plain(&server.url()) });
    assert!(matches!(outcome(&mut rig).await.outcome, Outcome::Online { .. }));
    let other = format!("wss://{NAME}:{}/", server.port());
    let mut rig = Rig::with(&authority, quick(), 64);
    rig.start_with(ACCOUNT, AccountConfig { proxy: http(proxy.port(), ""), ..plain(&other) });
    let failed = outcome(&mut rig).await;
    let wrong = |reason: &Reason| matches!(reason, Reason::Tls { fault: domain::TlsFault::WrongName, .. });
    assert!(matches!(&failed.outcome, Outcome::Failed { reason } if wrong(reason)), "{failed:?}");
}

#[tokio::test]
async fn what_a_proxy_answers_has_a_name() {
    for (answer, fault) in [
        (
            &b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"[..],
            ProxyFault::Unauthorized,
        ),
        (b"HTTP/1.1 403 Filtered\r\n\r\n", ProxyFault::Forbidden),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", ProxyFault::Unreachable),
        (b"HTTP/1.1 504 Gateway Timeout\r\n\r\n", ProxyFault::Unreachable),
        (b"SSH-2.0-OpenSSH_9.2\r\n", ProxyFault::NotAProxy),
    ] {
        let (found, text) = verdict(|port| http(port, ""), answer).await;
        assert_eq!(found, fault, "{text}");
    }
    for (answer, fault) in [
        (&[5, 0xff][..], ProxyFault::Unauthorized),
        (&[5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0], ProxyFault::Forbidden),
        (&[5, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0], ProxyFault::Unreachable),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", ProxyFault::NotAProxy),
    ] {
        let (found, text) = verdict(|port| socks(port, ""), answer).await;
        assert_eq!(found, fault, "{text}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_blamed_and_not_the_server() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port();
    for proxy in [http(port, ""), socks(port, "")] {
        let attempt = attempt("ws://nobody.invalid/", proxy).await;
        let Outcome::Failed { reason: Reason::Proxy { fault, text, .. } } = &attempt.outcome else {
            panic!("{attempt:?}")
        };
        assert_eq!(*fault, ProxyFault::Other);
        assert!(text.contains("nothing accepts connections"), "{text}");
        assert_eq!(attempt.steps.last().unwrap().phase, Phase::Tcp);
    }
    let named = Proxy::Http { host: "proxy.invalid".into(), port: 3128, user: String::new() };
    let attempt = attempt("ws://127.0.0.1:1/", named).await;
    assert!(matches!(&attempt.outcome, Outcome::Failed { reason: Reason::Proxy { .. } }), "{attempt:?}");
    assert_eq!(attempt.steps.last().unwrap().phase, Phase::Dns);
}

#[tokio::test]
async fn a_password_for_the_proxy_is_asked_for_before_anything_is_sent() {
    let server = Server::start(scripts::never_upgrade).await.unwrap();
    let attempt = attempt("ws://nobody.invalid/", http(server.port(), "alice")).await;
    let reason = Reason::Secret { secret: SecretKind::Proxy, trouble: SecretTrouble::Missing };
    assert_eq!(attempt.outcome, Outcome::Failed { reason });
    assert_eq!(server.log().connections, 0);

    let mut rig = Rig::around(Keeps::around("se:cret"), quick());
    let config = AccountConfig { proxy: http(server.port(), "alice"), ..plain("ws://nobody.invalid/") };
    rig.start_with(ACCOUNT, config);
    let log = server.until(|log| !log.requests().is_empty()).await;
    let head = log.requests()[0].to_owned();
    // alice:se:cret
    assert!(head.contains("Proxy-Authorization: Basic YWxpY2U6c2U6Y3JldA=="), "{head}");
    assert!(head.starts_with("CONNECT nobody.invalid:80 HTTP/1.1\r\n"), "{head}");
}

#[tokio::test]
async fn the_desktops_proxy_is_used_for_others_and_not_for_this_computer() {
    struct Settings(u16);
    impl Desktop for Settings {
        fn proxy(&self, _: &str) -> Option<String> {
            Some(format!("socks5://127.0.0.1:{}", self.0))
        }
    }
    let server = Server::start(scripts::listen).await.unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
    let target = format!("{NAME}:{}", server.port());
    let proxy = TestProxy::start([(target.clone(), address)]).await.unwrap();
    let around = Surroundings {
        desktop: Arc::new(Settings(proxy.port())),
        ..Surroundings::from(common::tls(&Authority::new().unwrap()))
    };
    let mut rig = Rig::around(around.clone(), quick());
    rig.start(&format!("ws://{target}/"));
    let online = outcome(&mut rig).await;
    assert_eq!(online.peer.proxy, Some(format!("socks5://127.0.0.1:{}", proxy.port())));
    assert_eq!(proxy.asked().len(), 1);
    let mut rig = Rig::around(around, quick());
    rig.start(&server.url());
    assert_eq!(outcome(&mut rig).await.peer.proxy, None);
    assert_eq!(proxy.asked().len(), 1);
}
