//! Modes of channels: what the letters mean, what a `MODE` line changes, and what members are shown with.
//!
//! <https://modern.ircdocs.horse/#mode-message>, <https://modern.ircdocs.horse/#chanmodes-parameter>,
//! <https://modern.ircdocs.horse/#prefix-parameter>, <https://ircv3.net/specs/extensions/multi-prefix>.

/// The letters of `CHANMODES`, by what parameter they take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChanModes {
    /// Type A: adds to a list or takes from it; without a parameter it asks for the list.
    pub lists: String,
    /// Type B: a setting with a parameter, both when set and when unset.
    pub settings: String,
    /// Type C: a setting with a parameter only when set.
    pub limits: String,
    /// Type D: no parameter.
    pub flags: String,
}

/// `PREFIX`: the modes that members have, and the signs before their names, highest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixTable(Vec<Rank>);

/// One rank of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    /// The mode's letter, such as `o`.
    pub mode: char,
    /// The sign before the name, such as `@`.
    pub sign: char,
}

/// Given or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// `+`
    Set,
    /// `-`
    Unset,
}

/// One change of a channel's modes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A member's rank.
    Member {
        /// Given or taken.
        turn: Turn,
        /// The rank's letter.
        mode: char,
        /// Whose.
        nick: String,
    },
    /// An entry of a list (type A).
    List {
        /// Added or taken.
        turn: Turn,
        /// The list's letter.
        mode: char,
        /// The entry.
        mask: String,
    },
    /// A question for a list (type A without a parameter). Servers do not send it.
    Ask {
        /// The list's letter.
        mode: char,
    },
    /// A setting (types B and C).
    Setting {
        /// Set or unset.
        turn: Turn,
        /// The setting's letter.
        mode: char,
        /// What it is set to; `None` when it is unset, or when the server hides it, as it may hide a key.
        value: Option<String>,
    },
    /// A flag (type D), or a letter that the server did not announce.
    Flag {
        /// Set or unset.
        turn: Turn,
        /// The flag's letter.
        mode: char,
    },
}

/// What one member of a channel has: letters of [`PrefixTable`], highest first.
///
/// Without `multi-prefix` a server names only the highest, so that what is left when it is taken is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranks(Vec<char>);

impl Default for ChanModes {
    /// The modes of RFC 1459, for a server that announces none.
    fn default() -> Self {
        Self { lists: "b".into(), settings: "k".into(), limits: "l".into(), flags: "imnpst".into() }
    }
}

impl ChanModes {
    /// Reads the value of `CHANMODES`. Types after the fourth are passed over, as the specification wants.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut types = value.split(',');
        Some(Self {
            lists: types.next()?.to_owned(),
            settings: types.next()?.to_owned(),
            limits: types.next()?.to_owned(),
            flags: types.next()?.to_owned(),
        })
    }
}

impl Default for PrefixTable {
    /// `(ov)@+`, for a server that announces none.
    fn default() -> Self {
        Self(vec![Rank { mode: 'o', sign: '@' }, Rank { mode: 'v', sign: '+' }])
    }
}

impl PrefixTable {
    /// Reads the value of `PREFIX`; an empty one means that members have no ranks. `None` unless each mode has one sign
    /// and each is there once.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        if value.is_empty() {
            return Some(Self(Vec::new()));
        }
        let (modes, signs) = value.strip_prefix('(')?.split_once(')')?;
        let mut ranks: Vec<Rank> = Vec::new();
        let mut signs = signs.chars();
        for mode in modes.chars() {
            let sign = signs.next()?;
            if ranks.iter().any(|rank| rank.mode == mode || rank.sign == sign) {
                return None;
            }
            ranks.push(Rank { mode, sign });
        }
        signs.next().is_none().then_some(Self(ranks))
    }

    /// The ranks, highest first.
    #[must_use]
    pub fn ranks(&self) -> &[Rank] {
        &self.0
    }

    /// The rank with that sign.
    #[must_use]
    pub fn signed(&self, sign: char) -> Option<Rank> {
        self.0.iter().copied().find(|rank| rank.sign == sign)
    }

    /// The place of a mode; lower is higher.
    fn place(&self, mode: char) -> Option<usize> {
        self.0.iter().position(|rank| rank.mode == mode)
    }
}

