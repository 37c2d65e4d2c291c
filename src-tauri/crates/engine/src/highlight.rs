//! The user's own words of interest: where one of them stands in a message, it is as if it named the user.

/// Words that are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Highlights(Vec<String>);

impl Highlights {
    /// Reads the setting: words with commas between them.
    pub(crate) fn read(setting: &str) -> Self {
        let words = setting.split([',', '，', '、']).map(|word| word.trim().to_lowercase());
        Self(words.filter(|word| !word.is_empty()).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them stands in `text` as a whole word, in upper or lower case. Scripts that write no blanks between
    /// words have no whole ones.
    pub(crate) fn stand_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|word| {
            text.match_indices(word.as_str()).any(|(at, _)| {
                let (before, after) = (text.get(..at), text.get(at + word.len()..));
                let before = before.and_then(|text| text.chars().next_back());
                let after = after.and_then(|text| text.chars().next());
                !goes_on(before, word.chars().next()) && !goes_on(word.chars().next_back(), after)
            })
        })
    }
}

/// Whether two neighbours are of one word.
fn goes_on(one: Option<char>, other: Option<char>) -> bool {
    one.is_some_and(is_of_word) && other.is_some_and(is_of_word)
}

fn is_of_word(char: char) -> bool {
    char == '_' || (char.is_alphanumeric() && !is_unspaced(char))
}

/// Han, kana, Thai, Lao, Khmer and Burmese letters.
fn is_unspaced(char: char) -> bool {
    matches!(char,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_and_their_case_does_not_matter() {
        let words = Highlights::read(" Whinchat, C++ ,天气，, éa");
        for hit in ["WHINCHAT!", "a whinchat", "(whinchat)", "use c++.", "今天天气好", "ÉA"] {
            assert!(words.stand_in(hit), "{hit}");
        }
        for miss in ["whinchats", "awhinchat", "whin chat", "my_whinchat", "c+", "天", ""] {
            assert!(!words.stand_in(miss), "{miss}");
        }
        assert!(Highlights::read(" , ,").is_empty());
        assert!(!Highlights::default().stand_in("anything"));
    }
}
