//! IRC as a protocol: what it is called, what the form asks, and where to dial.

use super::people::{key, server};
use super::run::is_circle;
use super::session::Door;
use super::settings::{self, FIELDS};
use crate::{Adapter, ConfigFault, Descriptor, Endpoint, Opening, Preset, Protocol};
use domain::{AccountConfig, Command, ConversationKey, ConversationKind, RemoteConversation};
use std::time::Duration;

/// The protocol.
pub static IRC: Irc = Irc;

/// IRC over WebSocket. <https://ircv3.net/specs/extensions/websocket>
#[derive(Clone, Copy, Debug)]
pub struct Irc;

/// One line with its tags, of the greatest length that is read, and as much again for servers that put several into one
/// frame.
const MAX_MESSAGE: u32 = 160 * 1024;

/// The names that lines go by: text, or bytes that need not be UTF-8. Some servers know only their own, and some choose
/// none.
const SUBPROTOCOLS: [&str; 3] = ["text.ircv3.net", "binary.ircv3.net", "text.inspircd.org"];

/// Servers whose address is told in a page of their own.
static PRESETS: [Preset; 3] = [
    // The server that Ergo's developers run for trying things out: github.com/ergochat/ircdog, CHANGELOG.
    Preset { name: "Ergo testnet", url: "wss://testnet.ergo.chat/webirc", fields: &[] },
    // The network's own page: github.com/pirc-pl/pirc-gateway, settings.
    Preset { name: "PIRC.pl", url: "wss://wss.pirc.pl:8082/", fields: &[] },
    // dev.twitch.tv/docs/chat/irc
    Preset {
        name: "Twitch",
        url: "wss://irc-ws.chat.twitch.tv",
        fields: &[("nick", settings::ANONYMOUS), ("login", "pass")],
    },
];

/// InspIRCd 3 ends a session with *Ping/pong flood* when less than ten of its seconds lie between two.
const PING_PAUSE: Duration = Duration::from_secs(12);

static DESCRIPTOR: Descriptor = Descriptor {
    subprotocols: &SUBPROTOCOLS,
    needs_subprotocol: false,
    fields: &FIELDS,
    log_in: true,
    presets: &PRESETS,
    commands: super::commands::COMMANDS,
    ping_pause: PING_PAUSE,
    ..Descriptor::bare("irc", "IRC", MAX_MESSAGE)
};

impl Protocol for Irc {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn endpoint(&self, config: &AccountConfig) -> Result<Endpoint, ConfigFault> {
        let endpoint = Endpoint::read(config, DESCRIPTOR.subprotocols)?;
        settings::check(config)?;
        Ok(endpoint)
    }

    fn standing(&self) -> Vec<RemoteConversation> {
        vec![server()]
    }

    fn conversation_named(&self, name: &str) -> Option<RemoteConversation> {
        let name = name.trim();
        if is_circle(name)
            || name.is_empty()
            || name.contains([' ', ',', '\0', '\r', '\n'])
            || name.starts_with(':')
        {
            return None;
        }
        // What `CHANTYPES` says is known in a session only; these are what all networks have.
        let is_room = name.starts_with(['#', '&']);
        let kind = if is_room { ConversationKind::Room } else { ConversationKind::Direct };
        let title = Some(name.to_owned());
        Some(RemoteConversation { key: key(name), kind, title, topic: None, left: is_room })
    }

    fn discreet(&self, conversation: &ConversationKey, typed: &str) -> Option<Command> {
        super::discreet::discreet(conversation, typed)
    }

    fn open(&self, opening: Opening<'_>) -> Box<dyn Adapter> {
        Box::new(Door::new(&opening))
    }
}
