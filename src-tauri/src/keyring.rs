//! The keyring of the desktop, as the engine sees it: where secrets are kept.
//!
//! Every call may block for as long as a person takes to unlock the keyring; the engine calls from a thread of its own.

use crate::platform::{Here, Platform as _};
use engine::{Keyring, KeyringFault, Secret};
use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error};
use std::sync::{Arc, Mutex, PoisonError};

/// The name under which the keyring's own program shows our secrets.
const SERVICE: &str = "chat.whinchat.Whinchat";

/// The keyring. It is opened when it is needed first, and again after it has failed: it may come and go with the
/// session.
pub(crate) struct DesktopKeyring {
    service: String,
    open: fn() -> keyring_core::Result<Arc<CredentialStore>>,
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl DesktopKeyring {
    /// `home`: the folder of an installation of its own, whose accounts have nothing to do with the others'.
    pub(crate) fn new(home: Option<&str>) -> Self {
        let service = home.map_or_else(|| SERVICE.to_owned(), |home| format!("{SERVICE} {home}"));
        Self { service, open: Here::keyring, store: Mutex::default() }
    }

    /// Runs `job` on the entry of that name. A keyring that was known and does not answer may have been started anew,
    /// so it is opened once more.
    fn with<T>(
        &self,
        name: &str,
        job: impl Fn(&Entry) -> keyring_core::Result<T>,
    ) -> Result<Option<T>, KeyringFault> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let known = store.take();
            let was_known = known.is_some();
            let opened = match known {
                Some(opened) => opened,
                None => (self.open)().map_err(|error| {
                    tracing::debug!(%error, "no keyring");
                    KeyringFault::Absent
                })?,
            };
            let done = opened.build(&self.service, name, None).and_then(|entry| job(&entry));
            match done {
                Err(Error::PlatformFailure(error)) if was_known => {
                    tracing::debug!(%error, "the keyring is opened anew");
                }
                Err(Error::PlatformFailure(error)) => return Err(KeyringFault::Failed(error.to_string())),
                done => {
                    *store = Some(opened);
                    return match done {
                        Ok(value) => Ok(Some(value)),
                        Err(Error::NoEntry) => Ok(None),
                        Err(Error::NoStorageAccess(_)) => Err(KeyringFault::Locked),
                        Err(Error::NoDefaultStore) => Err(KeyringFault::Absent),
                        Err(error) => Err(KeyringFault::Failed(reason(&error))),
                    };
                }
            }
        }
    }
}

/// The error in words. What a damaged entry held is not among them.
fn reason(error: &Error) -> String {
    if let Error::BadDataFormat(_, why) = error {
        return format!("the entry cannot be read: {why}");
    }
    error.to_string()
}

impl Keyring for DesktopKeyring {
    fn read(&self, name: &str) -> Result<Option<Secret>, KeyringFault> {
        Ok(self.with(name, Entry::get_password)?.map(Secret))
    }

    fn write(&self, name: &str, secret: &Secret) -> Result<(), KeyringFault> {
        match self.with(name, |entry| entry.set_password(&secret.0))? {
            Some(()) => Ok(()),
            None => Err(KeyringFault::Failed("the entry did not stay".to_owned())),
        }
    }

    fn remove(&self, name: &str) -> Result<(), KeyringFault> {
        self.with(name, Entry::delete_credential).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    /// Which of the cases below a test that was started in a session of its own is to run.
    const CASE: &str = "WHINCHAT_KEYRING_CASE";

    /// A session bus on which nothing is started that nobody asked for.
    const BUS: &str = r#"<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
        <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
        </busconfig>"#;

    /// A keyring daemon that ends with the test.
    struct Daemon(Child);

    impl Daemon {
        /// `password`: it is unlocked by it; the first one is kept.
        fn start(password: Option<&str>) -> Self {
            let mut daemon = Command::new("gnome-keyring-daemon");
            daemon.args(["--foreground", "--components=secrets"]);
            daemon.arg(if password.is_some() { "--unlock" } else { "--start" });
            let mut child = daemon.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(password.unwrap_or_default().as_bytes()).unwrap();
            Self(child)
        }
    }

    impl Drop for Daemon {
        fn drop(&mut self) {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }

    /// Runs a case in a process and a session of its own, since the bus is a matter of the environment.
    fn run(case: &str, bus: bool) {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bus.conf");
        std::fs::write(&config, BUS).unwrap();
        let test = std::env::current_exe().unwrap();
        let mut session = if bus {
            let mut session = Command::new("dbus-run-session");
            session.arg("--config-file").arg(config).arg("--").arg(test);
            session
        } else {
            let mut session = Command::new(test);
            session.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
            session
        };
        for home in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
            session.env(home, folder.path());
        }
        session.args(["--exact", "keyring::tests::inside", "--nocapture"]).env(CASE, case);
        let ended = session.output().unwrap();
        let (said, why) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success() && said.contains("1 passed"), "{case}: {said}\n{why}");
    }

