//! The desktop, as the engine sees it.

use crate::platform::{Here, Platform as _};
use crate::tray::Note;
use crate::window;
use domain::{Target, Timestamp};
use engine::contract::Bell;
use engine::{Host, Notification};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tauri::{AppHandle, Emitter};
use tokio::sync::{Notify, mpsc};

/// Notifications that wait for the desktop, which may be slow; more are dropped, and the counts in the window say so.
const NOTICES: usize = 16;

/// The engine's host: a Tauri app.
pub(crate) struct Desktop {
    app: AppHandle,
    /// Something that the icon in the tray says may have changed.
    rung: Notify,
    note: Mutex<Option<Note>>,
    /// To whom shows notifications.
    notices: mpsc::Sender<Notification>,
}

impl Desktop {
    /// With what is to be shown to the user while they look elsewhere.
    pub(crate) fn new(app: AppHandle) -> (Self, mpsc::Receiver<Notification>) {
        let (notices, shown) = mpsc::channel(NOTICES);
        (Self { app, rung: Notify::new(), note: Mutex::new(None), notices }, shown)
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

    fn notify(&self, notice: &Notification) {
        if self.notices.try_send(notice.clone()).is_err() {
            tracing::debug!("a notification was dropped");
        }
    }

    fn has_focus(&self) -> bool {
        window::current(&self.app).is_some_and(|window| window.is_focused().unwrap_or(false))
    }

    fn proxy(&self, url: &str) -> Option<String> {
        Here::proxy(url)
    }

    fn ahead_of_utc(&self, at: Timestamp) -> i32 {
        // A time that is beyond all calendars is of no place.
        let Ok(at) = jiff::Timestamp::from_millisecond(at.0) else { return 0 };
        jiff::tz::TimeZone::system().to_offset(at).seconds() / 60
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
