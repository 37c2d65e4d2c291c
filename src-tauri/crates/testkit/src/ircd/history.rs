//! What was said and what happened, and the answers to questions about it.

use domain::Timestamp;
use proto::irc::line::Line;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that was said or that happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) at: i64,
    pub(super) nick: String,
    pub(super) target: String,
    pub(super) command: String,
    pub(super) text: String,
    /// Client-only tags.
    pub(super) tags: Vec<(String, String)>,
    pub(super) redacted: bool,
}

/// All of it, the oldest first.
#[derive(Debug, Default)]
pub(super) struct History(Vec<Entry>);

impl Entry {
    /// The line of what is said in one.
    pub(super) fn line(&self, caps: &BTreeSet<String>, label: Option<&str>) -> String {
        let said = matches!(self.command.as_str(), "PRIVMSG" | "NOTICE");
        let line = Line::new(&self.command, [&self.target].into_iter().chain(said.then_some(&self.text)));
        self.written(line, caps, label)
    }

    /// The lines of it, for somebody with these capabilities.
    pub(super) fn lines(&self, caps: &BTreeSet<String>, label: Option<&str>, reference: u64) -> Vec<String> {
        if self.command == "TAGMSG" && !caps.contains("message-tags") {
            return Vec::new();
        }
        let parts: Vec<&str> = self.text.split('\n').collect();
        if parts.len() < 2 {
            return vec![self.line(caps, label)];
        }
        let part = |text: &str| Line::new(&self.command, [self.target.as_str(), text]);
        if !caps.contains("draft/multiline") {
            return parts.into_iter().map(|text| self.written(part(text), caps, None)).collect();
        }
        let opening = Line::new("BATCH", [&format!("+{reference}"), "draft/multiline", &self.target]);
        let inner = parts.into_iter().map(|text| {
            let line = part(text).tagged("batch", &reference.to_string());
            self.sourced(line).format(8192).unwrap_or_default()
        });
        std::iter::once(self.written(opening, caps, label))
            .chain(inner)
            .chain([format!(":{0}!{0}@host BATCH -{reference}", self.nick)])
            .collect()
    }

    fn written(&self, mut line: Line, caps: &BTreeSet<String>, label: Option<&str>) -> String {
        if caps.contains("server-time") {
            line = line.tagged("time", &stamp(self.at));
        }
        if caps.contains("message-tags") {
            line = line.tagged("msgid", &self.id);
            for (name, value) in &self.tags {
                line = line.tagged(name, value);
            }
        }
        if let Some(label) = label {
            line = line.tagged("label", label);
        }
        self.sourced(line).format(8192).unwrap_or_default()
    }

    fn sourced(&self, line: Line) -> Line {
        let source = proto::irc::line::Source {
            nick: self.nick.clone(),
            user: Some(self.nick.clone()),
            host: Some("host".to_owned()),
        };
        Line { source: Some(source), ..line }
    }
}

impl History {
    pub(super) fn add(&mut self, entry: Entry) {
        self.0.push(entry);
    }

