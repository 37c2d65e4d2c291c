//! Lines that belong together: `BATCH`.
//!
//! <https://ircv3.net/specs/extensions/batch>. A batch is kept until it ends and is then given out whole, or put into the
//! batch that it is nested in. No line is ever lost:
//!
//! * A line whose tag names no open batch is given out at once, as if it had no tag. So is one of a batch that could not be
//!   opened, since [`MAX_OPEN`] are open.
//! * When more than [`MAX_LINES`] or [`MAX_BYTES`] are kept, the outermost batch of the line that came is given out as it
//!   is, with [`Batch::ended`] false, and what follows of it comes out line by line.
//! * A batch that ends before what is nested in it leaves that open, no longer nested.
//! * A batch that begins anew under an open reference ends the old one, unfinished.

use super::line::Line;
use std::collections::BTreeMap;

/// The most batches that are open at once. Servers open a handful: one a channel that they replay, and nested ones.
pub const MAX_OPEN: usize = 32;

/// The most lines that are kept, over all open batches: ten times the pages of history that are asked for, and room for
/// the netsplit of a large server.
pub const MAX_LINES: usize = 10_000;

/// The most bytes that are kept, over all open batches: what [`MAX_LINES`] lines of 400 bytes come to.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The open batches.
#[derive(Clone, Debug, Default)]
pub struct Batches(BTreeMap<String, Open>);

/// What is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A line by itself.
    Line(Line),
    /// A batch.
    Batch(Batch),
}

/// A batch, with what was in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The line that began it; its tags (`label`, `msgid`, `time`) are those of the whole.
    pub opening: Line,
    /// In the order in which lines came and nested batches ended.
    pub items: Vec<Item>,
    /// Whether its end came.
    pub ended: bool,
}

impl Batch {
    /// Its type, such as `chathistory`; opaque.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.opening.param(1).unwrap_or_default()
    }

    /// The parameters behind the type.
    #[must_use]
    pub fn params(&self) -> &[String] {
        self.opening.params.get(2..).unwrap_or_default()
    }

    /// Whether a line, or a batch of lines, in it has this name (`msgid`).
    #[must_use]
    pub fn holds(&self, msgid: &str) -> bool {
        let named = |line: &Line| line.tags.find("msgid") == Some(msgid);
        self.items.iter().any(|item| match item {
            Item::Line(line) => named(line),
            Item::Batch(batch) => named(&batch.opening) || batch.holds(msgid),
        })
    }
}

impl Batches {
    /// Takes a line and gives what is ready: the line itself, a batch that ended, or nothing yet.
    pub fn take(&mut self, line: Line) -> Vec<Item> {
        if line.command.eq_ignore_ascii_case("BATCH") {
            let reference = line.param(0).unwrap_or_default();
            match reference.strip_prefix('+').map(str::to_owned) {
                Some(reference) if !reference.is_empty() => return self.open(reference, line),
                Some(_) | None => {}
            }
            if let Some(open) =
                reference.strip_prefix('-').and_then(|reference| self.0.remove_entry(reference))
            {
                return self.end(&open.0, open.1, true).into_iter().collect();
            }
        }
        match self.parent(&line) {
            Some(parent) => self.keep(&parent, line),
            None => vec![Item::Line(line)],
        }
    }

