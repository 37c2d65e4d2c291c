//! Which gap of each account is being filled from the server's history.
//!
//! The store says which gaps are to be filled; this says which one was asked for, one of an account at a time, and how
//! much more may be asked for in this session. It is memory only: what was asked for dies with the session.

use domain::{AccountId, MessageId};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Messages of one page of history: a few screens, and a transaction of a few milliseconds.
pub(crate) const PAGE: u32 = 200;

/// Pages that a session asks for before the user is asked whether to go on: 20,000 messages.
const PAGES: u32 = 100;

/// How long an answer may take. An adapter knows its server better and gives up earlier.
const ANSWER: Duration = Duration::from_secs(60);

/// What was asked for.
#[derive(Debug, Default)]
pub(crate) struct Healer {
    accounts: BTreeMap<AccountId, Course>,
}

#[derive(Debug)]
struct Course {
    /// The gap that was asked for, and when.
    asked: Option<(MessageId, Instant)>,
    pages_left: u32,
}

impl Default for Course {
    fn default() -> Self {
        Self { asked: None, pages_left: PAGES }
    }
}

/// Whether a gap may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// It may.
    Given,
    /// Another one is under way.
    Wait,
    /// Enough was asked for.
    Spent,
}

impl Healer {
    /// A session begins, or the user asks: as much as ever may be asked for.
    pub(crate) fn renew(&mut self, account: AccountId) {
        self.accounts.entry(account).or_default().pages_left = PAGES;
    }

    /// Whether the account's next gap may be asked for.
    pub(crate) fn leave(&mut self, account: AccountId) -> Leave {
        let course = self.accounts.entry(account).or_default();
        match (course.asked, course.pages_left) {
            (Some(_), _) => Leave::Wait,
            (None, 0) => Leave::Spent,
            (None, _) => Leave::Given,
        }
    }

    /// A gap was asked for.
    pub(crate) fn asked(&mut self, account: AccountId, gap: MessageId, now: Instant) {
        let course = self.accounts.entry(account).or_default();
        course.asked = Some((gap, now));
        course.pages_left = course.pages_left.saturating_sub(1);
    }

    /// The answer came, or the session is another one.
    pub(crate) fn answered(&mut self, account: AccountId) {
        if let Some(course) = self.accounts.get_mut(&account) {
            course.asked = None;
        }
    }

    /// Gaps that were asked for so long ago that no answer will come.
    pub(crate) fn overdue(&mut self, now: Instant) -> Vec<(AccountId, MessageId)> {
        let mut overdue = Vec::new();
        for (account, course) in &mut self.accounts {
            if let Some((gap, _)) = course.asked.take_if(|(_, since)| now.duration_since(*since) >= ANSWER) {
                overdue.push((*account, gap));
            }
        }
        overdue
    }

    /// The account is gone.
    pub(crate) fn forget(&mut self, account: AccountId) {
        self.accounts.remove(&account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_page_at_a_time_and_no_more_than_a_session_may_ask_for() {
        let (account, other, gap) = (AccountId(1), AccountId(2), MessageId(7));
        let mut healer = Healer::default();
        for _ in 0..PAGES {
            assert_eq!(healer.leave(account), Leave::Given);
            healer.asked(account, gap, Instant::now());
            assert_eq!((healer.leave(account), healer.leave(other)), (Leave::Wait, Leave::Given));
            healer.answered(account);
        }
        assert_eq!(healer.leave(account), Leave::Spent);
        healer.renew(account);
        assert_eq!(healer.leave(account), Leave::Given);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_comes_is_given_up() {
        let (account, gap) = (AccountId(1), MessageId(7));
        let mut healer = Healer::default();
        healer.asked(account, gap, Instant::now());
        assert_eq!(healer.overdue(Instant::now()), []);
        tokio::time::advance(ANSWER).await;
        assert_eq!(healer.overdue(Instant::now()), [(account, gap)]);
        assert_eq!(healer.overdue(Instant::now()), []);
        assert_eq!(healer.leave(account), Leave::Given);
    }
}
