//! How the user has arranged the sidebar: what stands where, what is pinned, muted and folded away.

use super::Tx;
use crate::{Result, row};
use domain::{AccountId, ConversationId, NotifyRule};
use rusqlite::params;

/// The numbers of what can be moved, in order.
type Numbers = Vec<(i64, i64)>;

impl Tx<'_> {
    /// Puts an account before another one, or behind all. `false`: there is no such account.
    ///
    /// # Errors
    /// What the disk says.
    pub fn move_account(&mut self, id: AccountId, before: Option<AccountId>) -> Result<bool> {
        let sql = "SELECT id, coalesce(ordinal, id) AS place FROM accounts ORDER BY place";
        let numbers = self.list(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let Some(changed) = moved(&numbers, id.0, before.map(|before| before.0)) else { return Ok(false) };
        for (id, ordinal) in changed {
            self.run("UPDATE accounts SET ordinal = ?2 WHERE id = ?1", params![id, ordinal])?;
            self.touched.sidebar = true;
        }
        Ok(true)
    }

    /// Puts a conversation before another one of its account, or behind all. What is pinned stays before what is not.
    /// `false`: there is no such conversation.
    ///
    /// # Errors
    /// What the disk says.
    pub fn move_conversation(&mut self, id: ConversationId, before: Option<ConversationId>) -> Result<bool> {
        let Some(account) = self.account_of_conversation(id)? else { return Ok(false) };
        let sql = "SELECT id, coalesce(ordinal, id) AS place FROM conversations WHERE account_id = ?1 ORDER BY place";
        let numbers = self.list(sql, [account.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let Some(changed) = moved(&numbers, id.0, before.map(|before| before.0)) else { return Ok(false) };
        for (id, ordinal) in changed {
            self.run("UPDATE conversations SET ordinal = ?2 WHERE id = ?1", params![id, ordinal])?;
            self.touched.sidebar = true;
        }
        Ok(true)
    }

    /// Folds an account's conversations away, or out again. `false`: there is no such account.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_collapsed(&mut self, id: AccountId, collapsed: bool) -> Result<bool> {
        self.arranged("UPDATE accounts SET is_collapsed = ?2 WHERE id = ?1", params![id.0, collapsed])
    }

    /// Has a conversation stand before those that are not pinned, or among them again. `false`: there is none.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_pinned(&mut self, id: ConversationId, pinned: bool) -> Result<bool> {
        self.arranged("UPDATE conversations SET is_pinned = ?2 WHERE id = ?1", params![id.0, pinned])
    }

    /// Has a conversation count quietly and tell of nothing, or not any more. `false`: there is none.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_muted(&mut self, id: ConversationId, muted: bool) -> Result<bool> {
        self.arranged("UPDATE conversations SET is_muted = ?2 WHERE id = ?1", params![id.0, muted])
    }

    /// Says which messages of a conversation the user is told of; `None`: as its kind has it. `false`: there is none.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_notify(&mut self, id: ConversationId, rule: Option<NotifyRule>) -> Result<bool> {
        let rule = rule.map(row::rule_word);
        self.arranged("UPDATE conversations SET notify = ?2 WHERE id = ?1", params![id.0, rule])
    }

    fn arranged(&mut self, sql: &str, params: impl rusqlite::Params) -> Result<bool> {
        let found = self.run(sql, params)? > 0;
        self.touched.sidebar |= found;
        Ok(found)
    }
}

/// What becomes of `numbers` when `id` goes before `before`, or behind all: those that change. They only trade their
/// numbers, so that what comes later still stands last. `None`: `id` is not among them. A `before` that is not there is
/// the end.
fn moved(numbers: &[(i64, i64)], id: i64, before: Option<i64>) -> Option<Numbers> {
    numbers.iter().find(|(one, _)| *one == id)?;
    if before == Some(id) {
        return Some(Numbers::new());
    }
    let mut order: Vec<i64> = numbers.iter().map(|(one, _)| *one).filter(|one| *one != id).collect();
    let at = order.iter().position(|one| Some(*one) == before).unwrap_or(order.len());
    order.insert(at, id);
    let changed = order.into_iter().zip(numbers).filter(|(id, (former, _))| id != former);
    Some(changed.map(|(id, (_, ordinal))| (id, *ordinal)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_trades_numbers_with_what_it_passes_and_with_nothing_else() {
        let numbers = [(1, 1), (4, 2), (2, 7), (9, 9)];
        assert_eq!(moved(&numbers, 2, Some(1)).unwrap(), [(2, 1), (1, 2), (4, 7)]);
        assert_eq!(moved(&numbers, 4, None).unwrap(), [(2, 2), (9, 7), (4, 9)]);
        assert_eq!(moved(&numbers, 9, None).unwrap(), []);
        assert_eq!(moved(&numbers, 4, Some(4)).unwrap(), []);
        assert_eq!(moved(&numbers, 4, Some(2)).unwrap(), []);
        assert_eq!(moved(&numbers, 5, None), None);
    }
}
