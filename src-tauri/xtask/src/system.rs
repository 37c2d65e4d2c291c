//! Packages of the operating system: which are needed for what, whether they are there, how they come.
//!
//! Only on Debian and its kin are packages installed from here. Elsewhere the exact command is printed, since
//! this project cannot try it there.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Result, bail};

use crate::shell::{self, Cmd, cmd};

/// What packages are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Compiling the app.
    Build,
    /// Node and npm.
    Node,
    /// Tests in the real window, with real servers, and of the packages.
    Test,
    /// Rendering the icons.
    Icons,
}

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manager {
    Apt,
    Dnf,
    Pacman,
    Brew,
    Winget,
}

/// One line for each manager and purpose; nothing: the system brings it along.
const PACKAGES: &[(Manager, Purpose, &[&str])] = &[
    (Manager::Apt, Purpose::Build, &["gcc", "libc6-dev", "pkg-config", "libwebkit2gtk-4.1-dev"]),
    (Manager::Apt, Purpose::Node, &["nodejs", "npm"]),
    (
        Manager::Apt,
        Purpose::Test,
        &[
            "xvfb",
            "webkit2gtk-driver",
            "dbus-daemon",
            // A desktop: window manager, panel with a tray, keyring, input method, and what asks and drives them.
            "openbox",
            "xfce4-panel",
            "xfconf",
            "dunst",
            "gnome-keyring",
            "ibus",
            "ibus-gtk3",
            "ibus-libpinyin",
            "xdotool",
            "wmctrl",
            "imagemagick",
            "libglib2.0-bin",
            "python3-gi",
            "procps",
            "iproute2",
            "websocketd",
            "tinyproxy-bin",
            "microsocks",
            "openssl",
            "fonts-dejavu-core",
            "fonts-noto-cjk",
            "fonts-noto-color-emoji",
            "rpm",
            "desktop-file-utils",
            "appstream",
        ],
    ),
    (Manager::Apt, Purpose::Icons, &["librsvg2-bin"]),
    (Manager::Dnf, Purpose::Build, &["gcc", "pkgconf-pkg-config", "webkit2gtk4.1-devel"]),
    (Manager::Dnf, Purpose::Node, &["nodejs", "nodejs-npm"]),
    (
        Manager::Dnf,
        Purpose::Test,
        &["xorg-x11-server-Xvfb", "webkit2gtk4.1", "dbus-daemon", "iproute-tc", "rpm-build", "appstream"],
    ),
    (Manager::Dnf, Purpose::Icons, &["librsvg2-tools"]),
    (Manager::Pacman, Purpose::Build, &["base-devel", "webkit2gtk-4.1"]),
    (Manager::Pacman, Purpose::Node, &["nodejs", "npm"]),
    (
        Manager::Pacman,
        Purpose::Test,
        &["xorg-server-xvfb", "dbus", "iproute2", "noto-fonts-cjk", "noto-fonts-emoji", "appstream"],
    ),
    (Manager::Pacman, Purpose::Icons, &["librsvg"]),
    (Manager::Brew, Purpose::Build, &[]),
    (Manager::Brew, Purpose::Node, &["node"]),
    (Manager::Brew, Purpose::Test, &["websocketd", "maven"]),
    (Manager::Brew, Purpose::Icons, &["librsvg"]),
    (
        Manager::Winget,
        Purpose::Build,
        &["Microsoft.VisualStudio.2022.BuildTools", "Microsoft.EdgeWebView2Runtime"],
    ),
    (Manager::Winget, Purpose::Node, &["OpenJS.NodeJS.LTS"]),
    (Manager::Winget, Purpose::Test, &[]),
    (Manager::Winget, Purpose::Icons, &[]),
];

impl Manager {
    const ALL: [Manager; 5] = [Manager::Apt, Manager::Dnf, Manager::Pacman, Manager::Brew, Manager::Winget];

    fn here() -> Option<Self> {
        Self::ALL.into_iter().find(|manager| shell::which(manager.program()).is_some())
    }

    fn program(self) -> &'static str {
        match self {
            Manager::Apt => "apt-get",
            Manager::Dnf => "dnf",
            Manager::Pacman => "pacman",
            Manager::Brew => "brew",
            Manager::Winget => "winget",
        }
    }

    fn packages(self, purpose: Purpose) -> &'static [&'static str] {
        PACKAGES
            .iter()
            .find(|(manager, what, _)| *manager == self && *what == purpose)
            .map_or(&[], |(_, _, packages)| packages)
    }

    fn command(self, packages: &[String]) -> String {
        let packages = packages.join(" ");
        match self {
            Manager::Apt => format!("sudo apt-get install -y --no-install-recommends {packages}"),
            Manager::Dnf => format!("sudo dnf install -y {packages}"),
            Manager::Pacman => format!("sudo pacman -S --needed {packages}"),
            Manager::Brew => format!("brew install {packages}"),
            Manager::Winget => format!("winget install {packages}"),
        }
    }
}

