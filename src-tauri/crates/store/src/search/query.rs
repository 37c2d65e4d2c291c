//! What a person types to find something.
//!
//! Words, all of which must be found: a word of letters by its beginning, characters of a script without spaces wherever
//! they stand. `"…"` is found as it stands, with whole words. `from:` and `in:` name people and conversations, several of
//! one kind mean any of them; `before:` and `after:` take a day, `after:` with that day; `has:link`. A colon behind any
//! other word is no operator. No text makes this panic.

use super::words::{Word, words};
use domain::QueryFault;

/// How many characters a query has at the most: some lines of what a person remembers.
pub const MAX_QUERY: usize = 500;

/// How many terms a query has at the most; each is a lookup.
const MAX_TERMS: usize = 24;

/// A query that can be answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// All of them are in the text.
    pub(super) terms: Vec<Term>,
    /// One of them said it; empty: anybody.
    pub(super) from: Vec<Author>,
    /// It was said in a conversation of one of these names; empty: in any.
    pub(super) within: Vec<String>,
    /// It was said before each of these days began.
    pub(super) before: Vec<Day>,
    /// It was said when each of these days had begun.
    pub(super) after: Vec<Day>,
    /// It has a link.
    pub(super) link: bool,
}

/// Words that stand one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// Folded; never empty.
    pub(super) words: Vec<String>,
    /// How the last of them is found.
    pub(super) last: Last,
}

/// How the last word of a term is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// As a whole.
    Whole,
    /// By its beginning.
    Begins,
}

/// Who said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// We.
    Me,
    /// Somebody of just this name.
    Named(String),
    /// Somebody whose name begins so.
    Begins(String),
}

/// A day of the reader's own calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Day {
    /// As `YYYY-MM-DD`; it exists.
    Date(String),
    /// This one.
    Today,
    /// The one before.
    Yesterday,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// When it cannot be answered, whatever the history holds.
    pub fn parse(text: &str) -> Result<Self, QueryFault> {
        if text.chars().nth(MAX_QUERY).is_some() {
            return Err(QueryFault::TooLong);
        }
        let mut query = Self::default();
        for part in parts(text) {
            query.add(part)?;
        }
        if query.terms.len() + query.from.len() + query.within.len() > MAX_TERMS {
            return Err(QueryFault::TooLong);
        }
        if query.terms.is_empty() && query.from.is_empty() && !query.link {
            return Err(QueryFault::Nothing);
        }
        Ok(query)
    }

    fn add(&mut self, part: Part<'_>) -> Result<(), QueryFault> {
        let Part { operator, value, quoted } = part;
        let Some(operator) = operator else {
            self.terms.extend(Term::of(value, quoted));
            return Ok(());
        };
        if value.trim().is_empty() {
            return Err(QueryFault::NoValue { operator: operator.word().to_owned() });
        }
        match operator {
            Operator::From => self.from.push(match (value, quoted) {
                (_, Quoted::No) if value.eq_ignore_ascii_case("me") => Author::Me,
                (_, Quoted::No) => Author::Begins(value.strip_prefix('@').unwrap_or(value).to_owned()),
                (_, Quoted::Yes) => Author::Named(value.to_owned()),
            }),
            Operator::In => self.within.push(value.to_owned()),
            Operator::Before => self.before.push(Day::parse(value)?),
            Operator::After => self.after.push(Day::parse(value)?),
            Operator::Has if value.eq_ignore_ascii_case("link") => self.link = true,
            Operator::Has => return Err(QueryFault::Has { value: value.to_owned() }),
        }
        Ok(())
    }
}

impl Term {
    /// `None`: nothing in it can be looked for.
    fn of(text: &str, quoted: Quoted) -> Option<Self> {
        let mut found = words(text);
        let pair_before = found.len().checked_sub(2).and_then(|at| found.get(at)).map(|word| word.at.end);
        let end = found.last()?;
        // A run that goes on in the text: its last pair says all, and one character alone begins a pair.
        let open = end.is_run_end;
        if open && pair_before == Some(end.at.end) {
            found.pop();
            return Some(Self { words: folded(found), last: Last::Whole });
        }
        let last = match quoted {
            Quoted::Yes if !open => Last::Whole,
            Quoted::Yes | Quoted::No => Last::Begins,
        };
        Some(Self { words: folded(found), last })
    }
}

