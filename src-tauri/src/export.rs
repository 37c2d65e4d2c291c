//! Writes an account's frames to a file of the user's, for nobody else's eyes, and nowhere else.

use crate::calendar::stamp;
use crate::desktop::now;
use crate::platform::{Here, Platform as _};
use domain::AccountId;
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

#[cfg(test)]
mod tests {
    use super::*;

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
