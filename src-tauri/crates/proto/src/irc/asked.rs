//! Who asked what of the server, and where: answers are gathered and told there, each as one message.
//!
//! Servers name the question only in what the answer is about, so an answer goes to the oldest question of its kind that
//! is about the same. An answer that nobody asked for is left to the session.

use super::casemap::Casemapping;
use super::line::Line;
use super::numerics::{Form, Kind, Question, Reply, is_error, read, words};
use crate::Now;
use domain::ConversationKey;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The most questions that are open at once: what one person types in a minute. The oldest is told as far as it came.
const MAX_OPEN: usize = 32;

/// The most lines of an answer that are shown; a list of channels may be ten thousand long.
const MAX_SHOWN: usize = 200;

/// The most lines that are kept until the end shows which of them sort first.
const MAX_KEPT: usize = 10 * MAX_SHOWN;

/// How long an answer may take to begin and to go on.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same where nothing marks the end of the answer.
const PAUSE: Duration = Duration::from_secs(2);

/// How long after a command a refusal that names nothing belongs to it.
const TYPED: Duration = Duration::from_secs(15);

/// Refusals of something else than a question: of what was said, of a nickname, of entering a channel.
const NOT_OURS: [&str; 12] =
    ["404", "405", "432", "433", "436", "437", "471", "473", "474", "475", "477", "489"];

/// The questions.
#[derive(Debug, Default)]
pub(super) struct Asked {
    open: VecDeque<Open>,
    /// Where a command was typed last, and until when a refusal belongs to it.
    typed: Option<(ConversationKey, Instant)>,
}

/// Something to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Where.
    pub(super) conversation: ConversationKey,
    /// What.
    pub(super) text: String,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It answers nothing that was asked.
    Not,
    /// It is part of an answer; the session has a use for it too.
    Shared(Option<Told>),
    /// It is part of an answer, and of interest to nobody else.
    Whole(Option<Told>),
}

/// A question that waits.
#[derive(Debug)]
struct Open {
    question: Question,
    conversation: ConversationKey,
    /// By weight, then by arrival.
    lines: Vec<(usize, String)>,
    /// Lines that are not kept.
    more: usize,
    until: Instant,
}

impl Asked {
    /// A command was typed there.
    pub(super) fn typed(&mut self, conversation: &ConversationKey, now: Now) {
        self.typed = Some((conversation.clone(), now.mono + TYPED));
    }

    /// Where a refusal that names nothing else belongs.
    pub(super) fn place(&self, now: Now) -> Option<&ConversationKey> {
        self.typed.as_ref().filter(|(_, until)| now.mono < *until).map(|(conversation, _)| conversation)
    }

    /// Waits for an answer. Gives what became of the oldest question when there are too many.
    pub(super) fn ask(
        &mut self,
        question: Question,
        conversation: ConversationKey,
        now: Now,
    ) -> Option<Told> {
        let oldest = if self.open.len() >= MAX_OPEN { self.open.pop_front() } else { None };
        let until = now.mono + PATIENCE;
        self.open.push_back(Open { question, conversation, lines: Vec::new(), more: 0, until });
        oldest.map(Open::told)
    }

    /// Takes a line that may be part of an answer.
    pub(super) fn take(&mut self, line: &Line, casemapping: Casemapping, now: Now) -> Taken {
        if self.open.is_empty() {
            return Taken::Not;
        }
        let reply = match read(line) {
            Some(reply) => reply,
            None => match self.unknown(line, casemapping) {
                Some(reply) => reply,
                None => return self.refused(line, casemapping),
            },
        };
        let found = self.open.iter().position(|open| open.is_answered(&reply, casemapping));
        let Some(at) = found else { return Taken::Not };
        let shared = reply.shared;
        let mut told = None;
        if reply.ends {
            if let Some(mut open) = self.open.remove(at) {
                open.keep(reply, now);
                told = Some(open.told());
            }
        } else if let Some(open) = self.open.get_mut(at) {
            open.keep(reply, now);
        }
        if shared { Taken::Shared(told) } else { Taken::Whole(told) }
    }

