//! What the engine needs of the desktop. The app implements it with Tauri, the tests with a recorder.

use crate::contract::Bell;

/// The engine's whole view of the desktop.
pub trait Host: Send + Sync + 'static {
    /// Tells the window that something has changed. May fail in silence: a lost bell is harmless.
    fn ring(&self, bell: &Bell);
}
