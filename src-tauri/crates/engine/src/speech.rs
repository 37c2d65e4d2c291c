//! What the user says, and what is typed behind a slash.

use crate::Handle;
use crate::contract::{Code, Fault};
use crate::core::Order;
use crate::handle::gone;
use domain::{AccountId, Body, Command, ConversationId, ConversationKey, MessageId, Tone, TxnId};
use proto::{Effect, Protocol, Protocols, SlashCommand};
use store::Durability;

/// The longest text that is taken: what the plain protocol carries in one message.
pub(crate) const MAX_TEXT: usize = 4 * 1024 * 1024;

impl Handle {
    /// Says something, perhaps in answer to a message. Answered once it is on the disk; it is *queued* then, whether there
    /// is a connection or not.
    ///
    /// Where the protocol has slash commands, a text that begins with `//` is said without the first slash, and one that
    /// begins with `/` is not said at all: it is for [`Handle::command`].
    ///
    /// What tells a service a password ([`Protocol::discreet`]) becomes no row: it goes to the session at once, and the answer
    /// is `None`.
    ///
    /// # Errors
    /// [`Code::Invalid`] for an empty text or one that looks like a command, [`Code::TooLong`]; [`Code::Gone`] when there is
    /// no such conversation, or no message there that can be answered; [`Code::Incapable`] where the server knows no
    /// answers; [`Code::Offline`] for a password, which cannot wait; [`Code::Disk`].
    pub async fn send(
        &self,
        txn: TxnId,
        conversation: ConversationId,
        text: String,
        reply: Option<MessageId>,
    ) -> Result<Option<MessageId>, Fault> {
        check_text(&text)?;
        let looks_like_a_command = text.starts_with('/') && !text.starts_with("//");
        if !looks_like_a_command && let Some((account, command)) = self.discreet(conversation, &text).await? {
            self.act(Some(txn), account, command).await?;
            self.spend_draft(conversation, text).await?;
            return Ok(None);
        }
        let (own, protocols) = (txn.clone(), self.protocols);
        let message = self
            .once(txn, Durability::Full, move |tx| {
                let Some(account) = tx.account_of_conversation(conversation)? else {
                    return Ok(Err(gone("conversation")));
                };
                let said = match spoken(&text, commands(protocol(tx, protocols, conversation)?)) {
                    Ok(said) => said.to_owned(),
                    Err(fault) => return Ok(Err(fault)),
                };
                let reply_to = match reply {
                    Some(_) if !tx.capabilities(account)?.replies => return Ok(Err(incapable())),
                    Some(reply) => match tx.name_of(conversation, reply)? {
                        Some(name) => Some(name),
                        None => return Ok(Err(gone("message that can be answered"))),
                    },
                    None => None,
                };
                tx.spend_draft(conversation, &text)?;
                let body = Body::text(said);
                let id = tx.insert_own_as(conversation, &own, &body, Tone::Said, reply_to.as_ref())?;
                Ok(Ok(id.0))
            })
            .await?;
        self.order(Order::PumpConversation(conversation)).await;
        Ok(Some(MessageId(message)))
    }

