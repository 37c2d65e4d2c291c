//! Real TLS servers, proxies and log-ins that nobody here wrote: nginx, tinyproxy, microsocks, npm `ws`.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by a panic, and looks for one case"
)]

mod common;

use common::{ACCOUNT, Keeps, Rig, plain, quick, tls};
use domain::{
    AccountConfig, Attempt, LogIn, Outcome, Phase, Pin, Proxy, ProxyFault, Reason, Refusal, SecretKind,
    SecretTrouble, TlsFault, Trust,
};
use link::{Report, Surroundings, Timing};
use std::fs;
use std::path::Path;
use std::time::Duration;
use testkit::daemon::{Daemon, free_ports};
use testkit::pki;
use testkit::server::{Authority, Server, scripts};
use testkit::servers::{Kind, Server as RealServer};

async fn attempt(config: AccountConfig, around: Surroundings) -> Attempt {
    let mut rig = Rig::around(around, quick());
    rig.start_with(ACCOUNT, config);
    rig.until(known).await
}

fn known(report: &Report) -> Option<Attempt> {
    match report {
        Report::Attempt(attempt) if attempt.is_known() => Some((**attempt).clone()),
        _ => None,
    }
}

/// Trust in nobody whom these tests meet.
fn stranger() -> Surroundings {
    tls(&Authority::new().unwrap()).into()
}

fn is_online(attempt: &Attempt) -> bool {
    matches!(attempt.outcome, Outcome::Online { .. })
}

fn tls_fault(attempt: &Attempt) -> Option<TlsFault> {
    match &attempt.outcome {
        Outcome::Failed { reason: Reason::Tls { fault, .. } } => Some(*fault),
        _ => None,
    }
}

/// Name of the certificate, further lines of the server, and what is to be found.
const CASES: [(&str, &str, Option<TlsFault>); 13] = [
    ("valid", "", None),
    ("expired", "", Some(TlsFault::Expired)),
    ("wronghost", "", Some(TlsFault::WrongName)),
    ("selfsigned", "", Some(TlsFault::UnknownIssuer)),
    ("otherca", "", Some(TlsFault::UnknownIssuer)),
    ("chain", "", None),
    ("nochain", "", Some(TlsFault::UnknownIssuer)),
    ("nosan", "", Some(TlsFault::WrongName)),
    ("notyet", "", Some(TlsFault::NotYetValid)),
    ("valid", "ssl_protocols TLSv1.2;", None),
    ("valid", "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;", Some(TlsFault::NoCommonVersion)),
    (
        "valid",
        "ssl_client_certificate ca.pem; ssl_verify_client on;",
        Some(TlsFault::ClientCertificateWanted),
    ),
    ("rsa1024", "ssl_ciphers ALL:@SECLEVEL=0;", Some(TlsFault::BadCertificate)),
];

/// nginx in front of `backend`, a port for each of [`CASES`].
async fn nginx(backend: u16) -> (Daemon, Vec<u16>) {
    let ports = free_ports(CASES.len()).unwrap();
    let daemon = Daemon::start("nginx", &ports, |folder| {
        pki::write(folder)?;
        let path = folder.display();
        let mut config = format!(
            "daemon off; master_process off; pid {path}/pid; error_log {path}/error.log;\n\
             events {{ worker_connections 512; }}\nhttp {{ access_log off;\n"
        );
        for place in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            config += &format!("{place}_temp_path {path}/{place};\n");
        }
        for ((certificate, more, _), port) in CASES.iter().zip(&ports) {
            let more = more.replace("ca.pem", &format!("{path}/ca.pem"));
            config += &format!(
                "server {{ listen 127.0.0.1:{port} ssl; {more}\n\
                 ssl_certificate {path}/{certificate}.pem; ssl_certificate_key {path}/{certificate}.key;\n\
                 location / {{ proxy_pass http://127.0.0.1:{backend}; proxy_http_version 1.1;\n\
                 proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }} }}\n"
            );
        }
        fs::write(folder.join("nginx.conf"), config + "}\n")?;
        let argument = |name: &str| folder.join(name).display().to_string();
        Ok(vec!["-e".into(), argument("error.log"), "-c".into(), argument("nginx.conf")])
    })
    .await
    .unwrap();
    (daemon, ports)
}

