//! The one window. It shows what is served from the binary and goes nowhere else.

use crate::home::Home;
use tauri::{AppHandle, Url, WebviewUrl, WebviewWindowBuilder};

/// Opens the window.
pub(crate) fn open(app: &AppHandle, home: &Home) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("Whinchat")
        .inner_size(1120.0, 700.0)
        .min_inner_size(480.0, 400.0)
        .data_directory(home.webview().to_owned())
        .disable_drag_drop_handler()
        .on_navigation(is_ours)
        .build()?;
    Ok(())
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
