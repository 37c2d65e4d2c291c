//! Which messages of ours are on their way, and by which run of which account.
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
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    on_the_way: BTreeMap<AccountId, BTreeMap<TxnId, u64>>,
}

impl Outbox {
    /// How many more may be handed over.
    pub(crate) fn room(&self, account: AccountId) -> usize {
        WINDOW.saturating_sub(self.on_the_way.get(&account).map_or(0, BTreeMap::len))
    }

    /// A message was handed to a run of an account's link.
    pub(crate) fn handed(&mut self, account: AccountId, txn: TxnId, run: u64) {
        self.on_the_way.entry(account).or_default().insert(txn, run);
    }

    /// Its fate is known, or known to be unknown.
    pub(crate) fn settled<'a>(&mut self, account: AccountId, txns: impl IntoIterator<Item = &'a TxnId>) {
        let Some(on_the_way) = self.on_the_way.get_mut(&account) else { return };
        for txn in txns {
            on_the_way.remove(txn);
        }
        if on_the_way.is_empty() {
            self.on_the_way.remove(&account);
        }
    }

    /// What a run of an account still had on its way.
    pub(crate) fn of_run(&self, account: AccountId, run: u64) -> Vec<TxnId> {
        let Some(on_the_way) = self.on_the_way.get(&account) else { return Vec::new() };
        on_the_way.iter().filter(|(_, of)| **of == run).map(|(txn, _)| txn.clone()).collect()
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
    fn the_window_is_bounded_and_runs_are_apart() {
        let (account, other) = (AccountId(1), AccountId(2));
        let txn = |n: usize| TxnId::parse(format!("t{n}")).unwrap();
        let mut outbox = Outbox::default();
        for n in 0..WINDOW {
            outbox.handed(account, txn(n), (n % 2) as u64);
        }
        assert_eq!((outbox.room(account), outbox.room(other)), (0, WINDOW));
        assert_eq!(outbox.of_run(account, 1).len(), WINDOW / 2);
        outbox.settled(account, &outbox.of_run(account, 1));
        assert_eq!((outbox.room(account), outbox.of_run(account, 0).len()), (WINDOW / 2, WINDOW / 2));
        outbox.forget(account);
        assert_eq!(outbox.room(account), WINDOW);
    }
}
