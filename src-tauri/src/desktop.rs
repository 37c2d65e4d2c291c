//! The desktop, as the engine sees it.

use crate::platform::{Here, Platform as _};
use crate::tray::Note;
use domain::{Target, Timestamp};
use engine::Host;
use engine::contract::Bell;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tauri::{AppHandle, Emitter};
use tokio::sync::Notify;

/// The engine's host: a Tauri app.
pub(crate) struct Desktop {
    app: AppHandle,
    /// Something that the icon in the tray says may have changed.
    rung: Notify,
    note: Mutex<Option<Note>>,
}

impl Desktop {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { app, rung: Notify::new(), note: Mutex::new(None) }
    }

    /// Waits until something that the icon says may have changed. One that came before is remembered.
    pub(crate) async fn rung(&self) {
        self.rung.notified().await;
    }

    /// What must be told by the icon, besides the accounts' states.
    pub(crate) fn note(&self, note: Option<Note>) {
        *self.note.lock().unwrap_or_else(PoisonError::into_inner) = note;
        self.rung.notify_one();
    }

    pub(crate) fn noted(&self) -> Option<Note> {
        *self.note.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host for Desktop {
    fn ring(&self, bell: &Bell) {
        if bell.sidebar {
            self.rung.notify_one();
        }
        // A lost bell is harmless: the window also pulls by itself.
        if let Err(error) = self.app.emit("bell", bell) {
            tracing::debug!(%error, "the bell was not heard");
        }
    }

    fn proxy(&self, url: &str) -> Option<String> {
        Here::proxy(url)
    }

    fn open_link(&self, target: &Target) -> Result<(), String> {
        Here::open_link(target)
    }
}

/// The desktop's settings, where no app runs.
pub(crate) struct Settings;

impl engine::Desktop for Settings {
    fn proxy(&self, url: &str) -> Option<String> {
        Here::proxy(url)
    }
}

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
