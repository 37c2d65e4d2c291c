//! Masks such as `nick!*@*.example.com`: `*` stands for any text, `?` for one character.
//!
//! <https://modern.ircdocs.horse/#wildcard-expressions>. The same masks serve ban lists and our own ignore list.

use super::casemap::Casemapping;

/// The longest mask that matches anything, in characters: more than any line holds. Bounds the time of a match.
pub const MAX_MASK: usize = 512;

/// Whether `text` matches the mask, in the server's idea of equal letters. A mask over [`MAX_MASK`] matches nothing.
#[must_use]
pub fn matches(mask: &str, text: &str, casemapping: Casemapping) -> bool {
    let mask: Vec<char> = casemapping.fold(mask).as_str().chars().collect();
    let text: Vec<char> = casemapping.fold(text).as_str().chars().collect();
    mask.len() <= MAX_MASK && run(&mask, &text)
}

/// Remembers the last `*` alone: what an earlier one took never has to be taken back, so time is mask × text.
fn run(mask: &[char], text: &[char]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&char) = text.get(seen) {
        match mask.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&want) if want == '?' || want == char => {
                at += 1;
                seen += 1;
            }
            Some(_) | None => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                seen = taken + 1;
            }
        }
    }
    mask.iter().skip(at).all(|&want| want == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is(mask: &str, text: &str) -> bool {
        matches(mask, text, Casemapping::Rfc1459)
    }

    #[test]
    fn wildcards_stand_for_text_and_for_one_character() {
        assert!(is("*", "") && is("**", "a") && is("a*b*c", "aXbYbZc") && is("?", "é"));
        assert!(!is("?", "") && !is("a*b", "abc") && !is("", "a") && !is("a?c", "ac"));
        assert!(is("NICK[!*@*", "nick{!u@h"), "letters are equal as the server has it");
    }

    #[test]
    fn a_mask_that_is_too_long_matches_nothing() {
        assert!(is(&"*".repeat(MAX_MASK), "a"));
        assert!(!is(&"*".repeat(MAX_MASK + 1), "a"));
    }

    /// By the definition, in exponential time.
    fn slowly(mask: &[char], text: &[char]) -> bool {
        match (mask.split_first(), text.split_first()) {
            (None, _) => text.is_empty(),
            (Some(('*', mask)), None) => slowly(mask, text),
            (Some(('*', rest)), Some((_, tail))) => slowly(rest, text) || slowly(mask, tail),
            (Some(_), None) => false,
            (Some((want, mask)), Some((char, text))) => (*want == '?' || want == char) && slowly(mask, text),
        }
    }

    proptest! {
        #[test]
        fn a_match_is_what_the_definition_says(mask in "[ab*?]{0,8}", text in "[ab]{0,8}") {
            let (chars, letters): (Vec<_>, Vec<_>) = (mask.chars().collect(), text.chars().collect());
            prop_assert_eq!(is(&mask, &text), slowly(&chars, &letters));
        }

        #[test]
        fn any_text_is_matched_without_a_panic(mask in any::<String>(), text in any::<String>()) {
            let _ = is(&mask, &text);
            prop_assert!(is("*", &text));
        }
    }
}