fn folded(words: Vec<Word>) -> Vec<String> {
    words.into_iter().map(|word| word.text).collect()
}

impl Day {
    fn parse(value: &str) -> Result<Self, QueryFault> {
        if value.eq_ignore_ascii_case("today") || value == "今天" {
            return Ok(Self::Today);
        }
        if value.eq_ignore_ascii_case("yesterday") || value == "昨天" {
            return Ok(Self::Yesterday);
        }
        date(value).map(Self::Date).ok_or_else(|| QueryFault::Day { value: value.to_owned() })
    }
}

/// A day that exists, of the years 1 to 9999, as `YYYY-MM-DD`; one figure will do for a month and a day.
fn date(value: &str) -> Option<String> {
    let mut figures = value.split(['-', '/']).map(|part| {
        let plain = part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| plain)
    });
    let (year, month, day) = (figures.next()??, figures.next()??, figures.next()??);
    if figures.next().is_some() {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let exists = year >= 1 && (1..=days).contains(&day);
    exists.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// What can stand before a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    From,
    In,
    Before,
    After,
    Has,
}

impl Operator {
    const ALL: [Self; 5] = [Self::From, Self::In, Self::Before, Self::After, Self::Has];

    fn word(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::In => "in",
            Self::Before => "before",
            Self::After => "after",
            Self::Has => "has",
        }
    }
}

/// Whether a part stood between quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quoted {
    Yes,
    No,
}

/// One part of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part<'q> {
    operator: Option<Operator>,
    value: &'q str,
    quoted: Quoted,
}

/// The parts of a query: they end at a space, or at the second quote. A quote that is still open reaches to the end.
fn parts(query: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let (operator, behind) = operator_of(rest);
        let (part, behind) = match behind.strip_prefix(is_quote) {
            Some(quoted) => {
                let (value, behind) = quoted.split_once(is_quote).unwrap_or((quoted, ""));
                (Part { operator, value, quoted: Quoted::Yes }, behind)
            }
            None => {
                let end = behind.find(|c: char| c.is_whitespace() || is_quote(c)).unwrap_or(behind.len());
                let (value, behind) = behind.split_at_checked(end).unwrap_or((behind, ""));
                (Part { operator, value, quoted: Quoted::No }, behind)
            }
        };
        parts.push(part);
        rest = behind.trim_start();
    }
    parts
}

/// The straight quote and those that input methods and word processors make of it.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{300c}' | '\u{300d}' | '\u{ff02}')
}