    #[test]
    fn a_session_without_a_keyring_says_so() {
        run("absent", false);
    }

    #[test]
    #[ignore = "needs a bus and gnome-keyring: cargo xtask test interop"]
    fn a_bus_without_a_keyring_says_so() {
        run("absent", true);
    }

    #[test]
    #[ignore = "needs a bus and gnome-keyring: cargo xtask test interop"]
    fn an_open_keyring_keeps_what_it_is_given_also_over_a_restart_of_it() {
        run("open", true);
    }

    #[test]
    #[ignore = "needs a bus and gnome-keyring: cargo xtask test interop"]
    fn a_locked_keyring_says_so_and_works_once_it_is_unlocked() {
        run("locked", true);
    }

    #[test]
    fn inside() {
        match std::env::var(CASE).as_deref() {
            Ok("absent") => absent(),
            Ok("open") => open(),
            Ok("locked") => locked(),
            // It stands for itself in no run.
            _ => {}
        }
    }

    fn secret(text: &str) -> Secret {
        Secret(text.to_owned())
    }

    /// Asks until the daemon answers as wanted: it takes a moment to have its name on the bus.
    fn until<T: PartialEq + std::fmt::Debug>(wanted: &T, ask: impl Fn() -> T) {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let answer = ask();
            if answer == *wanted {
                return;
            }
            assert!(Instant::now() < end, "{answer:?} and not {wanted:?}");
            std::thread::yield_now();
        }
    }

    fn absent() {
        let keyring = DesktopKeyring::new(None);
        assert_eq!(keyring.read("a"), Err(KeyringFault::Absent));
        assert_eq!(keyring.write("a", &secret("s")), Err(KeyringFault::Absent));
        assert_eq!(keyring.remove("a"), Err(KeyringFault::Absent));
    }

    fn open() {
        let keyring = DesktopKeyring::new(None);
        let daemon = Daemon::start(Some("test"));
        until(&Ok(()), || keyring.write("a", &secret("geheim 密码 \u{1f511}")));
        assert_eq!(keyring.read("a"), Ok(Some(secret("geheim 密码 \u{1f511}"))));
        assert_eq!(keyring.read("b"), Ok(None));
        assert_eq!(
            DesktopKeyring::new(Some("/elsewhere")).read("a"),
            Ok(None),
            "another home, other secrets"
        );
        keyring.write("a", &secret("new")).unwrap();

        drop(daemon);
        let _daemon = Daemon::start(Some("test"));
        until(&Ok(Some(secret("new"))), || keyring.read("a"));
        keyring.remove("a").unwrap();
        assert_eq!(keyring.read("a"), Ok(None));
        keyring.remove("a").unwrap();
    }

    fn locked() {
        let keyring = DesktopKeyring::new(None);
        let daemon = Daemon::start(Some("test"));
        until(&Ok(()), || keyring.write("a", &secret("kept")));
        drop(daemon);
        let daemon = Daemon::start(None);
        until(&Err(KeyringFault::Locked), || keyring.read("a"));
        assert_eq!(keyring.write("b", &secret("s")), Err(KeyringFault::Locked));
        drop(daemon);
        let _daemon = Daemon::start(Some("test"));
        until(&Ok(Some(secret("kept"))), || keyring.read("a"));
    }
}
