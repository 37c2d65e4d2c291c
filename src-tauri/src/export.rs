//! Writes an account's frames to a file of the user's, for nobody else's eyes, and nowhere else.

use crate::desktop::now;
use crate::platform::{Here, Platform as _};
use domain::{AccountId, Timestamp};
use engine::Handle;
use engine::contract::{Code, Fault};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// How much of an account's name stands in the name of a file.
const NAME: usize = 40;

/// How many exports of one account may fall into one second.
const TRIES: u32 = 100;

/// Writes the frames that are kept of an account into `folder`, as a transcript. Gives the file.
///
/// # Errors
/// There is no such account, or the disk does not take it.
pub(crate) async fn frames(engine: &Handle, folder: &Path, account: AccountId) -> Result<String, Fault> {
    let sidebar = engine.sidebar().await?;
    let view = sidebar.accounts.into_iter().find(|view| view.account.id == account);
    let view = view.ok_or_else(|| Fault { code: Code::Gone, text: "there is no such account".to_owned() })?;
    let stem = format!("whinchat-{}-{}", plain(&view.label), stamp(now()));
    let (text, folder) = (engine.transcript(account), folder.to_owned());
    let written = tauri::async_runtime::spawn_blocking(move || write(&folder, &stem, &text)).await;
    let written = written.map_err(|error| Fault { code: Code::Internal, text: error.to_string() })?;
    let path = written.map_err(|error| Fault { code: Code::Disk, text: error.to_string() })?;
    Ok(path.display().to_string())
}

/// Never over a file that is there.
fn write(folder: &Path, stem: &str, text: &str) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let mut last = std::io::Error::other("no name was tried");
    for n in 1..=TRIES {
        let name = if n == 1 { format!("{stem}.txt") } else { format!("{stem}-{n}.txt") };
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        Here::private(&mut options);
        match options.open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// What every file system takes.
fn plain(label: &str) -> String {
    let plain = label.chars().map(|char| if char.is_alphanumeric() { char } else { '-' });
    plain.take(NAME).collect::<String>().trim_matches('-').to_owned()
}

/// `2026-11-24-143800`, UTC.
fn stamp(at: Timestamp) -> String {
    let seconds = at.0.div_euclid(1000);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days of the proleptic Gregorian calendar, its year begun in March, in eras of 400 years.
    let (era, day) = ((days + 719_468).div_euclid(146_097), (days + 719_468).rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}-{hour:02}{minute:02}{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_the_date_and_the_time() {
        for (seconds, text) in [
            (0, "1970-01-01-000000"),
            (951_782_399, "2000-02-28-235959"),
            (951_782_400, "2000-02-29-000000"),
            (1_795_531_080, "2026-11-24-143800"),
        ] {
            assert_eq!(stamp(Timestamp(seconds * 1000)), text);
        }
    }

    #[test]
    fn a_name_cannot_leave_the_folder_and_no_file_is_written_over() {
        assert_eq!(plain("../../etc/passwd"), "etc-passwd");
        assert_eq!(plain("你好 chat.example:80"), "你好-chat-example-80");
        let folder = std::env::temp_dir().join(format!("whinchat-export-{}", std::process::id()));
        let paths: Vec<_> = (0..3).map(|n| write(&folder, "a", &n.to_string()).unwrap()).collect();
        let texts: Vec<_> = paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
        assert_eq!(texts, ["0", "1", "2"]);
        #[cfg(unix)]
        for path in &paths {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = path.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "what was said is for its owner's eyes only");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
