//! How text becomes the words that are indexed and looked for.
//!
//! Case, diacritics and width are folded. A word is a run of letters and digits. Scripts that are written without
//! spaces (Han, kana, hangul and others) become overlapping pairs of characters, and the last character of a run stands
//! alone behind them, so that any part of a run is a chain of pairs, and any one character begins a word. A sign such as
//! an emoji is a word of its own. A change here needs a new [`VERSION`].

use std::ops::Range;
use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

/// Which words an index was made of; another one is made anew.
pub(crate) const VERSION: i64 = 1;

/// Characters of a word that count. Longer ones are no language; two that differ only behind are the same.
const MAX_WORD: usize = 64;

/// A word with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Folded.
    pub(crate) text: String,
    /// Its bytes in the text.
    pub(crate) at: Range<usize>,
    /// It is one character: the end of a run of characters that are written without spaces.
    pub(crate) is_run_end: bool,
}

/// The words of a text, in order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    each(text, |text, at, is_run_end| words.push(Word { text: text.to_owned(), at, is_run_end }));
    words
}

/// Adds the words of a text to a line that a tokenizer of plain spaces takes apart again.
pub(crate) fn write(text: &str, line: &mut String) {
    each(text, |word, _, _| {
        line.push_str(word);
        line.push(' ');
    });
}

/// A name in one word, whatever stands in it, so that a tokenizer leaves it whole.
pub(crate) fn whole(name: &str, line: &mut String) {
    let mut count = 0;
    fold_all(name, |_, folded| {
        if count < MAX_WORD {
            // What would end a word stands in the private use area.
            let opaque = if folded.is_ascii() && !folded.is_ascii_alphanumeric() {
                char::from_u32(0xE100 + u32::from(folded)).unwrap_or(folded)
            } else {
                folded
            };
            line.push(opaque);
            count += 1;
        }
    });
}

/// A text with case, diacritics and width folded.
pub(crate) fn fold(text: &str, folded: &mut String) {
    fold_all(text, |_, c| folded.push(c));
}

/// How many bytes of a text its first `count` folded characters take, with the marks that belong to the last.
pub(crate) fn length_of(text: &str, count: usize) -> usize {
    let (mut seen, mut end) = (0, text.len());
    fold_all(text, |at, _| {
        if seen == count {
            end = end.min(at.start);
        }
        seen += 1;
    });
    end
}

/// What a folded character is to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Part of one.
    Letter,
    /// Part of a run without spaces.
    Unspaced,
    /// One by itself.
    Sign,
    /// The end of one.
    Break,
}

fn class(c: char) -> Class {
    match c {
        '\0'..='\x7f' if c.is_ascii_alphanumeric() => Class::Letter,
        '\0'..='\x7f' => Class::Break,
        _ if is_unspaced(c) => Class::Unspaced,
        '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' if !is_skin(c) => Class::Sign,
        _ if c.is_alphanumeric() || is_combining_mark(c) => Class::Letter,
        _ => Class::Break,
    }
}

/// Han, kana, bopomofo, hangul; Thai, Lao, Burmese, Khmer.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3031}'..='\u{3035}'
        | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{318e}'
        | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{1100}'..='\u{11ff}'
        | '\u{a960}'..='\u{a97c}' | '\u{ac00}'..='\u{d7fb}' | '\u{f900}'..='\u{faff}'
        | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}'
        | '\u{0e01}'..='\u{0e3a}' | '\u{0e40}'..='\u{0e4e}' | '\u{0e81}'..='\u{0ebd}' | '\u{0ec0}'..='\u{0ece}'
        | '\u{1000}'..='\u{103f}' | '\u{1780}'..='\u{17d3}')
}

fn is_skin(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Marks that are left out: diacritics, and the vowel signs of Hebrew and Arabic. Elsewhere a mark makes another letter.
fn is_diacritic(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036f}' | '\u{0591}'..='\u{05c7}' | '\u{0610}'..='\u{061a}' | '\u{064b}'..='\u{065f}'
        | '\u{0670}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{3099}' | '\u{309a}')
}

/// What is not seen, or only changes the looks of its neighbour: it ends no word.
pub(super) fn is_silent(c: char) -> bool {
    is_diacritic(c)
        || is_skin(c)
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}')
}

