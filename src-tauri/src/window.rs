//! The one window. It shows what is served from the binary and goes nowhere else.

use crate::home::Home;
use crate::life::{Wish, Wishes};
use crate::place::Place;
use crate::platform::{Here, Platform as _};
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};

const LABEL: &str = "main";

/// In the log; the tests of the real window wait for it.
const LOADED: &str = "the page has loaded";

/// The window that is open.
pub(crate) fn current(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(LABEL)
}

/// What happens to the window: closing it only says that the user wants it gone.
pub(crate) fn happens(event: &WindowEvent, wishes: &Wishes) {
    if let WindowEvent::CloseRequested { api, .. } = event {
        api.prevent_close();
        wishes.send(Wish::Close);
    }
    if let WindowEvent::Destroyed = event {
        wishes.send(Wish::Gone);
    }
}

/// Opens the window where it was.
pub(crate) fn open(
    app: &AppHandle,
    home: &Home,
    place: &Place,
    zoom: u16,
    wishes: &Wishes,
) -> tauri::Result<()> {
    let page = match &place.open {
        Some(open) => format!("index.html#{open}"),
        None => "index.html".to_owned(),
    };
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App(page.into()))
        .title("Whinchat")
        .inner_size(1120.0, 700.0)
        .min_inner_size(480.0, 400.0)
        .data_directory(home.webview().to_owned())
        .disable_drag_drop_handler()
        .on_navigation(is_ours)
        .on_page_load(|_, load| {
            if load.event() == PageLoadEvent::Finished {
                tracing::debug!("{LOADED}");
            }
        })
        .build()?;
    if let Err(error) = place.apply(&window) {
        tracing::debug!(%error, "the window's place");
    }
    Here::compose_in_page(&window);
    scale(&window, zoom);
    Here::watch_page(&window, wishes.clone());
    Ok(())
}

/// Makes everything in the window larger or smaller, in percent.
pub(crate) fn scale(window: &WebviewWindow, zoom: u16) {
    if let Err(error) = window.set_zoom(f64::from(zoom) / 100.0) {
        tracing::debug!(%error, "scaling the window");
    }
}

/// Gives the window, where there is one, a title.
pub(crate) fn entitle(app: &AppHandle, title: &str) {
    if let Some(Err(error)) = current(app).map(|window| window.set_title(title)) {
        tracing::debug!(%error, "the window's title");
    }
}

/// Brings the window before the user's eyes.
pub(crate) fn raise(window: &WebviewWindow) {
    for raised in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = raised {
            tracing::debug!(%error, "raising the window");
        }
    }
}

/// The window never leaves the app: neither by a link nor by a dropped file.
fn is_ours(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => true,
        "http" | "https" => {
            url.host_str() == Some("tauri.localhost")
                || (cfg!(debug_assertions) && url.host_str() == Some("localhost"))
        }
        "about" => url.path() == "blank",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_else() {
        for ours in ["tauri://localhost/index.html", "http://tauri.localhost/"] {
            assert!(is_ours(&ours.parse().unwrap()), "{ours}");
        }
        for theirs in
            ["https://example.org/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x"]
        {
            assert!(!is_ours(&theirs.parse().unwrap()), "{theirs}");
        }
    }
}
