//! Which names are the same name: the server's `CASEMAPPING`.
//!
//! <https://modern.ircdocs.horse/#casemapping-parameter>. A server names one of `ascii`, `rfc1459`, `rfc1459-strict`
//! and `rfc7613`; one that names none, or one that we do not know, has `rfc1459`.
//!
//! `rfc7613` (renewed as `rfc8265`) stands for the PRECIS profile *UsernameCaseMapped*. What it refuses, a server has
//! refused before we see it, so here it is three of its steps: fullwidth and halfwidth forms become the common ones,
//! each character becomes its lower-case one, and the whole is composed (NFC). Its check of directionality and its list
//! of forbidden characters are left out. Two names that the profile holds equal fold alike; a name that it would refuse
//! folds to something, and never to a panic.

use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// How a server compares names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Casemapping {
    /// `A`–`Z` are `a`–`z`.
    Ascii,
    /// As `ascii`, and `[ ] \ ~` are the capitals of `{ } | ^`.
    #[default]
    Rfc1459,
    /// As `rfc1459` without the pair `~` and `^`.
    Rfc1459Strict,
    /// By Unicode; see the head of this module.
    Rfc7613,
}

/// A name as the server compares it: equal names are equal keys. Not for showing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Folded(String);

impl Casemapping {
    /// The one of that name in `CASEMAPPING`; `None` for a name that we do not know.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "ascii" => Some(Self::Ascii),
            "rfc1459" => Some(Self::Rfc1459),
            "rfc1459-strict" | "strict-rfc1459" => Some(Self::Rfc1459Strict),
            "rfc7613" | "rfc8265" => Some(Self::Rfc7613),
            _ => None,
        }
    }

    /// Folds a name.
    #[must_use]
    pub fn fold(self, name: &str) -> Folded {
        Folded(match self {
            Self::Ascii => name.to_ascii_lowercase(),
            Self::Rfc1459 => name.chars().map(|char| if char == '~' { '^' } else { strict(char) }).collect(),
            Self::Rfc1459Strict => name.chars().map(strict).collect(),
            Self::Rfc7613 => name.chars().map(width).flat_map(char::to_lowercase).nfc().collect(),
        })
    }

    /// Whether two names are one.
    #[must_use]
    pub fn same(self, one: &str, other: &str) -> bool {
        self.fold(one) == self.fold(other)
    }
}

impl Folded {
    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn strict(char: char) -> char {
    match char {
        '[' => '{',
        ']' => '}',
        '\\' => '|',
        _ => char.to_ascii_lowercase(),
    }
}

/// The common form of a fullwidth or halfwidth character (RFC 8265 §3.3.1, Unicode Standard Annex 11).
fn width(char: char) -> char {
    match char {
        '\u{3000}' => ' ',
        // Their compatibility decomposition is the width mapping, and is one character each.
        '\u{ff01}'..='\u{ffef}' => {
            let mut common = std::iter::once(char).nfkc();
            common.next().filter(|_| common.next().is_none()).unwrap_or(char)
        }
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const ALL: [Casemapping; 4] =
        [Casemapping::Ascii, Casemapping::Rfc1459, Casemapping::Rfc1459Strict, Casemapping::Rfc7613];

    #[test]
    fn each_mapping_has_its_own_pairs() {
        let folded = |name: &str| ALL.map(|mapping| mapping.fold(name).as_str().to_owned());
        assert_eq!(folded("Nick[]\\~"), ["nick[]\\~", "nick{}|^", "nick{}|~", "nick[]\\~"]);
        assert_eq!(folded("ÄÖ"), ["ÄÖ", "ÄÖ", "ÄÖ", "äö"]);
    }

    #[test]
    fn unicode_names_are_one_in_either_composition_and_width() {
        let mapping = Casemapping::Rfc7613;
        assert!(mapping.same("a\u{308}", "Ä"));
        assert!(mapping.same("Ｎｉｃｋ", "nick"));
        assert!(mapping.same("ｱﾞ", "ア\u{3099}") && mapping.same("K", "\u{212a}"));
        assert!(!mapping.same("ß", "ss") && !mapping.same("①", "1"), "only case and width fold");
    }

    #[test]
    fn an_unknown_mapping_is_not_guessed() {
        assert_eq!(Casemapping::named("rfc8265"), Some(Casemapping::Rfc7613));
        assert_eq!(Casemapping::named("RFC1459"), Some(Casemapping::Rfc1459));
        assert_eq!(Casemapping::named("bfc"), None);
        assert_eq!(Casemapping::default(), Casemapping::Rfc1459);
    }

    #[test]
    fn a_folded_name_finds_what_was_kept_under_another_case() {
        let mapping = Casemapping::Rfc1459;
        let kept = BTreeMap::from([(mapping.fold("#Chan[1]"), 7)]);
        assert_eq!(kept.get(&mapping.fold("#chan{1}")), Some(&7));
    }

    #[test]
    fn folding_any_one_character_again_changes_nothing() {
        // No character with a case or a width lies beyond these planes.
        for char in '\0'..='\u{1ffff}' {
            let once = Casemapping::Rfc7613.fold(char.encode_utf8(&mut [0; 4]));
            assert_eq!(Casemapping::Rfc7613.fold(once.as_str()), once, "{char:?}");
        }
    }

    proptest! {
        #[test]
        fn folding_again_changes_nothing_and_grows_nothing_much(name in any::<String>()) {
            for mapping in ALL {
                let once = mapping.fold(&name);
                prop_assert!(once.as_str().len() <= 3 * name.len());
                prop_assert_eq!(mapping.fold(once.as_str()), once);
            }
        }

        #[test]
        fn the_case_of_ascii_never_matters(name in "[ -~]{0,20}") {
            for mapping in ALL {
                prop_assert!(mapping.same(&name, &name.to_ascii_uppercase()));
                prop_assert!(mapping.same(&name, &name.to_ascii_lowercase()));
            }
        }
    }
}
