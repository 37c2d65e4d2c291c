//! The icon in the tray of a Linux desktop: a StatusNotifierItem, spoken over D-Bus by ourselves, so that no library of
//! the system has to be there. It counts as seen while a watcher says that a host shows icons.

use crate::life::{Icon, Wish, Wishes};
use crate::tray::Face;
use futures_util::StreamExt as _;
use ksni::menu::{MenuItem, StandardItem};
use ksni::{Handle, OfflineReason, ToolTip, Tray, TrayMethods as _};
use tauri::image::Image;
use tokio::sync::watch;
use zbus::fdo::DBusProxy;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// The part of the watcher that tells whether icons are shown at all.
#[zbus::proxy(
    interface = "org.kde.StatusNotifierWatcher",
    default_service = "org.kde.StatusNotifierWatcher",
    default_path = "/StatusNotifierWatcher"
)]
trait Watcher {
    #[zbus(property(emits_changed_signal = "false"))]
    fn is_status_notifier_host_registered(&self) -> zbus::Result<bool>;
    #[zbus(signal)]
    fn status_notifier_host_registered(&self) -> zbus::Result<()>;
    #[zbus(signal)]
    fn status_notifier_host_unregistered(&self) -> zbus::Result<()>;
}

/// Our picture as the bus wants it: ARGB, each pixel in network byte order.
fn pixmap(image: &Image<'_>) -> ksni::Icon {
    let (pixels, _) = image.rgba().as_chunks::<4>();
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or_default();
    ksni::Icon {
        width: side(image.width()),
        height: side(image.height()),
        data: pixels.iter().flat_map(|[red, green, blue, alpha]| [*alpha, *red, *green, *blue]).collect(),
    }
}

/// Shows the newest face while there is one and somebody to show it, until the program ends.
pub(super) async fn keep(
    picture: Option<Image<'static>>,
    mut faces: watch::Receiver<Option<Face>>,
    wishes: Wishes,
) -> zbus::Result<()> {
    let bus = zbus::Connection::session().await?;
    let names = DBusProxy::new(&bus).await?;
    let watcher = WatcherProxy::new(&bus).await?;
    let mut owners = names.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    let mut came = watcher.receive_status_notifier_host_registered().await?;
    let mut went = watcher.receive_status_notifier_host_unregistered().await?;
    let mut item: Option<Handle<Item>> = None;
    let mut told = Icon::Unseen;
    loop {
        let face = faces.borrow_and_update().clone();
        let has_host = names.name_has_owner(WATCHER.try_into()?).await?
            && watcher.is_status_notifier_host_registered().await.unwrap_or(false);
        item = match (face.filter(|_| has_host), item.filter(|item| !item.is_closed())) {
            (None, None) => None,
            (None, Some(shown)) => {
                shown.shutdown().await;
                None
            }
            (Some(face), Some(shown)) => {
                shown.update(|item| item.face = face).await;
                Some(shown)
            }
            (Some(face), None) => {
                let new = Item { face, picture: picture.clone(), wishes: wishes.clone() };
                new.spawn().await.inspect_err(|error| tracing::info!(%error, "the tray takes no icon")).ok()
            }
        };
        let seen = if item.is_some() { Icon::Seen } else { Icon::Unseen };
        if seen != told {
            told = seen;
            wishes.send(Wish::Icon(seen));
        }
        tokio::select! {
            changed = faces.changed() => if changed.is_err() {
                return Ok(());
            },
            Some(_) = owners.next() => {}
            Some(_) = came.next() => {}
            Some(_) = went.next() => {}
            else => return Err(zbus::Error::InterfaceNotFound),
        }
    }
}

/// The icon.
struct Item {
    face: Face,
    picture: Option<Image<'static>>,
    wishes: Wishes,
}

impl Tray for Item {
    fn id(&self) -> String {
        "whinchat".to_owned()
    }

    fn title(&self) -> String {
        "Whinchat".to_owned()
    }

    fn category(&self) -> ksni::Category {
        ksni::Category::Communications
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.picture.iter().map(|picture| pixmap(&self.face.mark.on(picture))).collect()
    }

    fn tool_tip(&self) -> ToolTip {
        let description = escape(&self.face.lines.join("\n"));
        ToolTip { title: self.title(), description, ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.wishes.send(Wish::Open);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let entry = |label: &str, enabled: bool, wish: fn() -> Wish| {
            // One underscore would mark the letter after it.
            let label = label.replace('_', "__");
            let activate = Box::new(move |item: &mut Self| item.wishes.send(wish()));
            MenuItem::Standard(StandardItem { label, enabled, activate, ..StandardItem::default() })
        };
        let mut menu = vec![entry(&self.face.open, true, || Wish::Open), MenuItem::Separator];
        menu.extend(self.face.lines.iter().map(|line| entry(line, false, || Wish::Open)));
        if !self.face.lines.is_empty() {
            menu.push(MenuItem::Separator);
        }
        menu.push(entry(&self.face.quit, true, || Wish::Quit));
        menu
    }

    fn watcher_offline(&self, _reason: OfflineReason) -> bool {
        // Whoever keeps us sees it too, and makes a new icon for a new watcher.
        false
    }
}

/// Tool tips hold markup, and a name is none.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::life::wishes;
    use crate::mark::Mark;

    #[test]
    fn pictures_are_argb() {
        let picture = pixmap(&Image::new(&[1, 2, 3, 4, 5, 6, 7, 8], 2, 1));
        assert_eq!((picture.width, picture.height), (2, 1));
        assert_eq!(picture.data, [4, 1, 2, 3, 8, 5, 6, 7]);
    }

    #[test]
    fn a_name_is_neither_markup_nor_a_letter_to_press() {
        let (sender, _wished) = wishes();
        let face = Face {
            open: "Open".into(),
            lines: vec!["<b>a_b</b>".into()],
            quit: "Quit".into(),
            mark: Mark::None,
        };
        let item = Item { face, picture: None, wishes: sender };
        assert_eq!(item.tool_tip().description, "&lt;b&gt;a_b&lt;/b&gt;");
        let mut labels = Vec::new();
        for entry in item.menu() {
            if let MenuItem::Standard(entry) = entry {
                labels.push((entry.label, entry.enabled));
            }
        }
        let wanted = [("Open", true), ("<b>a__b</b>", false), ("Quit", true)];
        assert_eq!(labels, wanted.map(|(label, enabled)| (label.to_owned(), enabled)));
    }
}
