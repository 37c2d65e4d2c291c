//! When connections may have died without a word: after sleep, and when the computer's addresses or routes change.

use engine::Handle;
use n0_watcher::Watcher as _;
use netwatch::netmon::Monitor;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How long it must have been quiet until a burst is over: a change of network comes as a dozen of them, and a wake is
/// followed by one.
const QUIET: Duration = Duration::from_millis(500);

/// How long a burst may go on before its end is waited for no longer: an interface that flaps never is quiet.
const BURST: Duration = Duration::from_secs(3);

/// A bell for wakes: the platform rings it.
pub(crate) type Woke = Arc<Notify>;

/// Has every connection checked after each wake and each change, until the program ends.
pub(crate) async fn watch(engine: Handle, woke: Woke) {
    loop {
        woke.notified().await;
        tracing::info!("connections are checked");
        engine.check_links().await;
        if burst(&woke).await {
            // The first check may have gone out over a route that is no more.
            engine.check_links().await;
        }
    }
}

/// Waits until it is quiet, but not for ever. Whether there was anything to wait for.
async fn burst(woke: &Notify) -> bool {
    let end = tokio::time::Instant::now() + BURST;
    let mut rang = false;
    while tokio::time::Instant::now() < end && tokio::time::timeout(QUIET, woke.notified()).await.is_ok() {
        rang = true;
    }
    rang
}

/// Rings `woke` when the computer's addresses or routes change.
pub(crate) async fn watch_network(woke: Woke) {
    match Monitor::new().await {
        Ok(monitor) => follow(monitor, woke).await,
        // The pings of each session notice it too, only later.
        Err(error) => tracing::info!(%error, "changes of the network are not seen"),
    }
}

async fn follow(monitor: Monitor, woke: Woke) {
    let mut state = monitor.interface_state();
    while state.updated().await.is_ok() {
        woke.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_ends_with_quiet_or_after_a_while() {
        let start = tokio::time::Instant::now();
        let woke = Notify::new();
        assert!(!burst(&woke).await, "nothing rang");
        assert_eq!(start.elapsed(), QUIET);
        let flaps = async {
            loop {
                woke.notify_one();
                tokio::time::sleep(QUIET / 2).await;
            }
        };
        let start = tokio::time::Instant::now();
        tokio::select! {
            rang = burst(&woke) => assert!(rang),
            () = flaps => {}
        }
        assert!(start.elapsed() <= BURST + QUIET);
    }
    use std::process::Command;

    /// Set where the test runs in a network of its own.
    const ALONE: &str = "WHINCHAT_OWN_NETWORK";

    #[test]
    #[ignore = "needs the right to make a network of its own: cargo xtask test interop"]
    fn a_new_address_and_a_new_route_are_seen() {
        let test = std::env::current_exe().unwrap();
        let ended = Command::new("unshare")
            .args(["--net", "--map-root-user"])
            .arg(test)
            .args(["--exact", "wakes::tests::inside", "--nocapture"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        let (said, why) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success() && said.contains("1 passed"), "{said}\n{why}");
    }

    #[tokio::test]
    async fn inside() {
        // It stands for itself in no run.
        if std::env::var_os(ALONE).is_none() {
            return;
        }
        let woke = Woke::default();
        let monitor = Monitor::new().await.unwrap();
        let watching = tokio::spawn(follow(monitor, woke.clone()));
        tokio::task::yield_now().await;
        ip("link set lo up");
        for change in [
            "link add cable type veth peer name end",
            "address add 192.0.2.1/24 dev cable",
            "link set cable up",
        ] {
            ip(change);
        }
        heard(&woke, "a cable").await;
        ip("route add default via 192.0.2.254");
        heard(&woke, "a route").await;
        ip("link delete cable");
        heard(&woke, "the cable's end").await;
        watching.abort();
    }

    fn ip(change: &str) {
        assert!(Command::new("ip").args(change.split(' ')).status().unwrap().success(), "ip {change}");
    }

    async fn heard(woke: &Woke, what: &str) {
        let heard = tokio::time::timeout(Duration::from_secs(20), woke.notified()).await;
        assert!(heard.is_ok(), "{what} was not seen");
        // One change comes as several.
        while tokio::time::timeout(Duration::from_secs(2), woke.notified()).await.is_ok() {}
    }
}
