//! How each server is started, read from `servers.json`. No process is started here.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Kind;
use super::places;

/// The file that the end-to-end tests read too.
const RECIPES: &str = include_str!("../../servers/servers.json");

/// One server's entry, its placeholders filled in.
#[derive(Debug)]
pub(super) struct Recipe {
    pub(super) path: String,
    pub(super) needs: String,
    pub(super) command: Vec<String>,
    pub(super) env: BTreeMap<String, String>,
}

impl Recipe {
    /// Reads the entry of `kind` for a server on `port` that appends what it receives to `received`.
    pub(super) fn read(kind: Kind, root: &Path, port: u16, received: &Path) -> Result<Self> {
        let all: Value = serde_json::from_str(RECIPES).context("servers.json")?;
        let entry = all.get(kind.name()).with_context(|| format!("servers.json has no {kind}"))?;
        let sources = places::sources(root).display().to_string();
        let installed = places::installed(root).display().to_string();
        let hub = match kind {
            Kind::InspircdLeaf { hub } => hub.to_string(),
            Kind::SpringBoot
            | Kind::Node
            | Kind::Python
            | Kind::Websocketd
            | Kind::Inspircd
            | Kind::InspircdAtheme => String::new(),
        };
        let fill = |value: &Value| -> Result<String> {
            let text = value.as_str().context("servers.json: a string is wanted")?;
            Ok(text
                .replace("{servers}", &sources)
                .replace("{interop}", &installed)
                .replace("{port}", &port.to_string())
                .replace("{hub}", &hub)
                .replace("{received}", &received.display().to_string()))
        };
        let field =
            |name: &str| entry.get(name).with_context(|| format!("servers.json: {kind} has no {name}"));
        let command = field("command")?.as_array().context("servers.json: command is a list")?;
        let env = field("env")?.as_object().context("servers.json: env is a map")?;
        let recipe = Self {
            path: fill(field("path")?)?,
            needs: fill(field("needs")?)?,
            command: command.iter().map(&fill).collect::<Result<_>>()?,
            env: env.iter().map(|(name, value)| Ok((name.clone(), fill(value)?))).collect::<Result<_>>()?,
        };
        recipe.check(kind)?;
        Ok(recipe)
    }

    fn check(&self, kind: Kind) -> Result<()> {
        let present = if self.needs.contains('/') {
            Path::new(&self.needs).exists()
        } else {
            std::env::var_os("PATH").is_some_and(|path| {
                std::env::split_paths(&path).any(|folder| folder.join(&self.needs).is_file())
            })
        };
        if !present {
            bail!("{kind} is not installed ({} is missing): CI=true cargo xtask test setup", self.needs);
        }
        Ok(())
    }
}