    pub(super) fn of(&self, target: &str) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(move |entry| entry.target == target)
    }

    /// Takes a message back. `false`: it is not there, or somebody else's.
    pub(super) fn redact(&mut self, target: &str, id: &str, nick: &str) -> bool {
        let found =
            self.0.iter_mut().find(|entry| entry.id == id && entry.target == target && entry.nick == nick);
        found.is_some_and(|entry| {
            entry.redacted = true;
            true
        })
    }

    /// `CHATHISTORY`. <https://ircv3.net/specs/extensions/chathistory>
    pub(super) fn answer(
        &self,
        line: &Line,
        asker: &str,
        caps: &BTreeSet<String>,
        batches: &mut u64,
    ) -> Vec<String> {
        let param = |index| line.param(index).unwrap_or_default();
        let label = line.tags.find("label").map(|label| format!("@label={label} ")).unwrap_or_default();
        let outer = *batches;
        if param(0) == "TARGETS" {
            return self.targets(line, asker, &label, outer);
        }
        let (target, reference, limit) = (param(1), param(2), param(3).parse().unwrap_or(0_usize));
        let plays = caps.contains("draft/event-playback");
        let shown = |entry: &&Entry| {
            !entry.redacted && (plays || matches!(entry.command.as_str(), "PRIVMSG" | "NOTICE"))
        };
        let entries: Vec<&Entry> = self.between(target, asker).filter(shown).collect();
        let at = match (reference.strip_prefix("msgid="), reference.strip_prefix("timestamp=")) {
            (Some(id), _) => self.0.iter().find(|entry| entry.id == id).map(|entry| entry.at),
            (None, Some(time)) => read_stamp(time),
            (None, None) => Some(i64::MAX),
        };
        let Some(at) = at else {
            return vec![format!(
                "{label}:modern FAIL CHATHISTORY MESSAGE_ERROR {} {target} :No such message",
                param(0)
            )];
        };
        let page: Vec<&Entry> = if param(0) == "AFTER" {
            entries.into_iter().filter(|entry| entry.at > at).take(limit).collect()
        } else if param(0) == "AROUND" {
            let before = entries.iter().take_while(|entry| entry.at < at).count();
            entries.into_iter().skip(before.saturating_sub(limit / 2)).take(limit).collect()
        } else {
            let before: Vec<_> = entries.into_iter().filter(|entry| entry.at < at).collect();
            let from = before.len().saturating_sub(limit);
            before.into_iter().skip(from).collect()
        };
        let mut lines = vec![format!("{label}:modern BATCH +{outer} chathistory {target}")];
        for entry in page {
            *batches += 1;
            for (index, line) in entry.lines(caps, None, *batches).into_iter().enumerate() {
                let several = entry.text.contains('\n');
                let last = line.contains(&format!(" BATCH -{batches}"));
                let nested = !several || index == 0 || last;
                lines.push(if nested { within(&line, outer) } else { line });
            }
        }
        lines.push(format!(":modern BATCH -{outer}"));
        lines
    }

    /// What was said in a room, or between two people.
    fn between<'a>(&'a self, target: &'a str, asker: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.0.iter().filter(move |entry| {
            let here = entry.target == target && (target.starts_with('#') || entry.nick == asker);
            here || (entry.target == asker && entry.nick == target)
        })
    }

    fn targets(&self, line: &Line, asker: &str, label: &str, batch: u64) -> Vec<String> {
        let times = [line.param(1), line.param(2)].map(|time| {
            time.and_then(|time| time.strip_prefix("timestamp=")).and_then(read_stamp).unwrap_or_default()
        });
        let (from, to) = (times.iter().min().copied(), times.iter().max().copied());
        let mut latest: BTreeMap<&str, i64> = BTreeMap::new();
        for entry in &self.0 {
            if entry.target == asker {
                latest.insert(&entry.nick, entry.at);
            }
        }
        let mut lines = vec![format!("{label}:modern BATCH +{batch} draft/chathistory-targets")];
        for (name, at) in latest.into_iter().filter(|(_, at)| Some(*at) > from && Some(*at) < to) {
            lines.push(format!("@batch={batch} :modern CHATHISTORY TARGETS {name} {}", stamp(at)));
        }
        lines.push(format!(":modern BATCH -{batch}"));
        lines
    }
}

/// Puts a line into a batch.
fn within(line: &str, batch: u64) -> String {
    match line.strip_prefix('@') {
        Some(rest) => format!("@batch={batch};{rest}"),
        None => format!("@batch={batch} {line}"),
    }
}

/// A time as servers write it.
pub(super) fn stamp(at: i64) -> String {
    proto::irc::stamp::write_time(Timestamp(at))
}

/// A time as clients write it.
pub(super) fn read_stamp(text: &str) -> Option<i64> {
    proto::irc::stamp::read_time(text).map(|at| at.0)
}