    /// Whether any is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.0.is_empty()
    }

    /// Gives out every open batch, unfinished: the session is over.
    pub fn finish(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        while let Some((reference, open)) = self.0.pop_first() {
            items.extend(self.end(&reference, Open { parent: None, ..open }, false));
        }
        items
    }

    fn open(&mut self, reference: String, opening: Line) -> Vec<Item> {
        let mut items = Vec::new();
        if let Some(old) = self.0.remove(&reference) {
            items.extend(self.end(&reference, old, false));
        }
        if self.0.len() >= MAX_OPEN {
            items.push(Item::Line(opening));
            return items;
        }
        let parent = self.parent(&opening);
        let bytes = weight(&opening);
        let batch = Batch { opening, items: Vec::new(), ended: false };
        self.0.insert(reference.clone(), Open { batch, parent, lines: 1, bytes });
        items.extend(self.bound(&reference));
        items
    }

    fn keep(&mut self, reference: &str, line: Line) -> Vec<Item> {
        let Some(open) = self.0.get_mut(reference) else { return vec![Item::Line(line)] };
        open.lines += 1;
        open.bytes += weight(&line);
        open.batch.items.push(Item::Line(line));
        self.bound(reference).into_iter().collect()
    }

    /// Puts a batch that is open no more into the one that it is nested in, or gives it out.
    fn end(&mut self, reference: &str, mut open: Open, ended: bool) -> Option<Item> {
        // Who begins under this reference later is another batch.
        for nested in self.0.values_mut().filter(|other| other.parent.as_deref() == Some(reference)) {
            nested.parent = None;
        }
        open.batch.ended = ended;
        match open.parent.and_then(|parent| self.0.get_mut(&parent)) {
            Some(parent) => {
                parent.lines += open.lines;
                parent.bytes += open.bytes;
                parent.batch.items.push(Item::Batch(open.batch));
                None
            }
            None => Some(Item::Batch(open.batch)),
        }
    }

    /// Gives out the outermost batch around a reference when too much is kept.
    fn bound(&mut self, reference: &str) -> Option<Item> {
        let lines: usize = self.0.values().map(|open| open.lines).sum();
        let bytes: usize = self.0.values().map(|open| open.bytes).sum();
        if lines <= MAX_LINES && bytes <= MAX_BYTES {
            return None;
        }
        // A batch is nested only in what was open before it, and is released when that ends: this comes to an end.
        let mut outermost = reference;
        while let Some(parent) = self.0.get(outermost).and_then(|open| open.parent.as_deref()) {
            outermost = parent;
        }
        let outermost = outermost.to_owned();
        let (reference, open) = self.0.remove_entry(&outermost)?;
        self.end(&reference, open, false)
    }

    /// The open batch that a line says it is in.
    fn parent(&self, line: &Line) -> Option<String> {
        line.tags.find("batch").filter(|&reference| self.0.contains_key(reference)).map(str::to_owned)
    }
}

/// A batch that has not ended.
#[derive(Clone, Debug)]
struct Open {
    batch: Batch,
    /// The open batch that it is nested in.
    parent: Option<String>,
    /// Lines and bytes that it holds, those of nested batches that ended included.
    lines: usize,
    bytes: usize,
}

