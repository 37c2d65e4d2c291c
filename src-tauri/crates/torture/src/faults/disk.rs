//! The disk of a schedule, which can be filled.

use anyhow::Result;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The size of the disk: what the history of a schedule takes, several times.
const DISK: &str = "size=48m";

/// Where the history lies: a small disk of its own where we may mount one.
pub(super) struct Disk {
    folder: TempDir,
    mounted: bool,
}

impl Disk {
    /// In the mount namespace that `ip netns exec` made, so that nobody else sees it and it goes with the lane.
    pub(super) fn new(mounted: bool) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        if mounted {
            let done = Command::new("mount")
                .args(["-t", "tmpfs", "-o", DISK, "tmpfs"])
                .arg(folder.path())
                .status()?;
            anyhow::ensure!(done.success(), "a small disk cannot be mounted");
        }
        Ok(Self { folder, mounted })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    /// To the last byte.
    pub(super) fn fill(&self) -> Result<()> {
        let mut file = fs::File::create(self.filler())?;
        for size in [256 * 1024, 4096, 1] {
            let block = vec![0; size];
            while file.write_all(&block).is_ok() {}
        }
        Ok(())
    }

    pub(super) fn empty(&self) -> Result<()> {
        Ok(fs::remove_file(self.filler())?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
        }
    }
}
