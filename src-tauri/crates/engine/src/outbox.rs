//! Which messages of ours are on their way.
//!
//! The store says what is to be sent; this says what was handed to a link and has not come to an end. It is memory
//! only: after a kill, whatever the store has as *sending* is unconfirmed.

use domain::{AccountId, TxnId};
use std::collections::BTreeMap;

/// Messages of one account that may be on their way at once.
///
/// Enough to fill a line of 100 ms with a message every 2 ms; and the most that a broken line leaves unconfirmed.
pub(crate) const WINDOW: usize = 64;

/// Messages on their way.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Each with the session that it was handed to.
    on_the_way: BTreeMap<AccountId, BTreeMap<TxnId, u64>>,
}

impl Outbox {
    /// How many more may be handed to a session. None, as long as the fate of one that was handed to another session is
    /// open: it may come back, and its place is before what waits.
    pub(crate) fn room(&self, account: AccountId, session: u64) -> usize {
        let Some(on_the_way) = self.on_the_way.get(&account) else { return WINDOW };
        if on_the_way.values().any(|of| *of != session) { 0 } else { WINDOW.saturating_sub(on_the_way.len()) }
    }

    /// A message was handed to an account's session.
    pub(crate) fn handed(&mut self, account: AccountId, session: u64, txn: TxnId) {
        self.on_the_way.entry(account).or_default().insert(txn, session);
    }

    /// Its fate is known, or known to be unknown.
    pub(crate) fn settled(&mut self, account: AccountId, txn: &TxnId) {
        if let Some(on_the_way) = self.on_the_way.get_mut(&account) {
            on_the_way.remove(txn);
        }
    }

    /// The account is gone.
    pub(crate) fn forget(&mut self, account: AccountId) {
        self.on_the_way.remove(&account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_bounded_and_accounts_are_apart() {
        let (account, other) = (AccountId(1), AccountId(2));
        let txn = |n: usize| TxnId::parse(format!("t{n}")).unwrap();
        let mut outbox = Outbox::default();
        for n in 0..WINDOW {
            outbox.handed(account, 1, txn(n));
        }
        assert_eq!((outbox.room(account, 1), outbox.room(other, 1)), (0, WINDOW));
        outbox.settled(account, &txn(3));
        outbox.settled(account, &txn(3));
        outbox.settled(other, &txn(4));
        assert_eq!(outbox.room(account, 1), 1);
        outbox.forget(account);
        assert_eq!(outbox.room(account, 1), WINDOW);
    }

    #[test]
    fn a_session_gets_nothing_before_what_an_earlier_one_was_given_is_settled() {
        let account = AccountId(1);
        let txn = |n: usize| TxnId::parse(format!("t{n}")).unwrap();
        let mut outbox = Outbox::default();
        outbox.handed(account, 1, txn(1));
        outbox.handed(account, 1, txn(2));
        assert_eq!(outbox.room(account, 1), WINDOW - 2);
        assert_eq!(outbox.room(account, 2), 0);
        outbox.settled(account, &txn(1));
        assert_eq!(outbox.room(account, 2), 0);
        outbox.settled(account, &txn(2));
        assert_eq!(outbox.room(account, 2), WINDOW);
    }
}
