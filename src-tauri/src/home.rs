//! Where the files lie: where the system wants them, or all under `WHINCHAT_HOME`.

use anyhow::Context as _;
use directories::{ProjectDirs, UserDirs};
use std::path::{Path, PathBuf};

/// The folders of this installation.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    data: PathBuf,
    /// The web view's own files; nothing of ours.
    webview: PathBuf,
    /// The folder that was asked for.
    own: Option<String>,
}

impl Home {
    /// `WHINCHAT_HOME` where it is set (portable use, tests), else the system's folders.
    pub(crate) fn find() -> anyhow::Result<Self> {
        match std::env::var_os("WHINCHAT_HOME").filter(|home| !home.is_empty()) {
            Some(home) => {
                let home = std::path::absolute(Path::new(&home)).context("WHINCHAT_HOME is no path")?;
                let own = Some(home.to_string_lossy().into_owned());
                Ok(Self { data: home.join("data"), webview: home.join("webview"), own })
            }
            None => {
                let dirs = ProjectDirs::from("chat", "whinchat", "Whinchat").context(
                    "the system names no home folder; set WHINCHAT_HOME to a folder to use instead",
                )?;
                let data = dirs.data_local_dir();
                Ok(Self { data: data.to_owned(), webview: dirs.cache_dir().join("webview"), own: None })
            }
        }
    }

    /// The file of the history.
    pub(crate) fn history(&self) -> PathBuf {
        self.data.join("history.db")
    }

    /// The file that says where the program that holds the history listens for second starts.
    pub(crate) fn instance(&self) -> PathBuf {
        self.data.join("instance")
    }

    /// The file of the window's place.
    pub(crate) fn place(&self) -> PathBuf {
        self.data.join("window.json")
    }

    /// What tells the secrets of this installation from those of the system's own; `None`: it is the system's own.
    pub(crate) fn own(&self) -> Option<&str> {
        self.own.as_deref()
    }

    /// The folder for what the user exports: the downloads, where there are any.
    pub(crate) fn exports(&self) -> PathBuf {
        if self.own.is_some() {
            return self.data.with_file_name("exports");
        }
        let user = UserDirs::new();
        let folder = user.as_ref().map(|user| user.download_dir().unwrap_or(user.home_dir()));
        folder.map_or_else(|| self.data.join("exports"), Path::to_path_buf)
    }

    /// The folder for the web view.
    pub(crate) fn webview(&self) -> &Path {
        &self.webview
    }
}