fn trusting(folder: &Path, port: u16) -> AccountConfig {
    let authorities = folder.join("ca.pem").display().to_string();
    AccountConfig {
        trust: Trust { authorities, ..Trust::default() },
        ..plain(&format!("wss://localhost:{port}/"))
    }
}

#[tokio::test]
async fn each_of_thirteen_certificates_gets_its_verdict() {
    let backend = Server::start(scripts::listen).await.unwrap();
    let (nginx, ports) = nginx(backend.port()).await;
    for ((name, more, fault), port) in CASES.iter().zip(&ports) {
        let found = attempt(trusting(nginx.folder(), *port), stranger()).await;
        assert_eq!(tls_fault(&found), *fault, "{name} {more}: {found:#?}");
        assert_eq!(is_online(&found), fault.is_none(), "{name} {more}: {found:#?}");
        if *fault == Some(TlsFault::NoCommonVersion) {
            continue;
        }
        let shown = found.peer.certificate.as_ref().unwrap();
        assert_eq!(shown.sha256.len(), 64);
        match *name {
            "wronghost" => assert_eq!(shown.names, ["example.org", "other.test"]),
            "nosan" => assert!(shown.names.is_empty()),
            "rsa1024" => assert_eq!(shown.names, ["localhost"]),
            _ => assert_eq!(shown.names, ["localhost", "127.0.0.1", "::1"]),
        }
        if *name == "otherca" {
            assert_eq!(shown.issuer, "Unknown authority");
        }
        if let Outcome::Failed { reason: Reason::Tls { certificate, .. } } = &found.outcome {
            assert_eq!(certificate.as_deref(), Some(shown), "{name}");
        }
    }
    let by_system = attempt(plain(&format!("wss://localhost:{}/", ports[0])), stranger()).await;
    assert_eq!(tls_fault(&by_system), Some(TlsFault::UnknownIssuer), "without the authority's file");
    let by_address =
        AccountConfig { url: format!("wss://127.0.0.1:{}/", ports[0]), ..trusting(nginx.folder(), ports[0]) };
    assert!(is_online(&attempt(by_address, stranger()).await));
    let old = attempt(trusting(nginx.folder(), ports[9]), stranger()).await;
    assert_eq!(old.peer.tls.as_deref(), Some("TLS 1.2"));
}

#[tokio::test]
async fn our_own_certificate_is_shown_from_every_kind_of_file() {
    let backend = Server::start(scripts::listen).await.unwrap();
    let (nginx, ports) = nginx(backend.port()).await;
    let file = |name: &str| {
        if name.is_empty() { String::new() } else { nginx.folder().join(name).display().to_string() }
    };
    let with = |certificate: &str, key: &str| {
        let config = trusting(nginx.folder(), ports[11]);
        AccountConfig {
            trust: Trust { certificate: file(certificate), key: file(key), ..config.trust },
            ..config
        }
    };
    let joined =
        fs::read_to_string(file("client.pem")).unwrap() + &fs::read_to_string(file("client.key")).unwrap();
    fs::write(nginx.folder().join("joined.pem"), joined).unwrap();
    for (certificate, key) in
        [("client.pem", "client.key"), ("joined.pem", ""), ("client.pem", "client.enc"), ("client.p12", "")]
    {
        let found = attempt(with(certificate, key), Keeps::around(pki::PASSWORD)).await;
        assert!(is_online(&found), "{certificate} {key}: {found:#?}");
    }
    for (certificate, key) in [("client.pem", "client.enc"), ("client.p12", "")] {
        let wanted = Reason::Secret { secret: SecretKind::ClientKey, trouble: SecretTrouble::Missing };
        let found = attempt(with(certificate, key), stranger()).await;
        assert_eq!(found.outcome, Outcome::Failed { reason: wanted }, "{certificate}");
        let found = attempt(with(certificate, key), Keeps::around("wrong")).await;
        let Outcome::Failed { reason: Reason::File { text, .. } } = &found.outcome else {
            panic!("{found:?}")
        };
        assert_eq!(text, "the password does not open it");
    }
    for (certificate, key) in
        [("nowhere.pem", ""), ("client.pem", "valid.key"), ("nginx.conf", ""), ("client.pem", "")]
    {
        let found = attempt(with(certificate, key), stranger()).await;
        assert!(
            matches!(&found.outcome, Outcome::Failed { reason: Reason::File { .. } }),
            "{certificate} {key}: {found:?}"
        );
    }
}