/// Letters that are written with a sign through or beside them, which no decomposition takes off.
fn plain_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' => "d",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ς' => "σ",
        // No и with a sign, but a letter.
        'й' | 'Й' => "й",
        _ => return None,
    })
}

/// Gives the folded characters of a text, each with the bytes that it comes from. What ends a word is given too.
fn fold_all(text: &str, mut give: impl FnMut(Range<usize>, char)) {
    let mut characters = text.char_indices().peekable();
    while let Some((start, first)) = characters.next() {
        let mut end = start + first.len_utf8();
        if first.is_ascii() {
            give(start..end, first.to_ascii_lowercase());
            // An accent behind it is silent; й of two characters is the one that is met elsewhere.
            continue;
        }
        // Characters in parts, as some systems write them: kana with its mark, hangul from its letters.
        let mut c = half_width(first).unwrap_or(first);
        if is_unspaced(c) || matches!(c, 'и' | 'И') {
            while let Some((at, next)) = characters.peek().copied() {
                let mark = half_width(next).unwrap_or(next);
                let joins = !matches!(c, 'и' | 'И') || mark == '\u{306}';
                let Some(joined) = compose(c, mark).filter(|_| joins) else { break };
                c = joined;
                end = at + next.len_utf8();
                characters.next();
            }
        }
        if is_silent(c) {
            continue;
        }
        if let Some(letters) = plain_letters(c) {
            letters.chars().for_each(|letter| give(start..end, letter));
        } else if is_whole(c) {
            give(start..end, c);
        } else {
            for part in parts(c) {
                for lower in part.to_lowercase().filter(|lower| !is_silent(*lower)) {
                    give(
                        start..end,
                        plain_letters(lower).and_then(|one| one.chars().next()).unwrap_or(lower),
                    );
                }
            }
        }
    }
}

/// What a character is made of; syllables of hangul and kana with their marks stay whole.
fn parts(c: char) -> Vec<char> {
    let mut parts: Vec<char> = Vec::new();
    decompose_compatible(c, |part| match parts.last_mut() {
        Some(last) if is_unspaced(*last) => match compose(*last, part) {
            Some(joined) => *last = joined,
            None => parts.push(part),
        },
        Some(_) | None => parts.push(part),
    });
    parts
}

/// What is not taken apart: kana and hangul, whose parts are other characters.
fn is_whole(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{ac00}'..='\u{d7a3}')
}

/// The full-width kana of a half-width one, and the mark of a half-width mark.
fn half_width(c: char) -> Option<char> {
    if !matches!(c, '\u{ff66}'..='\u{ff9f}') {
        return None;
    }
    let mut full = None;
    decompose_compatible(c, |part| full = Some(part));
    full
}

fn each(text: &str, mut visit: impl FnMut(&str, Range<usize>, bool)) {
    let mut state = State { word: String::new(), letters: 0, at: 0..0, run: None, pair: String::new() };
    fold_all(text, |at, folded| match class(folded) {
        Class::Letter => {
            state.end_run(&mut visit);
            state.letter(at, folded);
        }
        Class::Unspaced => {
            state.end_word(&mut visit);
            state.unspaced(at, folded, &mut visit);
        }
        Class::Sign => {
            state.end(&mut visit);
            visit(folded.encode_utf8(&mut [0; 4]), at, false);
        }
        Class::Break => state.end(&mut visit),
    });
    state.end(&mut visit);
}

/// What has been read of the current word or run.
struct State {
    word: String,
    letters: usize,
    at: Range<usize>,
    /// The last character of a run.
    run: Option<(char, Range<usize>)>,
    pair: String,
}

impl State {
    fn letter(&mut self, at: Range<usize>, letter: char) {
        if self.letters == 0 {
            self.at = at.clone();
        }
        self.at.end = at.end;
        self.letters += 1;
        if self.letters <= MAX_WORD {
            self.word.push(letter);
        }
    }

    fn unspaced(&mut self, at: Range<usize>, next: char, visit: &mut impl FnMut(&str, Range<usize>, bool)) {
        if let Some((last, from)) = self.run.take() {
            self.pair.clear();
            self.pair.push(last);
            self.pair.push(next);
            visit(&self.pair, from.start..at.end, false);
        }
        self.run = Some((next, at));
    }

