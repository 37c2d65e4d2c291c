//! What others do to a message: reactions, and taking it back.

use super::{Tx, note};
use crate::Result;
use crate::row::read_reactions;
use domain::{ConversationId, MessageId, Reaction, RemoteId, Retraction, Sender};
use rusqlite::params;

/// How many different reactions a message has; further ones are not kept.
pub const MAX_REACTIONS: usize = 32;

/// How many names are kept of each; further ones are not.
pub const MAX_NAMES: usize = 200;

/// How many characters of a reaction, and of a name beside it, are kept.
const MAX_LABEL: usize = 64;

impl Tx<'_> {
    /// Somebody put a reaction to a message, or took it back. Where the message is not here, was taken back, or whose
    /// reaction it is cannot be said, nothing happens.
    ///
    /// # Errors
    /// What the disk says.
    pub fn react(
        &mut self,
        conversation: ConversationId,
        target: &RemoteId,
        by: &Sender,
        text: &str,
        present: bool,
    ) -> Result<()> {
        let found = self.find(
            "SELECT id, reactions FROM messages
             WHERE conversation_id = ?1 AND remote_id = ?2 AND kind = 0 AND retracted IS NULL",
            params![conversation.0, target.0],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?)),
        )?;
        let Some((id, json)) = found else { return Ok(()) };
        let before = read_reactions(json.as_deref());
        let mut after = before.clone();
        apply(&mut after, by, label(text), present);
        if after == before {
            return Ok(());
        }
        let json = (!after.is_empty()).then(|| serde_json::to_string(&after)).transpose()?;
        self.run(
            "UPDATE messages SET rev = ?2, reactions = ?3 WHERE id = ?1",
            params![id, self.rev.0, json],
        )?;
        self.touched.conversations.insert(conversation);
        Ok(())
    }

    /// A message was taken back: its words, looks and reactions go, from the file too, and nothing quotes it any more. That
    /// there was one stays. Where it is not here, nothing happens.
    ///
    /// # Errors
    /// What the disk says.
    pub fn retract(
        &mut self,
        conversation: ConversationId,
        target: &RemoteId,
        by: &Sender,
        why: Option<&str>,
    ) -> Result<()> {
        let found = self.find(
            "SELECT id FROM messages
             WHERE conversation_id = ?1 AND remote_id = ?2 AND kind = 0 AND retracted IS NULL",
            params![conversation.0, target.0],
            |row| row.get(0).map(MessageId),
        )?;
        let Some(id) = found else { return Ok(()) };
        let retraction = Retraction { by: by.clone(), why: why.map(|why| note(why).to_owned()) };
        self.blank(id, &serde_json::to_string(&retraction)?)?;
        self.requote(conversation, target)?;
        self.touched.conversations.insert(conversation);
        Ok(())
    }

    /// What was said in this row goes, and the retraction stands in its place.
    pub(super) fn blank(&mut self, id: MessageId, retraction: &str) -> Result<()> {
        self.shred()?;
        self.unindex(id)?;
        self.run(
            "UPDATE messages SET rev = ?2, text = NULL, spans = NULL, reactions = NULL, retracted = ?3 WHERE id = ?1",
            params![id.0, self.rev.0, retraction],
        )?;
        Ok(())
    }
}

fn apply(reactions: &mut Vec<Reaction>, by: &Sender, text: &str, present: bool) {
    let at = match (reactions.iter().position(|reaction| reaction.text == text), present) {
        (Some(at), _) => at,
        (None, true) if reactions.len() < MAX_REACTIONS && !text.is_empty() => {
            reactions.push(Reaction { text: text.to_owned(), names: Vec::new(), mine: false });
            reactions.len() - 1
        }
        (None, _) => return,
    };
    let Some(reaction) = reactions.get_mut(at) else { return };
    match by {
        Sender::Me => reaction.mine = present,
        Sender::Person { name } => {
            let name = label(name);
            let known = reaction.names.iter().position(|one| one == name);
            match (known, present) {
                (None, true) if reaction.names.len() < MAX_NAMES => reaction.names.push(name.to_owned()),
                (Some(known), false) => drop(reaction.names.remove(known)),
                (None | Some(_), _) => {}
            }
        }
        // Nobody who could be named.
        Sender::Server => {}
    }
    if !reaction.mine && reaction.names.is_empty() {
        reactions.remove(at);
    }
}

fn label(text: &str) -> &str {
    match text.char_indices().nth(MAX_LABEL) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_bounds_is_not_kept_and_harms_nothing() {
        let mut reactions = Vec::new();
        for n in 0..MAX_REACTIONS + 9 {
            apply(&mut reactions, &Sender::Me, &n.to_string(), true);
        }
        assert_eq!(reactions.len(), MAX_REACTIONS);
        for n in 0..MAX_NAMES + 9 {
            apply(&mut reactions, &Sender::Person { name: n.to_string() }, "0", true);
        }
        assert_eq!(reactions[0].names.len(), MAX_NAMES);
        apply(&mut reactions, &Sender::Person { name: (MAX_NAMES + 1).to_string() }, "0", false);
        assert_eq!(reactions[0].names.len(), MAX_NAMES);
        apply(&mut reactions, &Sender::Server, "new", true);
        assert_eq!(reactions.len(), MAX_REACTIONS);
        assert_eq!(label(&"字".repeat(99)).chars().count(), MAX_LABEL);
    }
}
