//! What the user looks for. Reading it changes nothing.

use crate::Handle;
use crate::contract::Fault;
use domain::{ConversationId, MessageId, Search};
use store::Query;

impl Handle {
    /// The messages that a query is after, the one that came last first: those before `before`, a page's `more`. `within`:
    /// only in this conversation. What is being typed is no mistake: a query that says nothing yet, or something wrong, is
    /// answered with what is wrong.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn search(
        &self,
        query: String,
        within: Option<ConversationId>,
        before: Option<MessageId>,
        count: u32,
    ) -> Result<Search, Fault> {
        let query = match Query::parse(&query) {
            Ok(query) => query,
            Err(fault) => return Ok(Search::Unclear { fault }),
        };
        let now = self.disk.now();
        Ok(self.disk.read(move |reader| reader.search(&query, within, before, count, now)).await?)
    }
}
