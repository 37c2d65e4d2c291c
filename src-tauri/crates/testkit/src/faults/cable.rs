//! A cable between two network namespaces, one for a client and one for its server, that can be pulled at either end.
//!
//! Needs root and `ip` and `tc` of iproute2. Every name holds the id of the process that made it, so that [`sweep`] takes away exactly
//! what a killed process left. Addresses are used in these namespaces only. The client's namespace has a `hosts` and a
//! `resolv.conf` of its own (`ip netns exec` puts them in the place of the system's), so that a name can be lost.

use anyhow::{Context, Result, bail};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What every name of ours begins with.
const PREFIX: &str = "whinchat-cable-";

/// Where `ip netns exec` looks for files to put over those of `/etc`.
const ETC: &str = "/etc/netns";

const NEAR: Ipv4Addr = Ipv4Addr::new(10, 213, 0, 1);
const FAR: Ipv4Addr = Ipv4Addr::new(10, 213, 0, 2);

/// The name of the server, as long as it is known.
pub const NAME: &str = "server.whinchat.test";

/// Which end of the cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plug {
    /// The client's: its system knows at once that there is no way.
    Near,
    /// The server's: the client's system is told nothing but that the carrier is gone.
    Far,
}

/// The cable. Taken away with this value.
#[derive(Debug)]
pub struct Cable {
    near: String,
    far: String,
}

impl Cable {
    /// Makes the two namespaces of this process's `number`th cable, and joins them.
    ///
    /// # Errors
    /// When the system does not let us: it takes root.
    pub fn new(number: usize) -> Result<Self> {
        let own = std::process::id();
        let cable =
            Self { near: format!("{PREFIX}{own}-{number}-a"), far: format!("{PREFIX}{own}-{number}-b") };
        ip(&["netns", "add", &cable.near])?;
        ip(&["netns", "add", &cable.far])?;
        let (near, far) = (cable.near.as_str(), cable.far.as_str());
        ip(&["link", "add", "cable", "netns", near, "type", "veth", "peer", "name", "cable", "netns", far])?;
        for (space, address) in [(near, NEAR), (far, FAR)] {
            ip(&["-n", space, "addr", "add", &format!("{address}/30"), "dev", "cable"])?;
            ip(&["-n", space, "link", "set", "lo", "up"])?;
            ip(&["-n", space, "link", "set", "cable", "up"])?;
        }
        fs::create_dir_all(cable.etc())?;
        // Nobody listens there: a name that is not in `hosts` is not known, and that is said at once.
        fs::write(cable.etc().join("resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")?;
        fs::write(cable.etc().join("hosts"), hosts(true))?;
        Ok(cable)
    }

    /// The cable that another process made and keeps.
    #[must_use]
    pub fn borrowed(near: String, far: String) -> Borrowed {
        Borrowed { near, far }
    }

    /// The namespaces: the client's and the server's.
    #[must_use]
    pub fn spaces(&self) -> (&str, &str) {
        (&self.near, &self.far)
    }

    fn etc(&self) -> PathBuf {
        Path::new(ETC).join(&self.near)
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        remove(&self.near);
        remove(&self.far);
    }
}

/// The cable in the hands of a process that runs in the client's namespace.
#[derive(Clone, Debug)]
pub struct Borrowed {
    near: String,
    far: String,
}

impl Borrowed {
    /// Where a server in the far namespace is reached.
    #[must_use]
    pub fn server(port: u16) -> SocketAddr {
        (FAR, port).into()
    }

    /// Pulls one end.
    ///
    /// # Errors
    /// When `ip` fails.
    pub fn pull(&self, plug: Plug) -> Result<()> {
        self.set(plug, "down")
    }

    /// Plugs both ends in.
    ///
    /// # Errors
    /// When `ip` fails.
    pub fn plug_in(&self) -> Result<()> {
        self.set(Plug::Far, "up")?;
        self.set(Plug::Near, "up")
    }

    /// Lets so many bits a second through each way; `None`: all.
    ///
    /// # Errors
    /// When `tc` fails.
    pub fn throttle(&self, kbit: Option<u32>) -> Result<()> {
        for space in [&self.near, &self.far] {
            match kbit {
                Some(kbit) => {
                    let rate = format!("{kbit}kbit");
                    run(
                        "tc",
                        &[
                            "-n", space, "qdisc", "replace", "dev", "cable", "root", "tbf", "rate", &rate,
                            "burst", "2kb", "latency", "10s",
                        ],
                    )?;
                }
                None => {
                    let _ = run("tc", &["-n", space, "qdisc", "del", "dev", "cable", "root"]);
                }
            }
        }
        Ok(())
    }

    /// The name of the server is known, or not. Only a process that `ip netns exec` started sees it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn name(&self, known: Known) -> Result<()> {
        // Written in place: another file under the same name would not be the one that is seen.
        let path = Path::new(ETC).join(&self.near).join("hosts");
        fs::write(&path, hosts(known == Known::Yes)).with_context(|| path.display().to_string())
    }

    /// The command that runs a program in the server's namespace.
    #[must_use]
    pub fn beyond(&self, program: &Path) -> Command {
        inside(&self.far, program)
    }

    fn set(&self, plug: Plug, state: &str) -> Result<()> {
        let space = match plug {
            Plug::Near => &self.near,
            Plug::Far => &self.far,
        };
        ip(&["-n", space, "link", "set", "cable", state])
    }
}

/// Whether a name is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It has an address.
    Yes,
    /// Nobody knows it.
    No,
}

/// The command that runs a program in a namespace.
#[must_use]
pub fn inside(space: &str, program: &Path) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", space]).arg(program);
    command
}

/// Takes away what processes that are gone have left.
pub fn sweep() {
    let Ok(spaces) = fs::read_dir("/run/netns") else { return };
    for space in spaces.flatten() {
        let name = space.file_name().to_string_lossy().into_owned();
        let maker = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if let Some(maker) = maker.and_then(|maker| maker.parse::<u32>().ok())
            && !Path::new("/proc").join(maker.to_string()).exists()
        {
            remove(&name);
        }
    }
}

fn remove(space: &str) {
    let _ = ip(&["netns", "del", space]);
    let _ = fs::remove_dir_all(Path::new(ETC).join(space));
}

fn hosts(known: bool) -> String {
    let line = if known { format!("{FAR} {NAME}\n") } else { String::new() };
    format!("127.0.0.1 localhost\n{line}")
}

fn ip(arguments: &[&str]) -> Result<()> {
    run("ip", arguments)
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{program} does not start (iproute2)"))?;
    if !output.status.success() {
        bail!("{program} {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
