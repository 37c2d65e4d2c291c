//! The icon in the tray of systems that always show it, through Tauri.

use crate::life::{Icon, Wish, Wishes};
use crate::tray::Face;
use tauri::AppHandle;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tokio::sync::watch;

const ICON: &str = "whinchat";
const OPEN: &str = "open";
const QUIT: &str = "quit";

/// Shows the newest face while there is one, until the program ends.
pub(super) fn show(app: &AppHandle, mut faces: watch::Receiver<Option<Face>>, wishes: Wishes) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let mut told = Icon::Unseen;
        loop {
            let face = faces.borrow_and_update().clone();
            let seen = match face.map(|face| draw(&app, &face, &wishes)) {
                Some(Ok(())) => Icon::Seen,
                Some(Err(error)) => {
                    tracing::warn!(%error, "no icon");
                    Icon::Unseen
                }
                None => {
                    drop(app.remove_tray_by_id(ICON));
                    Icon::Unseen
                }
            };
            if seen != told {
                told = seen;
                wishes.send(Wish::Icon(seen));
            }
            if faces.changed().await.is_err() {
                return;
            }
        }
    });
}

fn draw(app: &AppHandle, face: &Face, wishes: &Wishes) -> tauri::Result<()> {
    let menu = Menu::new(app)?;
    menu.append(&MenuItem::with_id(app, OPEN, &face.open, true, None::<&str>)?)?;
    menu.append(&PredefinedMenuItem::separator(app)?)?;
    for line in &face.lines {
        menu.append(&MenuItem::new(app, line, false, None::<&str>)?)?;
    }
    menu.append(&PredefinedMenuItem::separator(app)?)?;
    menu.append(&MenuItem::with_id(app, QUIT, &face.quit, true, None::<&str>)?)?;
    let tip = std::iter::once("Whinchat").chain(face.lines.iter().map(String::as_str));
    let tip = tip.collect::<Vec<_>>().join("\n");
    let picture = app.default_window_icon().map(|picture| face.mark.on(picture));
    if let Some(shown) = app.tray_by_id(ICON) {
        shown.set_menu(Some(menu))?;
        shown.set_icon(picture)?;
        return shown.set_tooltip(Some(tip));
    }
    let (clicked, chosen) = (wishes.clone(), wishes.clone());
    let mut icon = TrayIconBuilder::with_id(ICON)
        .menu(&menu)
        .tooltip(tip)
        .show_menu_on_left_click(false)
        .on_menu_event(move |_, event| match event.id().as_ref() {
            OPEN => chosen.send(Wish::Open),
            QUIT => chosen.send(Wish::Quit),
            _ => {}
        })
        .on_tray_icon_event(move |_, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                clicked.send(Wish::Open);
            }
        });
    if let Some(picture) = picture {
        icon = icon.icon(picture);
    }
    icon.build(app)?;
    Ok(())
}