#[tokio::test]
async fn a_pin_is_good_for_one_certificate_of_one_server() {
    let backend = Server::start(scripts::listen).await.unwrap();
    let (_nginx, ports) = nginx(backend.port()).await;
    let pinned = |at: usize, server: usize, sha256: &str| {
        let pin = Pin { server: format!("localhost:{}", ports[server]), sha256: sha256.to_owned() };
        let trust = Trust { pins: vec![pin], ..Trust::default() };
        AccountConfig { trust, ..plain(&format!("wss://localhost:{}/", ports[at])) }
    };
    // Whatever is wrong with them.
    for at in [1, 2, 3, 4, 6, 7, 8] {
        let shown = attempt(pinned(at, 0, ""), stranger()).await.peer.certificate.unwrap();
        let found = attempt(pinned(at, at, &shown.sha256), stranger()).await;
        assert!(is_online(&found), "{}: {found:#?}", CASES[at].0);
        let other = attempt(pinned(at, at, &"0".repeat(64)), stranger()).await;
        assert_eq!(tls_fault(&other), Some(TlsFault::Changed), "{}", CASES[at].0);
        let elsewhere = attempt(pinned(at, 0, &shown.sha256), stranger()).await;
        assert!(tls_fault(&elsewhere).is_some_and(|fault| fault != TlsFault::Changed), "{elsewhere:?}");
    }
}

async fn tinyproxy(more: &str) -> (Daemon, u16) {
    let port = free_ports(1).unwrap()[0];
    let more = more.to_owned();
    let daemon = Daemon::start("tinyproxy", &[port], |folder| {
        let config =
            format!("Port {port}\nListen 127.0.0.1\nTimeout 600\nMaxClients 50\nAllow 127.0.0.1\n{more}");
        let path = folder.join("tinyproxy.conf");
        fs::write(&path, config)?;
        Ok(vec!["-d".into(), "-c".into(), path.display().to_string()])
    })
    .await;
    (daemon.unwrap(), port)
}

async fn microsocks(more: &[&str]) -> (Daemon, u16) {
    let port = free_ports(1).unwrap()[0];
    let number = port.to_string();
    let fixed = ["-i", "127.0.0.1", "-p", number.as_str()];
    let arguments = fixed.iter().chain(more).map(|&word| word.to_owned()).collect();
    (Daemon::start("microsocks", &[port], |_| Ok(arguments)).await.unwrap(), port)
}

fn proxy_fault(attempt: &Attempt) -> Option<ProxyFault> {
    match &attempt.outcome {
        Outcome::Failed { reason: Reason::Proxy { fault, .. } } => Some(*fault),
        _ => None,
    }
}

#[tokio::test]
async fn tinyproxy_with_and_without_a_log_in_and_where_it_does_not_go() {
    let server = Server::start(scripts::listen).await.unwrap();
    let through = |port: u16, user: &str, url: &str| {
        let proxy = Proxy::Http { host: "127.0.0.1".into(), port, user: user.into() };
        AccountConfig { proxy, ..plain(url) }
    };
    let (_open, port) = tinyproxy("").await;
    assert!(is_online(&attempt(through(port, "", &server.url()), stranger()).await));
    let dead = format!("ws://127.0.0.1:{}/", free_ports(1).unwrap()[0]);
    let found = attempt(through(port, "", &dead), stranger()).await;
    assert_eq!(proxy_fault(&found), Some(ProxyFault::Unreachable), "{found:?}");
    let found = attempt(through(port, "", "ws://nobody.invalid/"), stranger()).await;
    assert_eq!(proxy_fault(&found), Some(ProxyFault::Unreachable), "{found:?}");

    let (_closed, port) = tinyproxy("BasicAuth alice secret\n").await;
    assert!(is_online(&attempt(through(port, "alice", &server.url()), Keeps::around("secret")).await));
    for (user, password) in [("alice", "wrong"), ("bob", "secret"), ("", "")] {
        let found = attempt(through(port, user, &server.url()), Keeps::around(password)).await;
        assert_eq!(proxy_fault(&found), Some(ProxyFault::Unauthorized), "{user}: {found:?}");
    }
    let (_narrow, port) = tinyproxy("ConnectPort 443\n").await;
    let found = attempt(through(port, "", &server.url()), stranger()).await;
    assert_eq!(proxy_fault(&found), Some(ProxyFault::Forbidden), "{found:?}");
}

