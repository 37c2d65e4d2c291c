//! Nothing goes around a proxy, counted by the system: the link runs in a network namespace of its own, whose only cable
//! leads to the proxy. Every way leads there, and so does every question for a name, so that whatever else left would
//! leave, too, and be counted: connections that were begun, and datagrams that were sent (`/proc/net/snmp`).
//!
//! Only root may make such a place. Both ends are this program again, each started in its namespace.

#![cfg(target_os = "linux")]
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
use domain::{AccountConfig, Proxy, Reason};
use link::Timing;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use testkit::faults::{Borrowed, Cable, inside};
use testkit::proxy::Proxy as TestProxy;
use testkit::server::{Peer, Server};

/// Only the proxy knows it.
const HIDDEN: &str = "hidden.whinchat.test";

/// Nobody knows it.
const DEAD: &str = "dead.whinchat.test";

/// An address that is no computer's (RFC 5737), to be reached by asking nobody.
const NOWHERE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);

/// What one end tells the other through the test: a port, and what is to be done.
const PORT: &str = "BYPASS_PORT";
const WAY: &str = "BYPASS_WAY";

/// What the system counted in this namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    /// Connections that were begun.
    connections: u64,
    /// Datagrams that were sent.
    datagrams: u64,
}

fn left() -> Left {
    let snmp = fs::read_to_string("/proc/self/net/snmp").unwrap();
    let field = |protocol: &str, name: &str| -> u64 {
        let mut lines =
            snmp.lines().filter_map(|line| line.strip_prefix(protocol)).map(str::split_whitespace);
        let at = lines.next().unwrap().position(|found| found == name).unwrap();
        lines.next().unwrap().nth(at).unwrap().parse().unwrap()
    };
    let snmp6 = fs::read_to_string("/proc/self/net/snmp6").unwrap_or_default();
    let six =
        snmp6.lines().find_map(|line| line.strip_prefix("Udp6OutDatagrams")).map(|number| number.trim());
    let six: u64 = six.map_or(0, |number| number.parse().unwrap());
    Left { connections: field("Tcp:", "ActiveOpens"), datagrams: field("Udp:", "OutDatagrams") + six }
}

/// What the far end saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// Connections that the proxy took.
    asked: u64,
    /// Connections that the server took; all from the proxy.
    served: u64,
    /// Questions for a name.
    questions: u64,
}

/// The end with the proxy, the server behind it, and a resolver that only counts. Tells what it saw for each line that
/// it reads.
#[tokio::test]
#[ignore = "the far end of the test below"]
async fn far_end() {
    let IpAddr::V4(here) = Borrowed::server(0).ip() else { panic!("IPv6") };
    // Every other connection is cut at its first message, so that there are reconnections.
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        while peer.message().await?.is_some() {
            if peer.number() % 2 == 1 {
                return Ok(());
            }
        }
        Ok(())
    })
    .await
    .unwrap();
    let port = server.port();
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let names = [format!("{HIDDEN}:{port}"), format!("{NOWHERE}:{port}")].map(|name| (name, local));
    let proxy = TestProxy::start_at(here, names).await.unwrap();
    let questions = Arc::new(AtomicU64::new(0));
    let (resolver, count) = (tokio::net::UdpSocket::bind((here, 53)).await.unwrap(), Arc::clone(&questions));
    tokio::spawn(async move {
        while resolver.recv_from(&mut [0; 512]).await.is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    println!("\nPORTS {} {port}", proxy.port());
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(tokio::io::stdin()));
    while lines.next_line().await.unwrap().is_some() {
        let log = server.log();
        let strangers = log.peers.iter().filter(|peer| !peer.ip().is_loopback()).count();
        assert_eq!(strangers, 0, "{log:?}");
        println!("SEEN {} {} {}", proxy.asked().len(), log.connections, questions.load(Ordering::Relaxed));
    }
}

/// The end with the link: goes the way that it is told, and says what the system counted.
#[tokio::test]
#[ignore = "the near end of the test below"]
async fn near_end() {
    let port: u16 = std::env::var(PORT).unwrap().parse().unwrap();
    let (here, way) = (Borrowed::server(0).ip().to_string(), std::env::var(WAY).unwrap());
    let (host, listens) =
        way.split_once(' ').map(|(_, port)| (here, port.parse().unwrap())).unwrap_or_default();
    let proxy = match way.split(' ').next().unwrap() {
        "connect" => Proxy::Http { host, port: listens, user: String::new() },
        "socks5" => Proxy::Socks5 { host, port: listens, user: String::new() },
        "none" => Proxy::None,
        _ => Proxy::System,
    };
    let url = |host: &str| format!("ws://{host}:{port}/");
    if way == "none" || way == "excepted" {
        for host in [HIDDEN, &NOWHERE.to_string()] {
            let timing = Timing { tcp: Duration::from_millis(300), ..quick() };
            let mut rig = Rig::new(timing);
            rig.start_with(ACCOUNT, AccountConfig { proxy: proxy.clone(), ..plain(&url(host)) });
            let reason = rig.until_down().await;
            assert!(!matches!(reason, Reason::Proxy { .. }), "{reason:?}");
        }
    } else {
        for host in [HIDDEN, &NOWHERE.to_string()] {
            // The first address never works: there is a failover each time.
            let config =
                AccountConfig { fallbacks: vec![url(host)], proxy: proxy.clone(), ..plain(&url(DEAD)) };
            let mut rig = Rig::new(quick());
            rig.start_with(ACCOUNT, config);
            rig.until_online().await;
            rig.send(1);
            let (reason, _) = rig.until_ended().await;
            assert!(matches!(reason, Reason::Dropped { .. }), "{reason:?}");
            rig.until_online().await;
            rig.send(2);
            rig.until_arrived(2).await;
        }
    }
    let Left { connections, datagrams } = left();
    println!("\nLEFT {connections} {datagrams}");
}