/// Reads what a `MODE` line changes: `modes` is such as `+o-v+k`, `params` is what follows it. A member or a list entry
/// whose parameter is missing is passed over, and so are parameters in excess.
#[must_use]
pub fn parse(modes: &str, params: &[String], known: &ChanModes, prefixes: &PrefixTable) -> Vec<Change> {
    let mut turn = Turn::Set;
    let mut params = params.iter().cloned();
    let mut changes = Vec::new();
    for mode in modes.chars() {
        let change = match mode {
            '+' => {
                turn = Turn::Set;
                None
            }
            '-' => {
                turn = Turn::Unset;
                None
            }
            _ if prefixes.place(mode).is_some() => {
                params.next().map(|nick| Change::Member { turn, mode, nick })
            }
            _ if known.lists.contains(mode) => Some(match params.next() {
                Some(mask) => Change::List { turn, mode, mask },
                None => Change::Ask { mode },
            }),
            _ if known.settings.contains(mode) => {
                // The parameter of an unset one is there for form's sake: servers fill it with a star.
                let value = params.next().filter(|_| turn == Turn::Set);
                Some(Change::Setting { turn, mode, value })
            }
            _ if known.limits.contains(mode) => {
                let value = if turn == Turn::Set { params.next() } else { None };
                Some(Change::Setting { turn, mode, value })
            }
            _ => Some(Change::Flag { turn, mode }),
        };
        changes.extend(change);
    }
    changes
}

