//! What a session starts from, as the head of a transcript says it. The fuzz targets read it here too.

use domain::AccountConfig;
use proto::{Adapter, Opening, Protocol, Resume, Secret};
use serde_json::{Map, Value};

/// The lines `// config {…}`, `// secret …`, `// entrusted …` and `// resume …` before the first step.
#[derive(Default)]
pub(crate) struct Start {
    config: AccountConfig,
    secret: Option<Secret>,
    entrusted: Option<Secret>,
    resume: Option<Resume>,
}

impl Start {
    /// Reads the head of a transcript.
    ///
    /// # Errors
    /// The configuration is none.
    pub(crate) fn read(text: &str) -> serde_json::Result<Self> {
        let mut start = Self::default();
        for line in text.lines().take_while(|line| line.is_empty() || line.starts_with("//")) {
            if let Some(json) = line.strip_prefix("// config ") {
                // What is left out is as in a form where nothing was typed.
                let mut whole = serde_json::to_value(AccountConfig::default())?;
                let typed: Map<String, Value> = serde_json::from_str(json)?;
                whole.as_object_mut().into_iter().for_each(|whole| whole.extend(typed.clone()));
                start.config = serde_json::from_value(whole)?;
            } else if let Some(secret) = line.strip_prefix("// secret ") {
                start.secret = Some(Secret(secret.to_owned()));
            } else if let Some(secret) = line.strip_prefix("// entrusted ") {
                start.entrusted = Some(Secret(secret.to_owned()));
            } else if let Some(resume) = line.strip_prefix("// resume ") {
                start.resume = Some(Resume(resume.to_owned()));
            }
        }
        Ok(start)
    }

    /// A session of the protocol that starts from there.
    pub(crate) fn open(&self, protocol: &dyn Protocol) -> Box<dyn Adapter> {
        let (secret, entrusted, resume) =
            (self.secret.as_ref(), self.entrusted.as_ref(), self.resume.as_ref());
        protocol.open(Opening { config: &self.config, secret, resume, entrusted, seed: 7 })
    }
}