/// A running far end.
struct Far {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Far {
    fn start(space: &str) -> (Self, u16, u16) {
        let mut child = end(space, "far_end").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let asks = child.stdin.take().unwrap();
        let says = BufReader::new(child.stdout.take().unwrap());
        let mut far = Self { child, asks, says };
        let ports = far.line("PORTS ");
        (far, u16::try_from(ports[0]).unwrap(), u16::try_from(ports[1]).unwrap())
    }

    fn seen(&mut self) -> Seen {
        self.asks.write_all(b"\n").unwrap();
        let numbers = self.line("SEEN ");
        Seen { asked: numbers[0], served: numbers[1], questions: numbers[2] }
    }

    fn line(&mut self, prefix: &str) -> Vec<u64> {
        let mut line = String::new();
        while self.says.read_line(&mut line).unwrap() > 0 {
            if let Some(rest) = line.strip_prefix(prefix) {
                return rest.split_whitespace().map(|number| number.parse().unwrap()).collect();
            }
            line.clear();
        }
        panic!("the far end is gone");
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This program again, as one of the ends, with no proxy in its environment.
fn end(space: &str, name: &str) -> Command {
    let mut command = inside(space, &std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture"]);
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(variable);
        }
    }
    command
}

/// A near end from start to end: what left this namespace meanwhile.
fn near(space: &str, port: u16, way: &str, environment: &[(&str, &str)]) -> Left {
    let mut command = end(space, "near_end");
    command.env(PORT, port.to_string()).env(WAY, way).envs(environment.iter().copied());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{way}: {said}{}", String::from_utf8_lossy(&output.stderr));
    let line = said.lines().find_map(|line| line.strip_prefix("LEFT ")).unwrap();
    let numbers: Vec<u64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
    Left { connections: numbers[0], datagrams: numbers[1] }
}

#[test]
fn nothing_but_connections_to_the_proxy_leaves_this_computer() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        eprintln!(
            "skipped: only root can make a network with one cable; the other tests of proxies need none"
        );
        return;
    }
    let cable = Cable::new(77).unwrap();
    let (here, there) = cable.spaces();
    let gate = Borrowed::server(0).ip().to_string();
    fs::write(
        Path::new("/etc/netns").join(here).join("resolv.conf"),
        format!("nameserver {gate}\noptions timeout:1 attempts:1\n"),
    )
    .unwrap();
    let route = inside(here, Path::new("ip")).args(["route", "add", "default", "via", &gate]).status();
    assert!(route.unwrap().success());
    let (mut far, listens, port) = Far::start(there);

    let (mut before, mut seen) = (Left { connections: 0, datagrams: 0 }, far.seen());
    let by_http = format!("http://{gate}:{listens}");
    let by_socks = format!("socks5h://{gate}:{listens}");
    let ways: [(&str, &[(&str, &str)]); 5] = [
        (&format!("connect {listens}"), &[]),
        (&format!("socks5 {listens}"), &[]),
        ("system", &[("HTTPS_PROXY", &by_http)]),
        ("system", &[("all_proxy", &by_socks), ("NO_PROXY", "elsewhere.whinchat.test")]),
        ("system", &[("http_proxy", &by_http)]),
    ];
    for (way, environment) in ways {
        let after = near(here, port, way, environment);
        let now = far.seen();
        assert_eq!(after.datagrams, before.datagrams, "{way} {environment:?}: not one datagram");
        let connections = after.connections - before.connections;
        assert_eq!(connections, now.asked - seen.asked, "{way} {environment:?}: all of them the proxy's");
        // Two servers; each with an address that never works, and one connection that was cut.
        assert_eq!(now.served - seen.served, 4, "{way} {environment:?}");
        assert!(connections >= 6, "{way} {environment:?}: {connections}");
        (before, seen) = (after, now);
    }
    assert_eq!(seen.questions, 0, "nobody was asked for a name");

    // Whoever goes around the proxy is counted.
    let excepted = [("HTTPS_PROXY", by_http.as_str()), ("NO_PROXY", "hidden.whinchat.test,198.51.100.0/24")];
    for (way, environment) in [("none", &[][..]), ("excepted", &excepted)] {
        let after = near(here, port, way, environment);
        let now = far.seen();
        assert_eq!(now.asked, seen.asked, "{way}");
        assert!(now.questions > seen.questions && after.datagrams > before.datagrams, "{way}: the name");
        assert!(after.connections > before.connections, "{way}: the address");
        (before, seen) = (after, now);
    }
}