/// The operator that a part begins with, and what stands behind its colon.
fn operator_of(part: &str) -> (Option<Operator>, &str) {
    for operator in Operator::ALL {
        let word = operator.word();
        let (Some(head), Some(behind)) = (part.get(..word.len()), part.get(word.len()..)) else { continue };
        // An input method makes the wide colon.
        let behind = behind.strip_prefix([':', '\u{ff1a}']);
        if let (true, Some(behind)) = (head.eq_ignore_ascii_case(word), behind) {
            return (Some(operator), behind);
        }
    }
    (None, part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn begins(words: &[&str]) -> Term {
        Term { words: words.iter().map(|&word| word.to_owned()).collect(), last: Last::Begins }
    }

    fn as_is(words: &[&str]) -> Term {
        Term { last: Last::Whole, ..begins(words) }
    }

    #[test]
    fn words_are_found_by_their_beginning_and_quotes_as_they_stand() {
        for (text, terms) in [
            ("Hel wor", vec![begins(&["hel"]), begins(&["wor"])]),
            ("\"hello wor\"", vec![as_is(&["hello", "wor"])]),
            ("“Hello” x", vec![as_is(&["hello"]), begins(&["x"])]),
            ("\"still open", vec![as_is(&["still", "open"])]),
            ("a\"b c\"d", vec![begins(&["a"]), as_is(&["b", "c"]), begins(&["d"])]),
            ("example.org", vec![begins(&["example", "org"])]),
            ("http://x.y note:z", vec![begins(&["http", "x", "y"]), begins(&["note", "z"])]),
            ("你", vec![begins(&["你"])]),
            ("\"你\"", vec![begins(&["你"])]),
            ("你好", vec![as_is(&["你好"])]),
            ("你好世\u{3000}wifi密码", vec![as_is(&["你好", "好世"]), as_is(&["wifi", "密码"])]),
            ("密wifi", vec![begins(&["密", "wifi"])]),
            ("密码wifi", vec![begins(&["密码", "码", "wifi"])]),
            ("你 - !", vec![begins(&["你"])]),
            ("👍", vec![begins(&["👍"])]),
        ] {
            assert_eq!(Query::parse(text).unwrap().terms, terms, "{text}");
        }
    }

    #[test]
    fn operators_take_what_stands_behind_their_colon() {
        let query = Query::parse(
            "from:Ann FROM:me from:\"Bob B\" from:@eve in:#room in:\"two words\" after:2024-2-29 before:today has:Link x",
        );
        let query = query.unwrap();
        let begins = |name: &str| Author::Begins(name.to_owned());
        assert_eq!(query.from, [begins("Ann"), Author::Me, Author::Named("Bob B".to_owned()), begins("eve")]);
        assert_eq!(query.within, ["#room", "two words"]);
        assert_eq!((query.before, query.after), (vec![Day::Today], vec![Day::Date("2024-02-29".into())]));
        assert!(query.link);
        assert_eq!(query.terms, [self::begins(&["x"])]);
        let wide = Query::parse("from：ann before：昨天").unwrap();
        assert_eq!((wide.from, wide.before), (vec![begins("ann")], vec![Day::Yesterday]));
        assert!(Query::parse("inform:x").unwrap().within.is_empty());
    }

    #[test]
    fn what_cannot_be_answered_says_why() {
        let value = || "x".to_owned();
        for (text, fault) in [
            ("", QueryFault::Nothing),
            (" ?! \"\"", QueryFault::Nothing),
            ("in:room after:today", QueryFault::Nothing),
            ("from: x", QueryFault::NoValue { operator: "from".into() }),
            ("x in:\" \"", QueryFault::NoValue { operator: "in".into() }),
            ("a has:x", QueryFault::Has { value: value() }),
            ("a before:x", QueryFault::Day { value: value() }),
            ("a after:2026-02-29", QueryFault::Day { value: "2026-02-29".into() }),
            ("a after:2026-13-01", QueryFault::Day { value: "2026-13-01".into() }),
            ("a after:2026-1-1-1", QueryFault::Day { value: "2026-1-1-1".into() }),
            ("a after:0-1-1", QueryFault::Day { value: "0-1-1".into() }),
            ("a after:+1-1-1", QueryFault::Day { value: "+1-1-1".into() }),
        ] {
            assert_eq!(Query::parse(text), Err(fault), "{text}");
        }
        assert_eq!(Query::parse(&"x".repeat(MAX_QUERY + 1)), Err(QueryFault::TooLong));
        assert_eq!(Query::parse(&"x ".repeat(MAX_TERMS + 1)), Err(QueryFault::TooLong));
        assert!(Query::parse(&"x ".repeat(MAX_TERMS)).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            drop(Query::parse(&text));
        }

        #[test]
        fn neither_do_operators_and_quotes_in_any_order(
            text in "((from|in|before|after|has|x)|[:\u{ff1a}\"“ ]|[0-9-]{1,10}|今天|好|me|link){0,12}"
        ) {
            if let Ok(query) = Query::parse(&text) {
                prop_assert!(query.terms.iter().all(|term| !term.words.is_empty()));
                prop_assert!(query.link || !query.terms.is_empty() || !query.from.is_empty());
            }
        }
    }
}
