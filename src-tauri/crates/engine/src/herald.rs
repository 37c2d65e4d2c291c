//! What is worth a notification: who names the user, or speaks to the user alone, while that is not before the user's eyes.

use crate::Host;
use crate::host::Notification;
use domain::{AccountId, ConversationId, ConversationKind, Sender};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// There is at most one notification of a conversation in this time.
const PAUSE: Duration = Duration::from_secs(1);

/// For how long a conversation that was read stays before the eyes. The window reads what it shows every 10 s.
const GLANCE: Duration = Duration::from_secs(15);

/// How many characters of a message are in a notification.
const MAX_WORDS: usize = 200;

/// A message that was said just now, and that the user may want to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) account: AccountId,
    pub(crate) conversation: ConversationId,
    pub(crate) kind: ConversationKind,
    /// The conversation's.
    pub(crate) title: Option<String>,
    pub(crate) sender: Sender,
    pub(crate) text: String,
}

/// The conversation that the window shows, by what it reads. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gaze(Arc<Mutex<Option<(ConversationId, Instant)>>>);

impl Gaze {
    /// The window keeps up with a conversation.
    pub(crate) fn rests_on(&self, conversation: ConversationId) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((conversation, Instant::now()));
    }

    fn is_on(&self, conversation: ConversationId) -> bool {
        let gaze = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gaze.is_some_and(|(on, since)| on == conversation && since.elapsed() < GLANCE)
    }
}

/// Tells the desktop.
pub(crate) struct Herald {
    host: Arc<dyn Host>,
    gaze: Gaze,
    /// When each conversation was told of last; those of the last second.
    told: BTreeMap<ConversationId, Instant>,
}

impl Herald {
    pub(crate) fn new(host: Arc<dyn Host>, gaze: Gaze) -> Self {
        Self { host, gaze, told: BTreeMap::new() }
    }

    pub(crate) fn tell(&mut self, call: Call) {
        let now = Instant::now();
        self.told.retain(|_, since| now.duration_since(*since) < PAUSE);
        if self.told.contains_key(&call.conversation)
            || (self.gaze.is_on(call.conversation) && self.host.has_focus())
        {
            return;
        }
        self.told.insert(call.conversation, now);
        self.host.notify(&notification(call));
    }
}

fn notification(call: Call) -> Notification {
    let Call { account, conversation, kind, title, sender, text } = call;
    let name = match sender {
        Sender::Person { name } => Some(name),
        Sender::Server | Sender::Me => None,
    };
    let title = match (kind, name, title) {
        (ConversationKind::Direct, Some(name), _) | (_, Some(name), None) => name,
        (ConversationKind::Room | ConversationKind::Stream, Some(name), Some(title)) => {
            format!("{name} · {title}")
        }
        (_, None, title) => title.unwrap_or_default(),
    };
    let body = text.chars().take(MAX_WORDS).collect();
    Notification { title, body, account, conversation }
}
