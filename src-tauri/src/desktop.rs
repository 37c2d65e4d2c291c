//! The desktop, as the engine sees it.

use domain::Timestamp;
use engine::Host;
use engine::contract::Bell;
use std::time::{SystemTime, UNIX_EPOCH};
use tauri::{AppHandle, Emitter};

/// The engine's host: a Tauri app.
pub(crate) struct Desktop {
    app: AppHandle,
}

impl Desktop {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { app }
    }
}

impl Host for Desktop {
    fn ring(&self, bell: &Bell) {
        // A lost bell is harmless: the window also pulls by itself.
        if let Err(error) = self.app.emit("bell", bell) {
            tracing::debug!(%error, "the bell was not heard");
        }
    }
}

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
