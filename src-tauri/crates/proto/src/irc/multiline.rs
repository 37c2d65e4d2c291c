//! Messages of several lines, as one: `draft/multiline`. How a text is laid out for sending is in [`super::split`].
//!
//! <https://ircv3.net/specs/extensions/multiline>

use super::batch::{Batch, Item};
use super::line::Line;

/// The type of the batch.
pub(super) const KIND: &str = "draft/multiline";

/// The message that the lines of a batch are together, under the tags of the batch. `None`: the batch is another, or not
/// as the specification wants it, and each line is for itself.
pub(super) fn join(batch: &Batch) -> Option<Line> {
    if batch.kind() != KIND {
        return None;
    }
    let mut whole: Option<Line> = None;
    for item in &batch.items {
        let Item::Line(line) = item else { return None };
        let (target, text) = (line.param(0)?, line.param(1)?);
        let is_said = ["PRIVMSG", "NOTICE"].iter().any(|command| line.command.eq_ignore_ascii_case(command));
        match &mut whole {
            None if is_said => {
                let source = batch.opening.source.clone().or_else(|| line.source.clone());
                let mut tags = batch.opening.tags.clone();
                // A server that is not told of the batch names and times the first line.
                for name in ["msgid", "time", "account"] {
                    if let (None, Some(value)) = (tags.find(name), line.tags.find(name)) {
                        let value = value.to_owned();
                        tags.insert(name, &value);
                    }
                }
                let line = Line::new(&line.command, [target, text]);
                whole = Some(Line { tags, source, ..line });
            }
            Some(whole) if line.command.eq_ignore_ascii_case(&whole.command) => {
                let said = whole.params.get_mut(1)?;
                if line.tags.find("draft/multiline-concat").is_none() {
                    said.push('\n');
                }
                said.push_str(text);
            }
            None | Some(_) => return None,
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::irc::batch::Batches;

    fn joined(lines: &[&str]) -> Option<String> {
        let mut batches = Batches::default();
        let items: Vec<_> = lines.iter().flat_map(|line| batches.take(Line::parse(line).unwrap())).collect();
        let [Item::Batch(batch)] = items.as_slice() else { panic!("{items:?}") };
        join(batch).map(|line| {
            let id = line.tags.find("msgid").unwrap_or_default();
            format!("{id} {} {}", line.source.unwrap().nick, line.params.join(" "))
        })
    }

    #[test]
    fn lines_are_joined_by_line_feeds_or_by_nothing() {
        let said = joined(&[
            "@msgid=x :ann!a@h BATCH +1 draft/multiline #c",
            "@batch=1 :ann!a@h PRIVMSG #c :hello",
            "@batch=1 :ann!a@h PRIVMSG #c :",
            "@batch=1 :ann!a@h PRIVMSG #c :how is ",
            "@batch=1;draft/multiline-concat :ann!a@h PRIVMSG #c :everyone?",
            "BATCH -1",
        ]);
        assert_eq!(said.unwrap(), "x ann #c hello\n\nhow is everyone?");
    }

    #[test]
    fn names_and_times_of_the_first_line_count_where_the_batch_has_none() {
        let said = joined(&[
            "BATCH +1 draft/multiline #c",
            "@batch=1;msgid=y :ann!a@h NOTICE #c :a",
            "@batch=1;msgid=z :ann!a@h NOTICE #c :b",
            "BATCH -1",
        ]);
        assert_eq!(said.unwrap(), "y ann #c a\nb");
    }

    #[test]
    fn what_is_mixed_or_empty_or_another_batch_is_not_joined() {
        let mixed = ["@batch=1 :a PRIVMSG #c :a", "@batch=1 :a NOTICE #c :b"];
        let tagged = ["@batch=1 :a TAGMSG #c", "@batch=1 :a PRIVMSG #c :b"];
        let short = ["@batch=1 :a PRIVMSG #c", "@batch=1 :a PRIVMSG #c :b"];
        for lines in [mixed, tagged, short] {
            let all = [&["BATCH +1 draft/multiline #c"], lines.as_slice(), &["BATCH -1"]].concat();
            assert_eq!(joined(&all), None, "{lines:?}");
        }
        assert_eq!(joined(&["BATCH +1 draft/multiline #c", "BATCH -1"]), None);
        assert_eq!(joined(&["BATCH +1 chathistory #c", "@batch=1 :a PRIVMSG #c :b", "BATCH -1"]), None);
    }
}