#[tokio::test]
async fn microsocks_with_and_without_a_log_in_and_where_it_does_not_get() {
    let server = Server::start(scripts::listen).await.unwrap();
    let through = |port: u16, user: &str, url: &str| {
        let proxy = Proxy::Socks5 { host: "127.0.0.1".into(), port, user: user.into() };
        AccountConfig { proxy, ..plain(url) }
    };
    let (_open, port) = microsocks(&[]).await;
    assert!(is_online(&attempt(through(port, "", &server.url()), stranger()).await));
    let dead = format!("ws://127.0.0.1:{}/", free_ports(1).unwrap()[0]);
    let found = attempt(through(port, "", &dead), stranger()).await;
    assert_eq!(proxy_fault(&found), Some(ProxyFault::Unreachable), "{found:?}");
    // Of a name that it does not find it says no more than "general failure".
    let found = attempt(through(port, "", "ws://nobody.invalid/"), stranger()).await;
    assert_eq!(proxy_fault(&found), Some(ProxyFault::Other), "{found:?}");
    let (_closed, port) = microsocks(&["-u", "alice", "-P", "secret"]).await;
    assert!(is_online(&attempt(through(port, "alice", &server.url()), Keeps::around("secret")).await));
    for (user, password) in [("alice", "wrong"), ("", "")] {
        let found = attempt(through(port, user, &server.url()), Keeps::around(password)).await;
        assert_eq!(proxy_fault(&found), Some(ProxyFault::Unauthorized), "{user}: {found:?}");
    }
}

/// Each in the other's language. tinyproxy waits for the end of a line, and microsocks hangs up.
#[tokio::test]
async fn a_proxy_of_the_other_kind_is_no_proxy() {
    let (_web, http) = tinyproxy("").await;
    let proxy = Proxy::Socks5 { host: "127.0.0.1".into(), port: http, user: String::new() };
    let mut rig = Rig::around(stranger(), Timing { proxy: Duration::from_secs(1), ..quick() });
    rig.start_with(ACCOUNT, AccountConfig { proxy, ..plain("ws://127.0.0.1:1/") });
    let found = rig.until(known).await;
    let silent = Reason::TimedOut { phase: Phase::Proxy, seconds: 1 };
    assert_eq!(found.outcome, Outcome::Failed { reason: silent });

    let (_socks, port) = microsocks(&[]).await;
    let proxy = Proxy::Http { host: "127.0.0.1".into(), port, user: String::new() };
    let found = attempt(AccountConfig { proxy, ..plain("ws://127.0.0.1:1/") }, stranger()).await;
    let fault = proxy_fault(&found);
    assert!(matches!(fault, Some(ProxyFault::NotAProxy | ProxyFault::Other)), "{found:?}");
}

#[tokio::test]
async fn every_log_in_at_the_handshake_of_npm_ws() {
    let server = RealServer::start(Kind::Node).await.unwrap();
    let at = |path: &str, log_in: LogIn| AccountConfig {
        log_in,
        ..plain(&format!("ws://127.0.0.1:{}{path}", server.port()))
    };
    let ways = [
        ("/basic", LogIn::Basic { user: "alice".into() }, "secret"),
        ("/token", LogIn::Bearer, "secret"),
        ("/token?room=a", LogIn::Query { name: "token".into() }, "secret"),
        ("/cookie", LogIn::Cookie, "sid=secret"),
        ("/token", LogIn::Header { name: "Authorization".into() }, "Bearer secret"),
    ];
    for (path, log_in, secret) in ways {
        let found = attempt(at(path, log_in.clone()), Keeps::around(secret)).await;
        assert!(is_online(&found), "{path}: {found:?}");
        assert!(!format!("{found:?}").contains("secret"), "{found:?}");
        let found = attempt(at(path, log_in), Keeps::around("wrong")).await;
        let Outcome::Failed { reason: Reason::Status { refusal, .. } } = &found.outcome else {
            panic!("{found:?}")
        };
        assert!(matches!(refusal, Refusal::Unauthorized { .. } | Refusal::Forbidden), "{found:?}");
    }
}
