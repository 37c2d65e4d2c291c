//! What a session knows besides rooms, people and messages on their way: a part a subject, each with a file of its own.

use super::asked::Asked;
use super::history::History;
use super::marks::Marks;
use super::tagmsg::Typing;
use super::watch::Watch;
use std::time::Instant;

/// The parts.
#[derive(Debug, Default)]
pub(super) struct Extras {
    /// Questions that the user typed.
    pub(super) asked: Asked,
    /// Questions about the past.
    pub(super) history: History,
    /// How far we have read.
    pub(super) marks: Marks,
    /// Who is typing, and whether we are.
    pub(super) typing: Typing,
    /// Whose comings and goings we are told of.
    pub(super) watch: Watch,
}

impl Extras {
    /// When one of them has something to do.
    pub(super) fn due(&self) -> Option<Instant> {
        [self.asked.due(), self.history.due(), self.marks.due()].into_iter().flatten().min()
    }
}
