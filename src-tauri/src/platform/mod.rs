//! What differs from system to system, behind one trait; a file a system. No `cfg` of a system stands anywhere else.

use crate::life::Wishes;
use crate::tray::Face;
use crate::wakes::Woke;
use domain::Target;
use engine::Notification;
use keyring_core::api::CredentialStore;
use std::fs::OpenOptions;
use std::sync::Arc;
use tauri::{AppHandle, WebviewWindow};
use tokio::sync::{mpsc, watch};

#[cfg(not(target_os = "linux"))]
mod icon;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod linux_icon;
#[cfg(target_os = "linux")]
mod linux_notices;
#[cfg(target_os = "linux")]
mod linux_proxy;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "windows")]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::Linux as Here;
#[cfg(target_os = "macos")]
pub(crate) use macos::MacOs as Here;
#[cfg(target_os = "windows")]
pub(crate) use windows::Windows as Here;

/// A system.
pub(crate) trait Platform {
    /// Keeps an icon in the tray that shows the newest face, or none, and says whenever it is seen or is not any more.
    fn show_icon(app: &AppHandle, faces: watch::Receiver<Option<Face>>, wishes: Wishes);

    /// Has what an input method composes shown where it is written, as the page's own text.
    fn compose_in_page(window: &WebviewWindow);

    /// Has the page mended when its process ends. Where the system does not tell, its pulse does.
    fn watch_page(window: &WebviewWindow, wishes: Wishes);

    /// Ends the page's process where there is still one, and starts the page anew.
    fn renew_page(window: &WebviewWindow);

    /// Rings at each wake from sleep, until the program ends. Where the system does not tell, the clock's jump does.
    fn watch_sleep(woke: Woke) -> impl Future<Output = ()> + Send + 'static;

    /// Returns when the system, or a terminal, asks the program to end.
    fn asked_to_end() -> impl Future<Output = ()> + Send + 'static;

    /// Shows notifications as they come, until the program ends. A click wishes for the message, where the desktop
    /// offers that.
    fn notify(
        notices: mpsc::Receiver<Notification>,
        wishes: Wishes,
    ) -> impl Future<Output = ()> + Send + 'static;

    /// Tells the user something where there is no window to tell it in.
    fn tell(words: &'static str) -> impl Future<Output = ()> + Send;

    /// Opens the keyring.
    ///
    /// # Errors
    /// There is none, or it does not answer.
    fn keyring() -> keyring_core::Result<Arc<CredentialStore>>;

    /// The proxy that the desktop's settings name for an address: `http://host:port`, `socks5://host:port`, or another that
    /// is refused by its name. `None`: none, or the settings are read elsewhere. May block.
    fn proxy(url: &str) -> Option<String>;

    /// Opens where a link leads in the user's own program for it. May block.
    ///
    /// # Errors
    /// No program took it.
    fn open_link(target: &Target) -> Result<(), String>;

    /// Makes a new file for its owner's eyes only, where files have owners.
    fn private(options: &mut OpenOptions);
}
