//! Running programs: printed before they run, failures with the command in the error.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// A command that is being put together.
#[derive(Debug)]
pub(crate) struct Cmd {
    command: Command,
    shown: String,
}

/// Begins a command that runs `program` in the workspace's root.
pub(crate) fn cmd(program: impl AsRef<OsStr>) -> Cmd {
    let shown = program.as_ref().to_string_lossy().into_owned();
    let mut command = Command::new(program);
    command.current_dir(crate::workspace::root());
    Cmd { command, shown }
}

/// Cargo, the one that runs us.
pub(crate) fn cargo() -> Cmd {
    let mut cargo = cmd(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo.shown = "cargo".into();
    // Set for us by the outer cargo; a build script that watches them would run again each time.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        cargo.command.env_remove(name);
    }
    cargo
}

impl Cmd {
    /// Adds one argument.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.shown.push(' ');
        self.shown.push_str(&argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = S>) -> Self {
        arguments.into_iter().fold(self, Cmd::arg)
    }

    /// Runs it in `folder`.
    pub(crate) fn dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it, its output on ours.
    ///
    /// # Errors
    /// It does not start or does not succeed.
    pub(crate) fn run(mut self) -> Result<()> {
        println!("$ {}", self.shown);
        let status = self.command.status().with_context(|| format!("`{}` does not start", self.shown))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Begins to run it beside us, its output on ours, and only as far as others leave the processors to it.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn begin(self) -> Result<Running> {
        let Self { command, shown } = self;
        let mut aside = Command::new("nice");
        aside.args(["-n", "19"]).arg(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            aside.current_dir(folder);
        }
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => aside.env(name, value),
                None => aside.env_remove(name),
            };
        }
        println!("$ {shown} &");
        let child = aside.spawn().with_context(|| format!("`{shown}` does not start"))?;
        Ok(Running { child, shown })
    }

    /// Runs it, its output on ours, and tells with what it ended.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn ends(mut self) -> Result<ExitStatus> {
        self.command.status().with_context(|| format!("`{}` does not start", self.shown))
    }

    /// Runs it and returns what it wrote to standard output.
    ///
    /// # Errors
    /// It does not start or does not succeed; what it wrote to standard error is in the error.
    pub(crate) fn output(mut self) -> Result<Vec<u8>> {
        let output = self.command.output().with_context(|| format!("`{}` does not start", self.shown))?;
        if !output.status.success() {
            bail!(
                "`{}` failed ({}): {}",
                self.shown,
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(output.stdout)
    }

    /// Runs it in silence and tells whether it succeeded.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// A program that runs beside us; ended when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    shown: String,
}

impl Running {
    /// Waits for its end.
    ///
    /// # Errors
    /// It did not succeed.
    pub(crate) fn end(mut self) -> Result<()> {
        let status = self.child.wait().with_context(|| format!("`{}` is lost", self.shown))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where `program` is on the `PATH`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ""] } else { &[""] };
    std::env::split_paths(&path)
        .flat_map(|folder| names.iter().map(move |suffix| folder.join(format!("{program}{suffix}"))))
        .find(|file| file.is_file())
}

/// Those of `programs` that are not on the `PATH`.
pub(crate) fn absent(programs: &[&str]) -> Vec<String> {
    programs.iter().filter(|program| which(program).is_none()).map(|program| (*program).to_owned()).collect()
}
