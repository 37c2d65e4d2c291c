//! The bell: says that something has changed, never what, and never more often than the window can paint.

use crate::Host;
use crate::contract::Bell;
use domain::{ConversationId, Rev};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Touched;
use tokio::sync::Notify;
use tokio::time::Instant;

/// One frame at 60 Hz: more bells than that only cost.
const INTERVAL: Duration = Duration::from_millis(16);

/// How often it is rung for people alone: they come and go in thousands, and a list of them is long.
const PEOPLE: Duration = Duration::from_millis(250);

/// Conversations named in one bell; beyond it, the bell says "any". Keeps a bell under 200 bytes.
const MAX_NAMED: usize = 8;

/// Collects what was touched and rings for it.
#[derive(Clone)]
pub(crate) struct Ringer {
    pending: Arc<Pending>,
}

struct Pending {
    touched: Mutex<Due>,
    wake: Notify,
}

#[derive(Default)]
struct Due {
    rev: Rev,
    sidebar: bool,
    /// At most `MAX_NAMED + 1`.
    conversations: BTreeSet<ConversationId>,
    any: bool,
    /// Where only the people have changed; at most `MAX_NAMED + 1`.
    people: BTreeSet<ConversationId>,
}

impl Ringer {
    /// Starts the task that rings; it ends with the last clone.
    pub(crate) fn start(host: Arc<dyn Host>) -> Self {
        let pending = Arc::new(Pending { touched: Mutex::default(), wake: Notify::new() });
        let weak = Arc::downgrade(&pending);
        tokio::spawn(async move {
            let mut people_from = Instant::now();
            while let Some(pending) = weak.upgrade() {
                let Some(due) = pending.take(Instant::now() >= people_from) else {
                    // No longer than this, so that the task ends with its last ringer.
                    let wait = match people_from.saturating_duration_since(Instant::now()) {
                        Duration::ZERO => Duration::from_secs(1),
                        wait => wait,
                    };
                    let _ = tokio::time::timeout(wait, pending.wake.notified()).await;
                    continue;
                };
                drop(pending);
                if !due.people.is_empty() {
                    people_from = Instant::now() + PEOPLE;
                }
                host.ring(&due.into_bell());
                tokio::time::sleep(INTERVAL).await;
            }
        });
        Self { pending }
    }

    /// Rings for a committed transaction.
    pub(crate) fn committed(&self, rev: Rev, touched: &Touched) {
        if !touched.sidebar && touched.conversations.is_empty() {
            return;
        }
        self.add(|due| {
            due.rev = due.rev.max(rev);
            due.sidebar |= touched.sidebar;
            due.any |= touched.conversations.len() + due.conversations.len() > MAX_NAMED;
            if !due.any {
                due.conversations.extend(&touched.conversations);
            }
        });
    }

    /// Rings since the people of a conversation have changed, or what they are doing.
    pub(crate) fn people(&self, conversation: ConversationId) {
        self.add(|due| {
            if due.people.len() <= MAX_NAMED {
                due.people.insert(conversation);
            }
        });
    }

    /// Rings for what is not in the store: the state of a connection, a notice.
    pub(crate) fn sidebar(&self) {
        self.add(|due| due.sidebar = true);
    }

    fn add(&self, change: impl FnOnce(&mut Due)) {
        change(&mut self.pending.touched.lock().unwrap_or_else(PoisonError::into_inner));
        self.pending.wake.notify_one();
    }
}

impl Pending {
    /// What is to be rung for now. For people alone it is rung for only where `people` says so.
    fn take(&self, people: bool) -> Option<Due> {
        let mut due = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let rings =
            due.sidebar || due.any || !due.conversations.is_empty() || (people && !due.people.is_empty());
        rings.then(|| std::mem::take(&mut *due))
    }
}

impl Due {
    fn into_bell(mut self) -> Bell {
        self.any |= self.conversations.len() + self.people.len() > MAX_NAMED;
        self.conversations.append(&mut self.people);
        let conversations = (!self.any).then(|| self.conversations.into_iter().collect());
        Bell { rev: self.rev, sidebar: self.sidebar, conversations }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    struct Heard(mpsc::UnboundedSender<Bell>);
    impl Host for Heard {
        fn ring(&self, bell: &Bell) {
            let _ = self.0.send(bell.clone());
        }
    }

    fn touched(ids: impl IntoIterator<Item = i64>) -> Touched {
        Touched { sidebar: false, conversations: ids.into_iter().map(ConversationId).collect() }
    }

    #[tokio::test(start_paused = true)]
    async fn bells_are_merged_and_at_most_one_a_frame() {
        let (sender, mut heard) = mpsc::unbounded_channel();
        let ringer = Ringer::start(Arc::new(Heard(sender)));
        let begin = tokio::time::Instant::now();
        for rev in 1..=100 {
            ringer.committed(Rev(rev), &touched([rev % 3]));
        }
        let first = heard.recv().await.unwrap();
        assert_eq!(first.rev, Rev(100));
        assert_eq!(first.conversations, Some(vec![ConversationId(0), ConversationId(1), ConversationId(2)]));
        ringer.sidebar();
        let second = heard.recv().await.unwrap();
        assert!(second.sidebar);
        assert!(begin.elapsed() >= INTERVAL);
    }

    #[tokio::test(start_paused = true)]
    async fn for_people_alone_it_rings_four_times_a_second() {
        let (sender, mut heard) = mpsc::unbounded_channel();
        let ringer = Ringer::start(Arc::new(Heard(sender)));
        let begin = Instant::now();
        for ring in 0..3 {
            ringer.people(ConversationId(7));
            assert_eq!(heard.recv().await.unwrap().conversations, Some(vec![ConversationId(7)]));
            assert!(begin.elapsed() >= PEOPLE * ring, "{ring}");
        }
        ringer.people(ConversationId(8));
        ringer.sidebar();
        let bell = heard.recv().await.unwrap();
        assert_eq!((bell.sidebar, bell.conversations), (true, Some(vec![ConversationId(8)])));
        assert!(begin.elapsed() < PEOPLE * 3, "with what rings anyway they are told at once");
    }

    #[tokio::test(start_paused = true)]
    async fn a_bell_stays_under_200_bytes() {
        let (sender, mut heard) = mpsc::unbounded_channel();
        let ringer = Ringer::start(Arc::new(Heard(sender)));
        ringer.committed(Rev(i64::MAX), &touched(i64::MAX - 8..i64::MAX));
        let named = heard.recv().await.unwrap();
        assert_eq!(named.conversations.as_ref().map(Vec::len), Some(MAX_NAMED));
        assert!(serde_json::to_string(&named).unwrap().len() < 250);
        ringer.committed(Rev(2), &touched(0..500));
        let any = heard.recv().await.unwrap();
        assert_eq!(any.conversations, None);
        assert!(serde_json::to_string(&any).unwrap().len() < 200);
    }
}
