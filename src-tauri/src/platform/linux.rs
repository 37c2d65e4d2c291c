//! Linux and its desktops: signals, D-Bus, WebKitGTK.

use super::Platform;
use super::{linux_icon, linux_notices, linux_proxy};
use crate::life::{Wish, Wishes};
use crate::tray::Face;
use crate::wakes::Woke;
use domain::Target;
use engine::Notification;
use futures_util::StreamExt as _;
use keyring_core::api::CredentialStore;
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;
use std::time::Duration;
use tauri::image::Image;
use tauri::{AppHandle, WebviewWindow};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use webkit2gtk::gio::{AppInfo, AppLaunchContext};
use webkit2gtk::{InputMethodContextExt as _, WebProcessTerminationReason, WebViewExt as _};
use zbus::zvariant::Value;

/// How long the bus may take over a notification that is the program's last word.
const LAST_WORD: Duration = Duration::from_secs(2);

/// Linux.
pub(crate) struct Linux;

/// The part of logind that tells of sleep (org.freedesktop.login1(5)).
#[zbus::proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1"
)]
trait Logind {
    /// `true`: the computer goes to sleep; `false`: it has woken up.
    #[zbus(signal)]
    fn prepare_for_sleep(&self, start: bool) -> zbus::Result<()>;
}

/// The part of the desktop that shows notifications (Desktop Notifications Specification 1.2 §9).
#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
pub(super) trait Notifications {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;
    /// Something of a notification was clicked.
    #[zbus(signal)]
    fn action_invoked(&self, id: u32, key: String) -> zbus::Result<()>;
    /// It is on the screen no more.
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
    #[expect(clippy::too_many_arguments, reason = "the specification's signature")]
    fn notify(
        &self,
        app: &str,
        replaces: u32,
        icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire: i32,
    ) -> zbus::Result<u32>;
}

impl Platform for Linux {
    fn show_icon(app: &AppHandle, faces: watch::Receiver<Option<Face>>, wishes: Wishes) {
        let icon = app.default_window_icon().cloned().map(Image::to_owned);
        tauri::async_runtime::spawn(async move {
            if let Err(error) = linux_icon::keep(icon, faces, wishes.clone()).await {
                tracing::info!(%error, "no tray");
                wishes.send(Wish::Icon(crate::life::Icon::Unseen));
            }
        });
    }

    /// wry turns it off (`webkit_input_method_context_set_enable_preedit`), and then the page hears of keys that are the
    /// input method's, and of no composition.
    fn compose_in_page(window: &WebviewWindow) {
        let asked = window.with_webview(|view| {
            if let Some(context) = view.inner().input_method_context() {
                context.set_enable_preedit(true);
            }
        });
        if let Err(error) = asked {
            tracing::warn!(%error, "the input method is not shown in the page");
        }
    }

    fn watch_page(window: &WebviewWindow, wishes: Wishes) {
        let watched = window.with_webview(move |view| {
            view.inner().connect_web_process_terminated(move |_, reason| {
                // One that we ended ourselves, we mend ourselves.
                if reason != WebProcessTerminationReason::TerminatedByApi {
                    tracing::warn!(?reason, "the page's process has ended");
                    wishes.send(Wish::Mend);
                }
            });
        });
        if let Err(error) = watched {
            tracing::warn!(%error, "the page's process is not watched");
        }
    }

    fn renew_page(window: &WebviewWindow) {
        let renewed = window.with_webview(|view| {
            let view = view.inner();
            // Of a process that hangs, only its end can be hoped for; of one that has ended, this does nothing.
            view.terminate_web_process();
            view.reload();
        });
        if let Err(error) = renewed {
            tracing::warn!(%error, "the page is not started anew");
        }
    }

    async fn watch_sleep(woke: Woke) {
        let told = async {
            let bus = zbus::Connection::system().await?;
            let mut told = LogindProxy::new(&bus).await?.receive_prepare_for_sleep().await?;
            while let Some(sleep) = told.next().await {
                if !sleep.args()?.start {
                    woke.notify_one();
                }
            }
            zbus::Result::Ok(())
        };
        if let Err(error) = told.await {
            tracing::info!(%error, "sleep is not told of");
        }
    }

    async fn asked_to_end() {
        let (Ok(mut ended), Ok(mut interrupted), Ok(mut hung_up)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()))
        else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = ended.recv() => {}
            _ = interrupted.recv() => {}
            _ = hung_up.recv() => {}
        }
    }

    async fn notify(notices: mpsc::Receiver<Notification>, wishes: Wishes) {
        if let Err(error) = linux_notices::show(notices, wishes).await {
            tracing::info!(%error, "nobody shows notifications");
        }
    }

    async fn tell(words: &'static str) {
        let said = async {
            let bus = zbus::Connection::session().await?;
            let desktop = NotificationsProxy::new(&bus).await?;
            desktop.notify("Whinchat", 0, "whinchat", "Whinchat", words, &[], HashMap::new(), -1).await
        };
        match tokio::time::timeout(LAST_WORD, said).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "{words}"),
            Err(_) => tracing::error!("{words}"),
        }
    }

    fn keyring() -> keyring_core::Result<Arc<CredentialStore>> {
        Ok(zbus_secret_service_keyring_store::Store::new()?)
    }

    fn proxy(url: &str) -> Option<String> {
        linux_proxy::of(url)
    }

    fn open_link(target: &Target) -> Result<(), String> {
        AppInfo::launch_default_for_uri(target.as_str(), None::<&AppLaunchContext>)
            .map_err(|error| error.to_string())
    }

    fn private(options: &mut OpenOptions) {
        options.mode(0o600);
    }
}