    fn end_word(&mut self, visit: &mut impl FnMut(&str, Range<usize>, bool)) {
        if self.letters > 0 {
            visit(&self.word, self.at.clone(), false);
            self.word.clear();
            self.letters = 0;
        }
    }

    fn end_run(&mut self, visit: &mut impl FnMut(&str, Range<usize>, bool)) {
        if let Some((last, at)) = self.run.take() {
            visit(last.encode_utf8(&mut [0; 4]), at, true);
        }
    }

    fn end(&mut self, visit: &mut impl FnMut(&str, Range<usize>, bool)) {
        self.end_word(visit);
        self.end_run(visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_are_runs_of_letters_in_one_case_without_diacritics() {
        for (text, expected) in [
            ("Hello, World! x_1", vec!["hello", "world", "x", "1"]),
            ("Crème BRÛLÉE Málaga", vec!["creme", "brulee", "malaga"]),
            ("cre\u{301}me", vec!["creme"]),
            ("Łódź Straße Ærø İstanbul ΣΊΣΥΦΟΣ", vec!["lodz", "strasse", "aero", "istanbul", "σισυφοσ"]),
            ("Σίσυφος ёлка Мой мои\u{306}", vec!["σισυφοσ", "елка", "мой", "мой"]),
            ("ＡＢＣ１２ ﬁne co\u{ad}op", vec!["abc12", "fine", "coop"]),
            ("שָׁלוֹם مُحَمَّد", vec!["שלום", "محمد"]),
            ("हिन्दी", vec!["हिन्दी"]),
            ("", vec![]),
            (" .,;!?…—„“ ", vec![]),
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_written_without_spaces_is_pairs_and_the_end_of_each_run() {
        for (text, expected) in [
            ("你", vec!["你"]),
            ("你好", vec!["你好", "好"]),
            ("你好世界。", vec!["你好", "好世", "世界", "界"]),
            ("说hello你好", vec!["说", "hello", "你好", "好"]),
            (
                "ｶﾞﾗｽ か\u{3099} 한글 \u{1112}\u{1161}\u{11ab}",
                vec!["ガラ", "ラス", "ス", "が", "한글", "글", "한"],
            ),
            ("か が", vec!["か", "が"]),
            ("👍🏽ok🎉", vec!["👍", "ok", "🎉"]),
            ("สวัสดี", vec!["สว", "วั", "ัส", "สด", "ดี", "ี"]),
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "Un café, 你好";
        let found: Vec<_> = words(text).into_iter().filter_map(|word| text.get(word.at)).collect();
        assert_eq!(found, ["Un", "café", "你好", "好"]);
        assert_eq!(length_of("cafe\u{301}s", 4), "cafe\u{301}".len());
        assert_eq!(length_of("éa", 1), "é".len());
        assert_eq!(length_of("a", 9), 1);
    }

    #[test]
    fn a_word_without_end_is_cut() {
        assert_eq!(texts(&"a".repeat(10_000)), ["a".repeat(MAX_WORD)]);
    }

    #[test]
    fn a_name_is_one_word_that_nobody_can_type() {
        let mut line = String::new();
        whole("[Ann]_1 é", &mut line);
        assert!(!line.contains(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()), "{line}");
        let mut other = String::new();
        whole("ann1e", &mut other);
        assert_ne!(line, other);
    }

    proptest! {
        /// FTS5's `ascii` tokenizer makes the same words of the line.
        #[test]
        fn a_line_of_words_comes_apart_into_the_same_words(text in any::<String>()) {
            let mut line = String::new();
            write(&text, &mut line);
            let again: Vec<_> = line.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric())
                .filter(|word| !word.is_empty()).map(str::to_owned).collect();
            prop_assert_eq!(&again, &texts(&text));
            for word in words(&text) {
                prop_assert!(text.get(word.at).is_some_and(|part| !part.is_empty()));
                prop_assert_eq!(word.text.to_ascii_lowercase(), word.text);
            }
        }

        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = texts(&text);
            for word in &once {
                let again = texts(word);
                prop_assert_eq!(again.first(), Some(word), "{:?}", word);
            }
        }
    }
}
