//! One program a home: a second start raises the window of the first and ends.
//!
//! The program that holds the history listens on a port of the loopback address, and writes the port with a token into
//! a file that only its user can read. Whoever sends the token has the window raised. Files and sockets are the same on
//! every system; a name on a bus would be taken by another home's program. The token keeps other users' programs out.

use crate::home::Home;
use crate::life::{Wish, Wishes};
use crate::platform::{Here, Platform as _};
use anyhow::Context as _;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What is answered to the right token.
const RAISED: &[u8; 7] = b"raised\n";

/// How long the other program may take. It answers at once unless it hangs, and then its window must be told of
/// instead.
const PATIENCE: Duration = Duration::from_secs(2);

/// A token in hexadecimal digits: 128 random bits.
const TOKEN: usize = 32;

/// Asks the program that runs with this home for its window. `false`: there is none, or it does not answer.
pub(crate) fn raise(home: &Home) -> bool {
    ask(&home.instance()).is_ok()
}

fn ask(file: &Path) -> anyhow::Result<()> {
    let mut text = String::new();
    // What we wrote is shorter; somebody else's file is not read whole.
    File::open(file)?.take(64).read_to_string(&mut text)?;
    let (port, token) = text.trim().split_once(' ').context("no port and token")?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse::<u16>()?));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(token.as_bytes())?;
    let mut answer = [0; RAISED.len()];
    stream.read_exact(&mut answer)?;
    anyhow::ensure!(answer == *RAISED, "another program listens there");
    Ok(())
}

/// Listens for second starts until the program ends.
pub(crate) async fn listen(file: &Path, wishes: Wishes) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let token = format!("{:0TOKEN$x}", rand::random::<u128>());
    write(file, &format!("{} {token}\n", listener.local_addr()?.port()))?;
    tauri::async_runtime::spawn(async move {
        // One at a time: they come from a person's clicks, and each has two seconds.
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut given = [0; TOKEN];
            let heard = tokio::time::timeout(PATIENCE, stream.read_exact(&mut given)).await;
            if matches!(heard, Ok(Ok(_))) && given == token.as_bytes() {
                wishes.send(Wish::Open);
                let _ = tokio::time::timeout(PATIENCE, stream.write_all(RAISED)).await;
            }
        }
    });
    Ok(())
}

/// Writes the file in one step, for its owner's eyes only.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let half = file.with_extension("new");
    let _ = std::fs::remove_file(&half);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    Here::private(&mut options);
    options.open(&half)?.write_all(text.as_bytes())?;
    std::fs::rename(&half, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::life::wishes;

    #[tokio::test]
    async fn a_second_start_raises_the_first_and_nobody_else_can() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("instance");
        assert!(ask(&file).is_err(), "nobody runs");
        let (sender, mut wished) = wishes();
        listen(&file, sender).await.unwrap();
        let asked = file.clone();
        tokio::task::spawn_blocking(move || ask(&asked)).await.unwrap().unwrap();
        assert!(matches!(wished.recv().await, Some(Wish::Open)));

        let text = std::fs::read_to_string(&file).unwrap();
        let (port, _) = text.split_once(' ').unwrap();
        let forged = folder.path().join("forged");
        std::fs::write(&forged, format!("{port} {}\n", "0".repeat(TOKEN))).unwrap();
        assert!(tokio::task::spawn_blocking(move || ask(&forged)).await.unwrap().is_err());
        assert!(wished.try_recv().is_err(), "a wrong token raises nothing");
    }

    #[test]
    fn a_file_that_a_killed_program_left_raises_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("instance");
        let free =
            std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        for left in
            [format!("{free} {}\n", "a".repeat(TOKEN)), String::new(), "x y".into(), "\u{0}".repeat(99)]
        {
            std::fs::write(&file, &left).unwrap();
            assert!(ask(&file).is_err(), "{left:?}");
        }
    }
}
