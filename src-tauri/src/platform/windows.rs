//! Windows.

use super::{Platform, icon};
use crate::life::Wishes;
use crate::tray::{Face, Tongue};
use crate::wakes::Woke;
use domain::Target;
use engine::Notification;
use keyring_core::api::CredentialStore;
use std::fs::OpenOptions;
use std::process::Command;
use std::sync::Arc;
use tauri::{AppHandle, WebviewWindow};
use tokio::sync::{mpsc, watch};

/// Windows.
pub(crate) struct Windows;

impl Platform for Windows {
    fn show_icon(app: &AppHandle, faces: watch::Receiver<Option<Face>>, wishes: Wishes) {
        icon::show(app, faces, wishes);
    }

    // The system's own web view does.
    fn compose_in_page(_: &WebviewWindow) {}

    fn watch_page(_window: &WebviewWindow, _wishes: Wishes) {
        // Its pulse tells.
    }

    fn renew_page(window: &WebviewWindow) {
        if let Err(error) = window.reload() {
            tracing::warn!(%error, "the page is not started anew");
        }
    }

    async fn watch_sleep(_woke: Woke) {
        // The clock's jump tells, and the network, which comes back after a wake.
    }

    async fn asked_to_end() {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }

    async fn notify(mut notices: mpsc::Receiver<Notification>, _wishes: Wishes) {
        while let Some(notice) = notices.recv().await {
            // Showing it may wait for the system, which is no matter of the others'.
            let shown = tokio::task::spawn_blocking(move || {
                let body = notice.body.as_deref().unwrap_or(Tongue::from(notice.language).message());
                notify_rust::Notification::new().summary(&notice.summary()).body(body).show().map(drop)
            });
            match shown.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::info!(%error, "a notification is not shown"),
                Err(error) => tracing::warn!(%error, "a notification is not shown"),
            }
        }
    }

    async fn tell(words: &'static str) {
        tracing::error!("{words}");
    }

    fn keyring() -> keyring_core::Result<Arc<CredentialStore>> {
        Ok(windows_native_keyring_store::Store::new()?)
    }

    fn proxy(_url: &str) -> Option<String> {
        // The link reads this system's settings with those of the environment.
        None
    }

    fn open_link(target: &Target) -> Result<(), String> {
        // No shell reads it, and the system's own function gets the rest of the line as it is: without blanks or quotes.
        let opened =
            Command::new("rundll32.exe").args(["url.dll,FileProtocolHandler", target.as_str()]).status();
        match opened.map_err(|error| error.to_string())? {
            status if status.success() => Ok(()),
            status => Err(status.to_string()),
        }
    }

    fn private(_options: &mut OpenOptions) {
        // The folder is the user's own.
    }
}
