//! One program a home: a second start raises the window of the first and ends.
//!
//! The program that holds the history listens on a port of the loopback address, and writes the port with a token into
//! a file that only its user can read. Whoever sends the token has the window raised, and is answered with a second token,
//! so that a program that happens to listen there after a kill is not taken for ours. Files and sockets are the same on
//! every system; a name on a bus would be taken by another home's program. The token keeps other users' programs out.

use crate::home::Home;
use crate::life::{Wish, Wishes};
use crate::platform::{Here, Platform as _};
use anyhow::Context as _;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long the other program may take. It answers at once unless it hangs, and then its window must be told of
/// instead.
const PATIENCE: Duration = Duration::from_secs(2);

/// A token in hexadecimal digits: 128 random bits.
const TOKEN: usize = 32;

/// How many may be heard at a time. More come from no person.
const HEARD: usize = 8;

/// Asks the program that runs with this home for its window. `false`: there is none, or it does not answer.
pub(crate) fn raise(home: &Home) -> bool {
    ask(&home.instance()).is_ok()
}

fn ask(file: &Path) -> anyhow::Result<()> {
    let mut text = String::new();
    // What we wrote is shorter; somebody else's file is not read whole.
    File::open(file)?.take(128).read_to_string(&mut text)?;
    let mut words = text.split_whitespace();
    let port = words.next().context("no port")?;
    let token = words.next().context("no token")?;
    let wanted = words.next().filter(|answer| answer.len() == TOKEN).context("no answer to expect")?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse::<u16>()?));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(token.as_bytes())?;
    let mut answer = [0; TOKEN];
    stream.read_exact(&mut answer)?;
    anyhow::ensure!(answer == wanted.as_bytes(), "another program listens there");
    Ok(())
}

/// Listens for second starts until the program ends.
pub(crate) async fn listen(file: &Path, wishes: Wishes) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let [token, answer] = [(); 2].map(|()| format!("{:0TOKEN$x}", rand::random::<u128>()));
    write(file, &format!("{} {token} {answer}\n", listener.local_addr()?.port()))?;
    let tokens = Arc::new([token, answer]);
    tauri::async_runtime::spawn(async move {
        let heard = Arc::new(Semaphore::new(HEARD));
        loop {
            let accepted = listener.accept().await;
            // Who holds its connection open and says nothing must not keep the others waiting.
            match (accepted, Arc::clone(&heard).try_acquire_owned()) {
                (Ok((stream, _)), Ok(turn)) => {
                    let (tokens, wishes) = (Arc::clone(&tokens), wishes.clone());
                    tauri::async_runtime::spawn(async move {
                        let _ = tokio::time::timeout(PATIENCE, hear(stream, turn, &tokens, &wishes)).await;
                    });
                }
                (Ok(_), Err(_)) => {}
                // The program is out of files for now.
                (Err(_), _) => tokio::time::sleep(PATIENCE).await,
            }
        }
    });
    Ok(())
}

async fn hear(
    mut stream: tokio::net::TcpStream,
    turn: OwnedSemaphorePermit,
    tokens: &[String; 2],
    wishes: &Wishes,
) -> std::io::Result<()> {
    let [token, answer] = tokens;
    let mut given = [0; TOKEN];
    let heard = stream.read_exact(&mut given).await;
    // Before the other side learns anything: who was answered may ask again at once, and finds the turn free.
    drop(turn);
    heard?;
    if given == token.as_bytes() {
        wishes.send(Wish::Open);
        stream.write_all(answer.as_bytes()).await?;
    }
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
        let words: Vec<&str> = text.split_whitespace().collect();
        let (port, token, answer) = (words[0], words[1], words[2]);
        let wrong = "0".repeat(TOKEN);
        let forged = folder.path().join("forged");
        std::fs::write(&forged, format!("{port} {wrong} {answer}\n")).unwrap();
        let asked = forged.clone();
        assert!(tokio::task::spawn_blocking(move || ask(&asked)).await.unwrap().is_err());
        assert!(wished.try_recv().is_err(), "a wrong token raises nothing");

        std::fs::write(&forged, format!("{port} {token} {wrong}\n")).unwrap();
        let asked = forged.clone();
        let taken = tokio::task::spawn_blocking(move || ask(&asked)).await.unwrap();
        assert!(taken.is_err(), "who does not know the answer is not ours");
        assert!(matches!(wished.recv().await, Some(Wish::Open)));

        // Those who say nothing keep nobody waiting.
        let silent: Vec<_> = (1..HEARD)
            .map(|_| TcpStream::connect(("127.0.0.1", port.parse::<u16>().unwrap())).unwrap())
            .collect();
        tokio::task::spawn_blocking(move || ask(&file)).await.unwrap().unwrap();
        assert!(matches!(wished.recv().await, Some(Wish::Open)));
        drop(silent);
    }

    #[test]
    fn a_file_that_a_killed_program_left_raises_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("instance");
        let free =
            std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        for left in
            [format!("{free} {0} {0}\n", "a".repeat(TOKEN)), String::new(), "x y".into(), "\u{0}".repeat(199)]
        {
            std::fs::write(&file, &left).unwrap();
            assert!(ask(&file).is_err(), "{left:?}");
        }
    }
}
