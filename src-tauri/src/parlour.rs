//! The lounge on this computer: opened when it is joined, and again at every start after that.

use domain::{AccountId, TxnId};
use engine::Handle;
use engine::contract::{Code, Fault};
use tauri::async_runtime::{JoinHandle, Mutex};
use tokio_util::sync::CancellationToken;

/// The port that is tried first. Registered to nobody.
const PORT: u16 = 17_788;

/// The lounge, open or not.
#[derive(Default)]
pub(crate) struct Parlour {
    open: Mutex<Option<Open>>,
    cancel: CancellationToken,
}

struct Open {
    port: u16,
    task: JoinHandle<()>,
}

impl Parlour {
    /// Opens the lounge and joins it.
    pub(crate) async fn join(&self, engine: &Handle, txn: TxnId) -> Result<AccountId, Fault> {
        let port = self.open(PORT).await?;
        engine.join_lounge(txn, address(port)).await
    }

    /// Opens the lounge again where it was joined before; where its port is taken, elsewhere.
    pub(crate) async fn reopen(&self, engine: &Handle) {
        let Ok(Some(lounge)) = engine.lounge().await else { return };
        let port = lounge.config.url.parse::<tauri::Url>().ok().and_then(|url| url.port()).unwrap_or(PORT);
        let moved = match self.open(port).await {
            Ok(opened) if opened == port => return,
            Ok(opened) => engine.move_lounge(lounge, address(opened)).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = moved {
            tracing::warn!(%fault, "the lounge");
        }
    }

    /// Closes the lounge.
    pub(crate) async fn close(&self) {
        self.cancel.cancel();
        if let Some(open) = self.open.lock().await.take() {
            let _ = open.task.await;
        }
    }

    async fn open(&self, port: u16) -> Result<u16, Fault> {
        let mut open = self.open.lock().await;
        if let Some(open) = open.as_ref() {
            return Ok(open.port);
        }
        let failed = |error: std::io::Error| Fault { code: Code::Internal, text: error.to_string() };
        let listener = match lounge::bind(port).await {
            Ok(listener) => listener,
            Err(_) => lounge::bind(0).await.map_err(failed)?,
        };
        let port = listener.local_addr().map_err(failed)?.port();
        let task = tauri::async_runtime::spawn(lounge::serve(listener, self.cancel.clone()));
        *open = Some(Open { port, task });
        Ok(port)
    }
}

fn address(port: u16) -> String {
    format!("ws://127.0.0.1:{port}/lounge")
}
