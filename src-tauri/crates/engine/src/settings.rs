//! What the user chose for the whole program: words in rows of their own.

use crate::Handle;
use crate::contract::{Code, Fault, Quiet, Settings};
use domain::TxnId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::ops::RangeInclusive;
use store::Durability;

const LANGUAGE: &str = "language";
const THEME: &str = "theme";
const DENSITY: &str = "density";
const ZOOM: &str = "zoom";
const BACKGROUND: &str = "background";
const PREVIEW: &str = "preview";
const QUIET: &str = "quiet";
pub(crate) const HIGHLIGHTS: &str = "highlights";

/// The longest list of words of interest that is kept, in bytes.
const MAX_HIGHLIGHTS: usize = 16 * 1024;

/// Beyond these, in percent, a window can be used no more, not even to set it back.
const ZOOMS: RangeInclusive<u16> = 50..=300;

impl Handle {
    /// What the user chose for the whole program.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn settings(&self) -> Result<Settings, Fault> {
        Ok(self.disk.read(|reader| read(|key| reader.setting(key))).await?)
    }

    /// Keeps what the user chose for the whole program.
    ///
    /// # Errors
    /// [`Code::TooLong`], [`Code::Disk`].
    pub async fn set_settings(&self, txn: TxnId, settings: Settings) -> Result<(), Fault> {
        if settings.highlights.len() > MAX_HIGHLIGHTS {
            let text = format!("the words of interest are longer than {MAX_HIGHLIGHTS} bytes");
            return Err(Fault { code: Code::TooLong, text });
        }
        self.once(txn, Durability::Normal, move |tx| {
            let Settings { language, theme, density, zoom, background, highlights, preview, quiet } =
                settings;
            tx.set_setting(LANGUAGE, &word(language))?;
            tx.set_setting(THEME, &word(theme))?;
            tx.set_setting(DENSITY, &word(density))?;
            tx.set_setting(ZOOM, &within(zoom).to_string())?;
            tx.set_setting(BACKGROUND, &word(background))?;
            tx.set_setting(HIGHLIGHTS, &highlights)?;
            tx.set_setting(PREVIEW, &word(preview))?;
            let Quiet { on, from, until } = quiet;
            tx.set_setting(QUIET, &format!("{} {from} {until}", if on { "on" } else { "off" }))?;
            Ok(Ok(0))
        })
        .await?;
        self.ringer.sidebar();
        Ok(())
    }
}

/// Reads the rows. What is not there, or cannot be read, is as it is at first.
pub(crate) fn read(mut value: impl FnMut(&str) -> store::Result<Option<String>>) -> store::Result<Settings> {
    Ok(Settings {
        language: chosen(value(LANGUAGE)?),
        theme: chosen(value(THEME)?),
        density: chosen(value(DENSITY)?),
        zoom: value(ZOOM)?.and_then(|zoom| zoom.parse().ok()).map_or(Settings::default().zoom, within),
        background: chosen(value(BACKGROUND)?),
        highlights: value(HIGHLIGHTS)?.unwrap_or_default(),
        preview: chosen(value(PREVIEW)?),
        quiet: value(QUIET)?.and_then(|quiet| read_quiet(&quiet)).unwrap_or_default(),
    })
}

fn read_quiet(row: &str) -> Option<Quiet> {
    let mut words = row.split(' ');
    let on = words.next()? == "on";
    Some(Quiet { on, from: words.next()?.parse().ok()?, until: words.next()?.parse().ok()? })
}

fn within(zoom: u16) -> u16 {
    zoom.clamp(*ZOOMS.start(), *ZOOMS.end())
}

/// The word that the contract has for a choice.
fn word(choice: impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

fn chosen<T: DeserializeOwned + Default>(word: Option<String>) -> T {
    word.and_then(|word| serde_json::from_value(Value::String(word)).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Background, Density, Language, Preview, Theme};

    #[test]
    fn what_is_not_there_or_makes_no_sense_is_as_it_is_at_first() {
        let known = |rows: &'static [(&str, &str)]| {
            let row = |key: &str| rows.iter().find(|(known, _)| *known == key);
            read(move |key| Ok(row(key).map(|(_, value)| (*value).to_owned()))).unwrap()
        };
        assert_eq!(known(&[]), Settings::default());
        let odd = &[("theme", "plaid"), ("zoom", "a lot"), ("quiet", "on 5"), ("preview", "\"")];
        assert_eq!(known(odd), Settings::default());
        let kept = known(&[
            ("language", "zh-CN"),
            ("theme", "contrast"),
            ("density", "compact"),
            ("zoom", "9000"),
            ("background", "quit"),
            ("preview", "hidden"),
            ("quiet", "on 60 120"),
        ]);
        let wanted = Settings {
            language: Language::Chinese,
            theme: Theme::Contrast,
            density: Density::Compact,
            zoom: 300,
            background: Background::Quit,
            preview: Preview::Hidden,
            quiet: Quiet { on: true, from: 60, until: 120 },
            ..Settings::default()
        };
        assert_eq!(kept, wanted);
    }
}