/// How the packages for `purpose` are installed: this system's command, or everybody's.
pub(crate) fn hint(purpose: Purpose) -> String {
    let line = |manager: Manager| {
        let packages: Vec<String> = manager.packages(purpose).iter().map(|name| (*name).to_owned()).collect();
        (!packages.is_empty()).then(|| manager.command(&packages))
    };
    match Manager::here() {
        Some(manager) => {
            line(manager).map(|command| format!("Install it with:\n  {command}")).unwrap_or_default()
        }
        None => {
            let lines: Vec<String> = Manager::ALL.into_iter().filter_map(line).collect();
            format!("Install it with one of:\n  {}", lines.join("\n  "))
        }
    }
}

/// Sees to it that the packages for `purposes` are there.
///
/// # Errors
/// They are missing and cannot be installed from here; the error holds the command that would.
pub(crate) fn ensure(purposes: &[Purpose]) -> Result<()> {
    match Manager::here() {
        Some(Manager::Apt) => {
            let mut wanted: Vec<String> = Vec::new();
            for purpose in purposes {
                wanted.extend(Manager::Apt.packages(*purpose).iter().map(|name| (*name).to_owned()));
                if *purpose == Purpose::Test {
                    wanted.extend(runtimes());
                }
            }
            apt(&wanted.into_iter().filter(|package| !is_installed(package)).collect::<Vec<_>>())
        }
        Some(Manager::Dnf | Manager::Pacman | Manager::Brew | Manager::Winget) | None => {
            for purpose in purposes {
                if !is_probably_there(*purpose) {
                    bail!("packages of the system are missing. {}", hint(*purpose));
                }
            }
            Ok(())
        }
    }
}

/// Installs a package file with its dependencies.
///
/// # Errors
/// apt fails, or there is no right to use it.
pub(crate) fn apt_install_file(path: &str) -> Result<()> {
    privileged()?.args(["install", "-y", "--no-install-recommends", path]).run()
}

/// Puts the files of a package below `folder`, without installing it: nothing of it runs or starts.
///
/// # Errors
/// apt does not have it, or it cannot be unpacked.
pub(crate) fn apt_unpack(package: &str, folder: &Path) -> Result<()> {
    let download = || cmd("apt-get").dir(folder).args(["download", "--quiet", package]).run();
    if download().is_err() {
        privileged()?.arg("update").run()?;
        download()?;
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            cmd("dpkg-deb").arg("-x").arg(&path).arg(folder).run()?;
        }
    }
    Ok(())
}

/// Removes a package and its configuration.
///
/// # Errors
/// apt fails, or there is no right to use it.
pub(crate) fn apt_purge(package: &str) -> Result<()> {
    privileged()?.args(["purge", "-y", package]).run()
}

fn apt(missing: &[String]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let Ok(install) = privileged() else {
        bail!("packages of the system are missing. Install them with:\n  {}", Manager::Apt.command(missing));
    };
    let arguments = ["install", "-y", "--no-install-recommends"];
    if install.args(arguments).args(missing).run().is_ok() {
        return Ok(());
    }
    // A fresh machine has no lists of packages, or old ones.
    privileged()?.arg("update").run()?;
    privileged()?.args(arguments).args(missing).run()
}

/// `apt-get` with the right to change the system.
fn privileged() -> Result<Cmd> {
    let apt = |command: Cmd| command.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    if cmd("id").arg("-u").output().is_ok_and(|id| id.trim_ascii() == b"0") {
        return Ok(cmd("apt-get").env("DEBIAN_FRONTEND", "noninteractive"));
    }
    if cmd("sudo").args(["-n", "true"]).succeeds() {
        return Ok(apt(cmd("sudo").arg("-n")));
    }
    if std::io::stdin().is_terminal() && shell::which("sudo").is_some() {
        return Ok(apt(cmd("sudo")));
    }
    bail!("neither root nor sudo")
}

fn is_installed(package: &str) -> bool {
    cmd("dpkg-query")
        .args(["-W", "-f", "${db:Status-Status}", package])
        .output()
        .is_ok_and(|status| status == b"installed")
}

/// Language runtimes that may have come by other ways than apt, so they are looked for as programs.
fn runtimes() -> Vec<String> {
    let mut packages = Vec::new();
    if shell::which("javac").is_none() {
        packages.push("default-jdk-headless".to_owned());
    }
    if shell::which("mvn").is_none() {
        packages.push("maven".to_owned());
    }
    if !cmd("python3").args(["-c", "import ensurepip, venv"]).succeeds() {
        packages.extend(["python3".to_owned(), "python3-venv".to_owned()]);
    }
    packages
}

fn is_probably_there(purpose: Purpose) -> bool {
    match purpose {
        Purpose::Build if cfg!(target_os = "linux") => {
            shell::which("cc").is_some() && cmd("pkg-config").args(["--exists", "webkit2gtk-4.1"]).succeeds()
        }
        Purpose::Build if cfg!(target_os = "macos") => cmd("xcode-select").arg("-p").succeeds(),
        Purpose::Build => true,
        Purpose::Node => shell::which("npm").is_some(),
        Purpose::Test => shell::absent(&["Xvfb", "WebKitWebDriver", "dbus-run-session"]).is_empty(),
        Purpose::Icons => shell::which("rsvg-convert").is_some(),
    }
}
