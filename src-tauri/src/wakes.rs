//! When connections may have died without a word: after sleep, and when the computer's addresses or routes change.

use engine::Handle;
use n0_watcher::Watcher as _;
use netwatch::netmon::Monitor;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How long it must have been quiet: a change of network comes as a dozen of them, and a wake is followed by one.
const QUIET: Duration = Duration::from_millis(500);

/// A bell for wakes: the platform rings it.
pub(crate) type Woke = Arc<Notify>;

/// Has every connection checked after each wake and each change, until the program ends.
pub(crate) async fn watch(engine: Handle, woke: Woke) {
    loop {
        woke.notified().await;
        while tokio::time::timeout(QUIET, woke.notified()).await.is_ok() {}
        tracing::info!("connections are checked");
        check(&engine).await;
    }
}

async fn check(engine: &Handle) {
    let Ok(sidebar) = engine.sidebar().await else { return };
    for view in sidebar.accounts {
        engine.connect_now(view.account.id).await;
    }
}

/// Rings `woke` when the computer's addresses or routes change.
pub(crate) async fn watch_network(woke: Woke) {
    let monitor = match Monitor::new().await {
        Ok(monitor) => monitor,
        // The pings of each session notice it too, only later.
        Err(error) => return tracing::info!(%error, "changes of the network are not seen"),
    };
    let mut state = monitor.interface_state();
    while state.updated().await.is_ok() {
        woke.notify_one();
    }
}