    /// Carries out a line that begins with a slash, by the table of the account's protocol. Answers with the conversation
    /// that it leads to, where it leads to one. A command that nobody here knows goes to the server as it is if `unknown`
    /// says so.
    ///
    /// # Errors
    /// [`Code::UnknownCommand`]; [`Code::Invalid`] for no command, or one that lacks what it is to say or whom to tell it;
    /// [`Code::Offline`] for one that needs a connection; [`Code::Incapable`] where the protocol has no commands;
    /// [`Code::TooLong`], [`Code::Gone`], [`Code::Disk`].
    pub async fn command(
        &self,
        txn: TxnId,
        conversation: ConversationId,
        line: String,
        unknown: bool,
    ) -> Result<Option<ConversationId>, Fault> {
        check_text(&line)?;
        let Some((name, arguments)) = parse(&line) else {
            return Err(invalid("a command is a slash and a name"));
        };
        let (account, key) = self.place(conversation).await?;
        let protocol = proto::find(self.protocols, &self.config(account).await?.protocol);
        let table = commands(protocol);
        let known = table.iter().find(|command| command.name == name);
        let says = matches!(known.map(|known| known.effect), Some(Effect::Says(_) | Effect::Tells(_)));
        if says && let Some(command) = protocol.and_then(|protocol| protocol.discreet(&key, &line)) {
            self.act(Some(txn), account, command).await?;
            self.spend_draft(conversation, line).await?;
            return Ok(None);
        }
        match (known.map(|command| command.effect), protocol) {
            (Some(Effect::Says(tone)), _) => {
                let arguments = arguments.to_owned();
                self.say(txn, conversation, line, arguments, tone).await.map(|()| None)
            }
            (Some(Effect::Tells(tone)), Some(protocol)) => {
                let arguments = arguments.to_owned();
                self.tell(txn, conversation, protocol, line, arguments, tone).await.map(Some)
            }
            (None, _) if table.is_empty() => Err(incapable()),
            (None, _) if !unknown => {
                let text = format!("no command is called {name:?}");
                Err(Fault { code: Code::UnknownCommand, text })
            }
            (Some(Effect::Runs | Effect::Tells(_)) | None, _) => {
                let arguments = arguments.to_owned();
                let command = Command::Run { conversation: key, name, arguments };
                self.act(Some(txn), account, command).await?;
                self.spend_draft(conversation, line).await?;
                Ok(None)
            }
        }
    }

    /// Whose session is to carry out what was typed in a conversation, where that holds a password.
    pub(crate) async fn discreet(
        &self,
        conversation: ConversationId,
        typed: &str,
    ) -> Result<Option<(AccountId, Command)>, Fault> {
        let protocols = self.protocols;
        let place = move |reader: &mut store::Reader| {
            let Some((account, key)) = reader.key_of(conversation)? else { return Ok(None) };
            let known = reader.account(account)?;
            let protocol = known.and_then(|known| proto::find(protocols, &known.config.protocol));
            Ok(protocol.map(|protocol| (account, key, protocol)))
        };
        let Some((account, key, protocol)) = self.disk.read(place).await? else { return Ok(None) };
        Ok(protocol.discreet(&key, typed).map(|command| (account, command)))
    }

    async fn spend_draft(&self, conversation: ConversationId, typed: String) -> Result<(), Fault> {
        let spend = move |tx: &mut store::Tx<'_>| tx.spend_draft(conversation, &typed);
        self.disk.write(Durability::Normal, spend).await?;
        Ok(())
    }

    /// The rest of the line is said where it was typed.
    async fn say(
        &self,
        txn: TxnId,
        conversation: ConversationId,
        line: String,
        text: String,
        tone: Tone,
    ) -> Result<(), Fault> {
        check_text(&text)?;
        let own = txn.clone();
        self.once(txn, Durability::Full, move |tx| {
            if tx.account_of_conversation(conversation)?.is_none() {
                return Ok(Err(gone("conversation")));
            }
            tx.spend_draft(conversation, &line)?;
            Ok(Ok(tx.insert_own_as(conversation, &own, &Body::text(text), tone, None)?.0))
        })
        .await?;
        self.order(Order::PumpConversation(conversation)).await;
        Ok(())
    }

    /// The first word names whom to tell the rest; with no rest, the conversation is only opened.
    async fn tell(
        &self,
        txn: TxnId,
        typed_in: ConversationId,
        protocol: &'static dyn Protocol,
        line: String,
        arguments: String,
        tone: Tone,
    ) -> Result<ConversationId, Fault> {
        let (name, text) = arguments.split_once(char::is_whitespace).unwrap_or((&arguments, ""));
        let text = text.trim_start().to_owned();
        let Some(remote) =
            Some(name).filter(|name| !name.is_empty()).and_then(|name| protocol.conversation_named(name))
        else {
            return Err(invalid("it needs somebody's name"));
        };
        let own = txn.clone();
        let conversation = self
            .once(txn, Durability::Full, move |tx| {
                let Some(account) = tx.account_of_conversation(typed_in)? else {
                    return Ok(Err(gone("conversation")));
                };
                let conversation = match tx.conversation_of(account, &remote.key)? {
                    Some(conversation) => conversation,
                    None => tx.ensure_conversation(account, &remote)?,
                };
                tx.spend_draft(typed_in, &line)?;
                if !text.trim().is_empty() {
                    tx.insert_own_as(conversation, &own, &Body::text(text), tone, None)?;
                }
                Ok(Ok(conversation.0))
            })
            .await
            .map(ConversationId)?;
        self.order(Order::PumpConversation(conversation)).await;
        Ok(conversation)
    }

