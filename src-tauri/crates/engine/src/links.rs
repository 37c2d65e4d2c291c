//! Links that the user opens. They lead out of the window, so what they say is checked here, whoever made them.

use crate::Handle;
use crate::contract::{Code, Fault};
use domain::Target;
use std::sync::Arc;

impl Handle {
    /// Has the system open where a link leads. Changes nothing here, so it carries no `txn`.
    ///
    /// # Errors
    /// [`Code::Invalid`] when no link may lead there, [`Code::Unopened`] when no program took it.
    pub async fn open_link(&self, url: String) -> Result<(), Fault> {
        let target =
            Target::parse(url).map_err(|error| Fault { code: Code::Invalid, text: error.to_string() })?;
        let host = Arc::clone(&self.host);
        tokio::task::spawn_blocking(move || host.open_link(&target))
            .await
            .map_err(|error| Fault { code: Code::Internal, text: error.to_string() })?
            .map_err(|text| Fault { code: Code::Unopened, text })
    }
}
