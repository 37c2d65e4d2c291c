//! Where the window was: its place on the screen, and what was open in it. Kept in a file of its own, since it is of
//! this computer's screens and of nothing that was said.

use engine::contract::Sight;
use serde::{Deserialize, Serialize};
use std::path::Path;
use tauri::{PhysicalPosition, PhysicalSize, WebviewWindow};

/// A window that is narrower or lower than this was not meant to be.
const SMALLEST: u32 = 200;

/// How much of the window's top edge must be on a screen, so that it can be reached with the mouse.
const GRIP: i32 = 80;

/// Where the window was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Left, top, width and height in pixels of the screen; `None`: not known.
    area: Option<(i32, i32, u32, u32)>,
    maximized: bool,
    /// What the page's address ends in: the conversation that is open, and the row at which the reader is.
    pub(crate) open: Option<String>,
}

impl Place {
    /// What the window shows now. A window that is maximized keeps the area that it had before.
    pub(crate) fn of(window: &WebviewWindow, before: &Self) -> Self {
        let maximized = window.is_maximized().unwrap_or(false);
        let area = match (window.outer_position(), window.inner_size()) {
            (Ok(at), Ok(size)) if !maximized && !window.is_minimized().unwrap_or(false) => {
                Some((at.x, at.y, size.width, size.height))
            }
            _ => before.area,
        };
        let open =
            window.url().ok().and_then(|url| url.fragment().map(str::to_owned)).filter(|open| is_spot(open));
        Self { area, maximized, open }
    }

    /// Puts a new window where the old one was, as far as there is a screen.
    pub(crate) fn apply(&self, window: &WebviewWindow) -> tauri::Result<()> {
        if let Some((left, top, width, height)) = self.area {
            if width >= SMALLEST && height >= SMALLEST {
                window.set_size(PhysicalSize { width, height })?;
            }
            let screens = window.available_monitors()?;
            let reachable = screens.iter().any(|screen| {
                let (at, size) = (screen.position(), screen.size());
                let (right, bottom) =
                    (at.x.saturating_add_unsigned(size.width), at.y.saturating_add_unsigned(size.height));
                left.saturating_add_unsigned(width) > at.x.saturating_add(GRIP)
                    && left < right.saturating_sub(GRIP)
                    && top >= at.y
                    && top < bottom.saturating_sub(GRIP)
            });
            if reachable {
                window.set_position(PhysicalPosition { x: left, y: top })?;
            }
        }
        if self.maximized {
            window.maximize()?;
        }
        Ok(())
    }

    /// What was kept. A file that is missing or damaged is no place.
    pub(crate) fn read(file: &Path) -> Self {
        let place: Self =
            std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { open: place.open.filter(|open| is_spot(open)), ..place }
    }

    /// Keeps it. Where that fails, the window opens in the middle next time.
    pub(crate) fn write(&self, file: &Path) {
        let written = serde_json::to_vec(self).map_err(std::io::Error::from).and_then(|text| {
            let half = file.with_extension("new");
            std::fs::write(&half, text)?;
            std::fs::rename(&half, file)
        });
        if let Err(error) = written {
            tracing::debug!(%error, "the window's place was not kept");
        }
    }
}

/// The name of what is to be open: the conversation, and behind a dot the message to go to.
pub(crate) fn name_of(sight: Sight) -> String {
    let Sight { conversation, message } = sight;
    match message {
        Some(message) => format!("{}.{}", conversation.0, message.0),
        None => conversation.0.to_string(),
    }
}

/// Whether it can say what is open, `CONVERSATION`, `CONVERSATION/ROW` or `CONVERSATION.MESSAGE`: the window reads it back
/// from its address.
fn is_spot(open: &str) -> bool {
    let is_number =
        |part: &str| (1..=19).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number(open)
        || open.split_once(['/', '.']).is_some_and(|(room, row)| is_number(room) && is_number(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ConversationId, MessageId};

    #[test]
    fn what_a_notification_leads_to_can_stand_in_an_address() {
        let conversation = ConversationId(i64::MAX);
        for (message, name) in
            [(None, "9223372036854775807"), (Some(MessageId(12)), "9223372036854775807.12")]
        {
            let named = name_of(Sight { conversation, message });
            assert_eq!(named, name);
            assert!(is_spot(&named));
        }
    }

    #[test]
    fn a_place_comes_back_and_a_damaged_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("window.json");
        assert_eq!(Place::read(&file), Place::default());
        let place = Place { area: Some((-3, 40, 900, 600)), maximized: true, open: Some("17/203".into()) };
        place.write(&file);
        assert_eq!(Place::read(&file), place);
        std::fs::write(&file, "{\"area\":[1,2").unwrap();
        assert_eq!(Place::read(&file), Place::default());
        for (open, taken) in [
            ("17", true),
            ("17/203", true),
            ("17/203/4", false),
            ("17/", false),
            ("/203", false),
            ("../../etc?x=<", false),
        ] {
            std::fs::write(&file, format!(r#"{{"area":null,"maximized":false,"open":"{open}"}}"#)).unwrap();
            let open = taken.then(|| open.to_owned());
            assert_eq!(Place::read(&file).open, open, "nothing else is put into an address");
        }
    }
}
