//! What is worth a notification: who names the user, or speaks to the user alone, while that is not before the user's eyes.

use crate::Host;
use crate::contract::{Preview, Settings};
use crate::host::Notification;
use crate::quiet::is_quiet;
use domain::{
    AccountId, Conversation, ConversationId, ConversationKind, MessageId, NotifyRule, Sender, Timestamp,
};
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
    pub(crate) message: MessageId,
    /// When it came.
    pub(crate) at: Timestamp,
    /// By which the user is told of it.
    pub(crate) rule: NotifyRule,
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

    /// Whether it was said before the user's eyes.
    pub(crate) fn is_seen(&self, call: &Call) -> bool {
        self.gaze.is_on(call.conversation) && self.host.has_focus()
    }

    /// Tells of a call, unless the user does not want that now; `place` is where it was said, as it is stored.
    pub(crate) fn tell(&mut self, call: Call, place: Option<&Conversation>, settings: &Settings) {
        if is_quiet(settings.quiet, call.at, self.host.ahead_of_utc(call.at)) {
            return;
        }
        let now = Instant::now();
        self.told.retain(|_, since| now.duration_since(*since) < PAUSE);
        if self.told.contains_key(&call.conversation) || self.is_seen(&call) {
            return;
        }
        self.told.insert(call.conversation, now);
        let count = place.map_or(1, |place| match call.rule {
            NotifyRule::All => place.unread,
            NotifyRule::Mentions | NotifyRule::Nothing => place.mentions,
        });
        self.host.notify(&notification(call, count.max(1), settings));
    }
}

fn notification(call: Call, count: u32, settings: &Settings) -> Notification {
    let Call { account, conversation, message, at: _, rule: _, kind, title, sender, text } = call;
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
    let body = match settings.preview {
        Preview::Text => Some(text.chars().take(MAX_WORDS).collect()),
        Preview::Hidden => None,
    };
    Notification { title, body, count, language: settings.language, account, conversation, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Bell, Quiet};
    use std::sync::atomic::{AtomicBool, Ordering};

    #[derive(Default)]
    struct Desk {
        shown: Mutex<Vec<Notification>>,
        focus: AtomicBool,
    }

    impl Host for Desk {
        fn ring(&self, _: &Bell) {}
        fn notify(&self, notice: &Notification) {
            self.shown.lock().unwrap().push(notice.clone());
        }
        fn has_focus(&self) -> bool {
            self.focus.load(Ordering::Relaxed)
        }
        fn ahead_of_utc(&self, _: Timestamp) -> i32 {
            60
        }
    }

    fn call(conversation: i64) -> Call {
        Call {
            account: AccountId(1),
            conversation: ConversationId(conversation),
            message: MessageId(7),
            at: Timestamp(0),
            rule: NotifyRule::Mentions,
            kind: ConversationKind::Room,
            title: Some("#den".into()),
            sender: Sender::Person { name: "ann".into() },
            text: "字".repeat(999),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_a_second_and_none_of_what_is_before_the_eyes() {
        let (desk, gaze) = (Arc::new(Desk::default()), Gaze::default());
        let mut herald = Herald::new(desk.clone(), gaze.clone());
        let shown = || desk.shown.lock().unwrap().len();
        for (conversation, count) in [(1, 1), (1, 1), (2, 2)] {
            herald.tell(call(conversation), None, &Settings::default());
            assert_eq!(shown(), count);
        }
        tokio::time::advance(PAUSE).await;
        gaze.rests_on(ConversationId(1));
        herald.tell(call(1), None, &Settings::default());
        assert_eq!(shown(), 3, "the window is open, and the eyes are elsewhere");
        tokio::time::advance(PAUSE).await;
        desk.focus.store(true, Ordering::Relaxed);
        herald.tell(call(1), None, &Settings::default());
        assert_eq!(shown(), 3);
        herald.tell(call(2), None, &Settings::default());
        assert_eq!(shown(), 4, "another conversation is before the eyes");
        tokio::time::advance(GLANCE).await;
        herald.tell(call(1), None, &Settings::default());
        assert_eq!(shown(), 5, "the window has not looked for long");
    }

    #[test]
    fn a_notification_says_who_and_where_and_how_it_begins() {
        let shown = |call| notification(call, 1, &Settings::default());
        let told = shown(call(1));
        assert_eq!((told.title.as_str(), told.message), ("ann · #den", MessageId(7)));
        assert_eq!(told.body.map(|body| body.chars().count()), Some(MAX_WORDS));
        let hidden = Settings { preview: Preview::Hidden, ..Settings::default() };
        assert_eq!(notification(call(1), 1, &hidden).body, None);
        let direct = Call { kind: ConversationKind::Direct, ..call(1) };
        assert_eq!(shown(direct).title, "ann");
        let nobody = Call { sender: Sender::Server, ..call(1) };
        assert_eq!(shown(nobody).title, "#den");
    }

    #[tokio::test(start_paused = true)]
    async fn in_quiet_hours_of_the_place_nobody_is_told() {
        let desk = Arc::new(Desk::default());
        let mut herald = Herald::new(desk.clone(), Gaze::default());
        // One o'clock there, at midnight by UTC.
        let settings =
            |from, until| Settings { quiet: Quiet { on: true, from, until }, ..Settings::default() };
        herald.tell(call(1), None, &settings(60, 120));
        assert_eq!(desk.shown.lock().unwrap().len(), 0);
        herald.tell(call(1), None, &settings(0, 60));
        assert_eq!(desk.shown.lock().unwrap().len(), 1, "and what was not told took nobody's turn");
    }

    #[tokio::test(start_paused = true)]
    async fn it_says_how_many_wait_by_the_rule_that_it_is_told_by() {
        let desk = Arc::new(Desk::default());
        let mut herald = Herald::new(desk.clone(), Gaze::default());
        let place = Conversation {
            id: ConversationId(1),
            account: AccountId(1),
            kind: ConversationKind::Room,
            title: None,
            topic: None,
            left: false,
            unread: 9,
            mentions: 2,
            read: None,
            waiting: 0,
            pinned: false,
            muted: false,
            notify: None,
        };
        for rule in [NotifyRule::Mentions, NotifyRule::All] {
            herald.tell(Call { rule, ..call(1) }, Some(&place), &Settings::default());
            tokio::time::advance(PAUSE).await;
        }
        let counts: Vec<_> = desk.shown.lock().unwrap().iter().map(|notice| notice.count).collect();
        assert_eq!(counts, [2, 9]);
    }
}