impl Ranks {
    /// Takes the signs off a name, as `NAMES`, `WHO` and `WHOIS` have it: `@+nick` is `nick` with two ranks.
    #[must_use]
    pub fn split<'a>(name: &'a str, prefixes: &PrefixTable) -> (Self, &'a str) {
        let mut ranks = Self::default();
        let mut rest = name;
        while let Some(rank) = rest.chars().next().and_then(|sign| prefixes.signed(sign)) {
            ranks.turn(Turn::Set, rank.mode, prefixes);
            rest = rest.strip_prefix(rank.sign).unwrap_or_default();
        }
        (ranks, rest)
    }

    /// Gives or takes a rank; a letter that is none changes nothing.
    pub fn turn(&mut self, turn: Turn, mode: char, prefixes: &PrefixTable) {
        self.0.retain(|&held| held != mode);
        if turn == Turn::Set && prefixes.place(mode).is_some() {
            self.0.push(mode);
            self.0.sort_by_key(|&held| prefixes.place(held));
        }
    }

    /// The letters, highest first.
    #[must_use]
    pub fn modes(&self) -> &[char] {
        &self.0
    }

    /// The signs, highest first.
    #[must_use]
    pub fn signs(&self, prefixes: &PrefixTable) -> String {
        prefixes.0.iter().filter(|rank| self.0.contains(&rank.mode)).map(|rank| rank.sign).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Turn::{Set, Unset};
    use proptest::prelude::*;

    fn table() -> PrefixTable {
        PrefixTable::parse("(qaohv)~&@%+").unwrap()
    }

    fn read(modes: &str, params: &[&str]) -> Vec<Change> {
        let known = ChanModes::parse("Ibe,k,fl,CEMRUimnstu").unwrap();
        let params: Vec<String> = params.iter().map(|&param| param.to_owned()).collect();
        parse(modes, &params, &known, &table())
    }

    fn member(turn: Turn, mode: char, nick: &str) -> Change {
        Change::Member { turn, mode, nick: nick.into() }
    }

    fn setting(turn: Turn, mode: char, value: Option<&str>) -> Change {
        Change::Setting { turn, mode, value: value.map(Into::into) }
    }

    #[test]
    fn each_letter_takes_the_parameter_that_it_should() {
        let read = read("+o-v+kl-k-l+b+i", &["al", "bo", "key", "5", "*", "*!*@x"]);
        let mask = Change::List { turn: Set, mode: 'b', mask: "*!*@x".into() };
        assert_eq!(
            read,
            [
                member(Set, 'o', "al"),
                member(Unset, 'v', "bo"),
                setting(Set, 'k', Some("key")),
                setting(Set, 'l', Some("5")),
                setting(Unset, 'k', None),
                setting(Unset, 'l', None),
                mask,
                Change::Flag { turn: Set, mode: 'i' },
            ]
        );
    }

    #[test]
    fn missing_and_needless_parameters_do_no_harm() {
        assert_eq!(read("o", &[]), []);
        assert_eq!(read("+b", &[]), [Change::Ask { mode: 'b' }]);
        assert_eq!(read("+k", &[]), [setting(Set, 'k', None)]);
        assert_eq!(read("n", &["what"]), [Change::Flag { turn: Set, mode: 'n' }]);
        assert_eq!(read("-Z+o", &["al"]), [Change::Flag { turn: Unset, mode: 'Z' }, member(Set, 'o', "al")]);
        assert_eq!(read("", &["al"]), []);
    }

    #[test]
    fn a_table_that_does_not_add_up_is_none() {
        assert_eq!(PrefixTable::parse("").unwrap().ranks(), []);
        assert_eq!(PrefixTable::parse("(ov)@+"), Some(PrefixTable::default()));
        for bad in ["ov@+", "(ov)@", "(o)@+", "(oo)@+", "(ov)@@", "(ov", ")("] {
            assert_eq!(PrefixTable::parse(bad), None, "{bad}");
        }
        assert_eq!(ChanModes::parse("b,k,l"), None);
        assert_eq!(ChanModes::parse("b,k,l,imnpst,X"), Some(ChanModes::default()));
    }

    #[test]
    fn a_member_keeps_all_ranks_in_order() {
        let (mut ranks, nick) = Ranks::split("+@bob!~u@h", &table());
        assert_eq!((ranks.signs(&table()).as_str(), nick), ("@+", "bob!~u@h"));
        ranks.turn(Set, 'q', &table());
        ranks.turn(Set, 'v', &table());
        ranks.turn(Set, 'Z', &table());
        assert_eq!(ranks.modes(), ['q', 'o', 'v']);
        ranks.turn(Unset, 'o', &table());
        assert_eq!(ranks.signs(&table()), "~+");
    }

    proptest! {
        #[test]
        fn any_modes_are_read_without_a_panic_and_give_no_more_changes_than_letters(
            modes in any::<String>(),
            params in proptest::collection::vec(any::<String>(), 0..5),
            table in any::<String>(),
            known in any::<String>(),
        ) {
            let table = PrefixTable::parse(&table).unwrap_or_default();
            let known = ChanModes::parse(&known).unwrap_or_default();
            prop_assert!(parse(&modes, &params, &known, &table).len() <= modes.chars().count());
        }

        #[test]
        fn ranks_are_in_order_once_each_whatever_happens(turns in proptest::collection::vec((any::<bool>(), "[qaohvZ]"), 0..20)) {
            let mut ranks = Ranks::default();
            for (set, mode) in turns {
                ranks.turn(if set { Set } else { Unset }, mode.chars().next().unwrap(), &table());
            }
            let places: Vec<_> = ranks.modes().iter().map(|&mode| table().place(mode).unwrap()).collect();
            prop_assert!(places.is_sorted_by(|one, next| one < next));
            let signs = ranks.signs(&table());
            let (again, rest) = Ranks::split(&signs, &table());
            prop_assert_eq!((again, rest), (ranks, ""));
        }
    }
}