    /// Whose a conversation is, and how its adapter calls it.
    pub(crate) async fn place(
        &self,
        conversation: ConversationId,
    ) -> Result<(AccountId, ConversationKey), Fault> {
        let place = self.disk.read(move |reader| reader.key_of(conversation)).await?;
        place.ok_or_else(|| gone("conversation"))
    }
}

/// Nothing to send, or too much.
pub(crate) fn check_text(text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(invalid("there is nothing to send"));
    }
    if text.len() > MAX_TEXT {
        return Err(Fault { code: Code::TooLong, text: format!("the text is longer than {MAX_TEXT} bytes") });
    }
    Ok(())
}

/// What is said of a text that was typed. A slip of the finger is never said in public.
pub(crate) fn spoken<'a>(text: &'a str, commands: &[SlashCommand]) -> Result<&'a str, Fault> {
    match text.strip_prefix('/') {
        Some(said) if !commands.is_empty() && said.starts_with('/') => Ok(said),
        Some(_) if !commands.is_empty() => {
            Err(invalid("it looks like a command; what begins with // is said"))
        }
        Some(_) | None => Ok(text),
    }
}

/// What can be typed behind a slash.
pub(crate) fn commands(protocol: Option<&'static dyn Protocol>) -> &'static [SlashCommand] {
    protocol.map(|protocol| protocol.descriptor().commands).unwrap_or_default()
}

/// The protocol of a conversation's account.
pub(crate) fn protocol(
    tx: &mut store::Tx<'_>,
    protocols: Protocols,
    conversation: ConversationId,
) -> store::Result<Option<&'static dyn Protocol>> {
    let Some(account) = tx.account_of_conversation(conversation)? else { return Ok(None) };
    let account = tx.account(account)?;
    Ok(account.and_then(|account| proto::find(protocols, &account.config.protocol)))
}

/// The name behind the slash, in lower case, and what follows it.
fn parse(line: &str) -> Option<(String, &str)> {
    let line = line.strip_prefix('/')?;
    let (name, arguments) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let name = name.to_lowercase();
    (!name.is_empty() && !name.starts_with('/')).then(|| (name, arguments.trim_start()))
}

fn invalid(text: &str) -> Fault {
    Fault { code: Code::Invalid, text: text.to_owned() }
}

pub(crate) fn incapable() -> Fault {
    Fault { code: Code::Incapable, text: "the server cannot do this".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[SlashCommand] =
        &[SlashCommand { name: "me", arguments: "", help: "", effect: Effect::Says(Tone::Action) }];

    #[test]
    fn a_slash_is_said_only_when_it_is_doubled_or_means_nothing() {
        assert_eq!(spoken("a / b", TABLE), Ok("a / b"));
        assert_eq!(spoken("//me", TABLE), Ok("/me"));
        assert_eq!(spoken("/me", TABLE).unwrap_err().code, Code::Invalid);
        assert_eq!(spoken("/me", &[]), Ok("/me"));
        assert_eq!(spoken("//me", &[]), Ok("//me"));
    }

    #[test]
    fn a_command_is_a_name_and_the_rest_as_it_is() {
        assert_eq!(parse("/ME  waves  twice"), Some(("me".to_owned(), "waves  twice")));
        assert_eq!(parse("/part"), Some(("part".to_owned(), "")));
        assert_eq!(parse("/topic\nnew"), Some(("topic".to_owned(), "new")));
        for none in ["/", "/ me", "//me", "me"] {
            assert_eq!(parse(none), None, "{none}");
        }
    }
}