fn weight(line: &Line) -> usize {
    let tags: usize = line.tags.iter().map(|(name, value)| name.len() + value.len()).sum();
    tags + line.command.len() + line.params.iter().map(String::len).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(batches: &mut Batches, lines: &[&str]) -> Vec<Item> {
        lines.iter().flat_map(|line| batches.take(Line::parse(line).unwrap())).collect()
    }

    /// The last parameters of what is ready; what is nested in brackets, `!` before what did not end.
    fn shown(items: &[Item]) -> String {
        let show = |item: &Item| match item {
            Item::Line(line) => line.params.last().cloned().unwrap_or_default(),
            Item::Batch(batch) => {
                let sign = if batch.ended { "" } else { "!" };
                format!("{sign}{}[{}]", batch.kind(), shown(&batch.items))
            }
        };
        items.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    fn show(lines: &[&str]) -> String {
        shown(&run(&mut Batches::default(), lines))
    }

    #[test]
    fn lines_of_a_batch_wait_for_its_end_and_others_do_not() {
        let mut batches = Batches::default();
        let first = ["BATCH +y netsplit irc.hub other.host", "@batch=y :a!a@a QUIT 1", "PRIVMSG #c 2"];
        assert_eq!(shown(&run(&mut batches, &first)), "2");
        let items = run(&mut batches, &["@batch=y :b!a@a QUIT 3", "BATCH :-y"]);
        assert_eq!(shown(&items), "netsplit[1 3]");
        let Some(Item::Batch(batch)) = items.first() else { panic!("a batch") };
        assert_eq!(batch.params(), ["irc.hub", "other.host"]);
    }

    #[test]
    fn batches_interleave_and_nest() {
        let interleaved = [
            "BATCH +1 a",
            "@batch=1 P 1",
            "BATCH +2 b",
            "@batch=1 P 2",
            "@batch=2 P 4",
            "@batch=1 P 3",
            "BATCH -1",
            "@batch=2 P 5",
            "BATCH -2",
        ];
        assert_eq!(show(&interleaved), "a[1 2 3] b[4 5]");
        let nested = [
            "BATCH +o a",
            "@batch=o BATCH +i b",
            "@batch=i P 1",
            "@batch=o BATCH -i",
            "@batch=o P 2",
            "BATCH -o",
        ];
        assert_eq!(show(&nested), "a[b[1] 2]");
        let orphaned = ["BATCH +o a", "@batch=o BATCH +i b", "BATCH -o", "@batch=i P 1", "BATCH -i"];
        assert_eq!(show(&orphaned), "a[] b[1]");
    }

    #[test]
    fn what_makes_no_sense_loses_no_line() {
        assert_eq!(show(&["@batch=x P 1", "BATCH -x", "BATCH +", "BATCH x", "BATCH"]), "1 -x + x ");
        assert_eq!(
            show(&["BATCH +1 a", "@batch=1 P 1", "BATCH +1 b", "@batch=1 P 2", "BATCH -1"]),
            "!a[1] b[2]"
        );
        // The second `o` is nested in `i`, which was nested in the first.
        let circle = [
            "BATCH +o a",
            "@batch=o BATCH +i b",
            "@batch=i BATCH +o c",
            "@batch=o P 1",
            "BATCH -o",
            "BATCH -i",
        ];
        assert_eq!(show(&circle), "!a[] b[c[1]]");
    }

    #[test]
    fn at_the_end_of_a_session_the_rest_is_given_out() {
        let mut batches = Batches::default();
        run(&mut batches, &["BATCH +1 a", "@batch=1 BATCH +2 b", "@batch=2 P 1"]);
        assert_eq!(shown(&batches.finish()), "!a[] !b[1]");
        assert!(batches.finish().is_empty());
    }

    #[test]
    fn a_batch_too_many_is_passed_through_line_by_line() {
        let mut batches = Batches::default();
        for index in 0..MAX_OPEN {
            assert!(run(&mut batches, &[&format!("BATCH +{index} a")]).is_empty());
        }
        assert_eq!(shown(&run(&mut batches, &["BATCH +x b", "@batch=x P 1", "BATCH -x"])), "b 1 -x");
        assert_eq!(
            shown(&run(&mut batches, &["BATCH -0", "BATCH +x b", "@batch=x P 1", "BATCH -x"])),
            "a[] b[1]"
        );
    }

    #[test]
    fn a_batch_too_long_is_given_out_and_its_rest_line_by_line() {
        let mut batches = Batches::default();
        assert!(run(&mut batches, &["BATCH +other x", "BATCH +o a", "@batch=o BATCH +i b"]).is_empty());
        for _ in 3..MAX_LINES {
            assert!(run(&mut batches, &["@batch=i P 1"]).is_empty());
        }
        let items = run(&mut batches, &["@batch=i P 2"]);
        assert_eq!(shown(&items), "!a[]", "the outermost goes, and what was nested in it follows");
        let items =
            run(&mut batches, &["@batch=i P 3", "@batch=i P 4", "@batch=o P 5", "BATCH -i", "BATCH -other"]);
        assert!(shown(&items).starts_with("!b[1 1") && shown(&items).ends_with("1 2 3] 4 5 -i x[]"));
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mut batches = Batches::default();
        let long = format!("@batch=o P :{}", "a".repeat(60_000));
        let mut count = 0;
        assert!(run(&mut batches, &["BATCH +o a"]).is_empty());
        while run(&mut batches, &[&long]).is_empty() {
            count += 1;
        }
        assert_eq!(count, MAX_BYTES / 60_000);
    }

    proptest! {
        #[test]
        fn no_line_is_lost_or_doubled_whatever_comes(
            steps in proptest::collection::vec(("[ab-]?", "BATCH|P|batch", "[+-]?[abc]"), 0..60),
        ) {
            fn words(items: &[Item], out: &mut Vec<String>) {
                for item in items {
                    match item {
                        Item::Line(line) => out.extend(line.param(1).map(str::to_owned)),
                        Item::Batch(batch) => {
                            out.extend(batch.opening.param(1).map(str::to_owned));
                            words(&batch.items, out);
                        }
                    }
                }
            }
            let mut batches = Batches::default();
            let (mut came, mut out) = (Vec::new(), Vec::new());
            for (index, (tag, command, reference)) in steps.iter().enumerate() {
                let ends = reference.starts_with('-') && *command != "P";
                let params = if ends { reference.clone() } else { format!("{reference} {index}") };
                if !ends {
                    came.push(index.to_string());
                }
                words(&batches.take(Line::parse(&format!("@batch={tag} {command} {params}")).unwrap()), &mut out);
            }
            words(&batches.finish(), &mut out);
            out.sort_by_key(|word| word.parse::<usize>().unwrap());
            prop_assert_eq!(out, came);
        }
    }
}
