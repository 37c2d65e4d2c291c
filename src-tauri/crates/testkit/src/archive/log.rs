//! A log of one JSON value a line, which outlives a kill of its writer.

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// The end of a log.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
}

impl Log {
    /// Opens a log to write on, and reads what it holds. A last line that a kill has cut short was never answered, and
    /// is taken away.
    pub(super) fn open<T: DeserializeOwned>(path: &Path) -> Result<(Self, Vec<T>)> {
        let values = read(path)?;
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.set_len(whole(path)?.len() as u64)?;
        Ok((Self { file }, values))
    }

    /// Writes a value and waits for the disk.
    pub(super) fn append(&mut self, value: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        Ok(self.file.sync_data()?)
    }
}

/// Every whole line of a log; none, where there is no log.
///
/// # Errors
/// It cannot be read, or holds something else.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = whole(path)?;
    let lines = text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("log: {line}")));
    lines.collect()
}

fn whole(path: &Path) -> Result<String> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    Ok(String::from_utf8(bytes.into_iter().take(end).collect())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_a_kill_cut_short_is_not_there_and_does_not_spoil_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert!(read::<u32>(&path).unwrap().is_empty());
        std::fs::write(&path, "1\n2\n3").unwrap();
        assert_eq!(read::<u32>(&path).unwrap(), [1, 2]);
        let (mut log, values) = Log::open::<u32>(&path).unwrap();
        assert_eq!(values, [1, 2]);
        log.append(&4).unwrap();
        assert_eq!(read::<u32>(&path).unwrap(), [1, 2, 4]);
    }
}
