//! Parts of a network that lose each other and find each other again.
//! <https://ircv3.net/specs/batches/netsplit>

use super::batch::{Batch, Item};
use super::line::Line;
use super::modes::Ranks;
use super::session::Session;
use domain::{Change, Sender};
use std::collections::BTreeMap;

impl Session {
    /// Everybody who left with one part of the network, told once a room.
    pub(super) fn split(&mut self, batch: &Batch) {
        let mut lost: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in lines(batch) {
            let Some(nick) = nick_of(line, "QUIT") else {
                self.take(line, &super::session::Around::default());
                continue;
            };
            for room in self.people.rooms_of(&nick) {
                self.people.leaves(&room, &nick);
                self.tell_gone(&room, &nick);
                lost.entry(room).or_default().push(nick.clone());
            }
        }
        for (room, names) in lost {
            self.happened(&room, Sender::Server, Change::Split { names }, &batch.opening);
        }
    }

    /// Everybody who came back with it.
    pub(super) fn rejoin(&mut self, batch: &Batch) {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in lines(batch) {
            let room = line.param(0).map(str::to_owned);
            let Some((nick, room)) = nick_of(line, "JOIN").zip(room).filter(|(nick, _)| !self.is_me(nick))
            else {
                self.take(line, &super::session::Around::default());
                continue;
            };
            if self.people.enters(&room, &nick, Ranks::default()) {
                self.tell_member(&room, &nick);
                found.entry(room).or_default().push(nick);
            }
        }
        for (room, names) in found {
            self.happened(&room, Sender::Server, Change::Rejoined { names }, &batch.opening);
        }
    }
}

fn nick_of(line: &Line, command: &str) -> Option<String> {
    let source = line.source.as_ref().filter(|_| line.command.eq_ignore_ascii_case(command))?;
    Some(source.nick.clone())
}

/// The lines of a batch, those of nested ones too.
fn lines(batch: &Batch) -> Vec<&Line> {
    let mut found = Vec::new();
    for item in &batch.items {
        match item {
            Item::Line(line) => found.push(line),
            Item::Batch(nested) => found.extend(lines(nested)),
        }
    }
    found
}