    /// What is told because nothing more came.
    pub(super) fn late(&mut self, now: Now) -> Vec<Told> {
        let (late, open): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut self.open).into_iter().partition(|open| open.until <= now.mono);
        self.open = open;
        late.into_iter()
            .map(|open| if open.lines.is_empty() { open.unanswered() } else { open.told() })
            .collect()
    }

    /// When something is told because nothing more comes.
    pub(super) fn due(&self) -> Option<Instant> {
        self.open.iter().map(|open| open.until).min()
    }

    /// Servers have numerics of their own in the answer to `WHOIS`, all of them about that person.
    fn unknown<'a>(&self, line: &'a Line, casemapping: Casemapping) -> Option<Reply<'a>> {
        let own = line.command.len() == 3 && line.command.starts_with(['2', '3', '6', '7']);
        let about = line.param(1).filter(|_| own && line.params.len() > 2)?;
        let reply = Reply {
            of: &[Kind::Whois],
            about: Some(about),
            text: Some(words(line).strip_prefix(about).map(str::trim_start).map(str::to_owned)?),
            weight: 0,
            ends: false,
            shared: false,
        };
        self.open.iter().any(|open| open.is_answered(&reply, casemapping)).then_some(reply)
    }

    /// A refusal is for the oldest question that it names: by whom it is about, or by the command.
    fn refused(&mut self, line: &Line, casemapping: Casemapping) -> Taken {
        if !is_error(&line.command) || NOT_OURS.contains(&line.command.as_str()) {
            return Taken::Not;
        }
        let standard = line.command == "FAIL";
        let named = line.params.get(usize::from(!standard)..).unwrap_or_default();
        let named = named.split_last().map(|(_, named)| named).unwrap_or_default();
        let is_named = |open: &Open| {
            let is_command = |word: &String| word.eq_ignore_ascii_case(open.question.form().command);
            let is_about =
                |word: &String| open.question.about().is_some_and(|about| casemapping.same(about, word));
            if standard {
                named.first().is_some_and(is_command)
            } else {
                named.iter().any(|word| is_command(word) || is_about(word))
            }
        };
        let Some(at) = self.open.iter().position(is_named) else { return Taken::Not };
        let goes_on = self.open.get(at).is_some_and(|open| {
            // The end of these comes after the refusal.
            line.command == "401" && open.question.kind() == Kind::Whois
        });
        if goes_on {
            if let Some(open) = self.open.get_mut(at) {
                open.lines.push((0, words(line)));
            }
            return Taken::Whole(None);
        }
        let told = self.open.remove(at).map(|mut open| {
            open.lines.push((0, words(line)));
            open.told()
        });
        Taken::Whole(told)
    }
}

impl Open {
    fn is_answered(&self, reply: &Reply<'_>, casemapping: Casemapping) -> bool {
        let about = match (self.question.about(), reply.about) {
            (Some(about), Some(said)) => casemapping.same(about, said),
            (None, _) | (_, None) => true,
        };
        about && reply.of.contains(&self.question.kind())
    }

    fn keep(&mut self, reply: Reply<'_>, now: Now) {
        self.until = now.mono + if self.question.form().has_end { PATIENCE } else { PAUSE };
        let Some(text) = reply.text.filter(|text| self.question.wants(text)) else { return };
        self.lines.push((reply.weight, text));
        if self.lines.len() >= MAX_KEPT {
            self.cut();
        }
    }

    /// Keeps what is shown.
    fn cut(&mut self) {
        self.lines.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        self.more += self.lines.len().saturating_sub(MAX_SHOWN);
        self.lines.truncate(MAX_SHOWN);
    }

    /// What is told where no answer came.
    fn unanswered(self) -> Told {
        let text = format!("The server did not answer {}.", self.question.form().command);
        Told { conversation: self.conversation, text }
    }

    /// The whole answer.
    fn told(mut self) -> Told {
        self.cut();
        let Form { heading, nothing, .. } = self.question.form();
        let mut text = heading.into_iter().collect::<Vec<_>>();
        if self.lines.is_empty() {
            text.push(nothing);
        }
        text.extend(self.lines.into_iter().map(|(_, line)| line));
        if self.more > 0 {
            text.push(format!("… and {} more", self.more));
        }
        Told { conversation: self.conversation, text: text.join("\n") }
    }
}

impl Question {
    /// Whether a line of the answer is of interest.
    fn wants(&self, text: &str) -> bool {
        let Self::Channels(search) = self else { return true };
        let text = text.to_lowercase();
        search.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests;
