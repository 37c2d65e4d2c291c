//! `stage line RECORD`: the numbering room behind the fault proxy. Each word on the input (`whole`, `dead`, `cut`)
//! becomes the state of the line, and is repeated once it is so.
//!
//! `stage flood RATE SECONDS`: once a client says something, so many messages a second for so long; then it says how
//! many milliseconds that took, and repeats what it is told.
//!
//! `stage faults`: a server for each way in which a connection goes wrong, and a good one.
//!
//! `stage replay FILE`: plays an exported transcript into the plain adapter, and prints what comes of it as JSON.
//!
//! Each prints one line of JSON with its addresses, and ends with its input: what the end-to-end tests stand on.

use anyhow::{Context, Result, bail};
use domain::AccountConfig;
use proto::{Opening, transcript};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use testkit::faults::{FaultProxy, Line, room};
use testkit::server::{Authority, Kind, Peer, Server, What, scripts};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// How often the room says something of its own: seldom, so that a person could read along.
const TICK: Duration = Duration::from_secs(3600);

/// What a server that is busy asks for.
const RETRY_AFTER: &str = "Retry-After: 90\r\n";

/// Whoever has it is let in.
const TOKEN: &str = "open-sesame-7d1f";

/// A flood comes in so many waves a second.
const WAVES: u32 = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["line", record] => line(PathBuf::from(record)).await,
        ["flood", rate, seconds] => flood(rate, seconds).await,
        ["faults"] => faults().await,
        ["replay", file] => replay(Path::new(file)),
        _ => Err(anyhow::anyhow!("usage: stage line RECORD | flood RATE SECONDS | faults | replay FILE")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stage: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn line(record: PathBuf) -> Result<()> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let (_close, closing) = watch::channel(0);
    let served = tokio::spawn(async move { room::serve(address, &record, TICK, closing).await });
    let proxy = FaultProxy::start(address, 0).await?;
    println!("{}", json!({ "url": format!("ws://{}/", proxy.address()) }));
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    while let Some(word) = input.next_line().await? {
        let line = match word.as_str() {
            "whole" => Line::Whole,
            "dead" => Line::Dead,
            "cut" => Line::Cut,
            _ => bail!("a line cannot be {word:?}"),
        };
        proxy.set(line).await;
        println!("{word}");
    }
    served.abort();
    Ok(())
}

async fn flood(rate: &str, seconds: &str) -> Result<()> {
    let rate: u32 = rate.parse().context("RATE")?;
    let seconds: u32 = seconds.parse().context("SECONDS")?;
    let server = Server::start(move |peer| pour(peer, rate, seconds)).await?;
    println!("{}", json!({ "url": server.url() }));
    until_the_input_ends().await
}

/// What is late is made up for, so that the rate is kept where the client takes it.
async fn pour(mut peer: Peer, rate: u32, seconds: u32) -> std::io::Result<()> {
    peer.accept().await?;
    let Some(What::Text(first)) = peer.message().await? else { return Ok(()) };
    peer.text(&first).await?;
    let begin = Instant::now();
    for wave in 0..seconds * WAVES {
        sleep_until(begin + Duration::from_secs(1) * wave / WAVES).await;
        let size = u64::from(rate / WAVES);
        peer.flood(u64::from(wave) * size..u64::from(wave + 1) * size).await?;
    }
    peer.text(&format!("the flood is over after {} ms", begin.elapsed().as_millis())).await?;
    while let Some(what) = peer.message().await? {
        if let What::Text(text) = what {
            peer.text(&text).await?;
        }
    }
    Ok(())
}

async fn faults() -> Result<()> {
    let authority = Authority::new()?;
    let good = Server::start(scripts::echo).await?;
    let silent = Server::start(scripts::die_after_accept).await?;
    let expired = Server::start_tls(&authority.identity(Kind::Expired)?, scripts::echo).await?;
    let self_signed = Server::start_tls(&authority.identity(Kind::SelfSigned)?, scripts::echo).await?;
    let unauthorized = Server::start(|mut peer: Peer| async move {
        let challenge = "WWW-Authenticate: Basic realm=\"the members\"\r\n";
        peer.refuse("401 Unauthorized", challenge, "members only").await
    })
    .await?;
    let busy = Server::start(|mut peer: Peer| async move {
        peer.refuse("503 Service Unavailable", RETRY_AFTER, "back after lunch").await
    })
    .await?;
    let returning = Server::start(|mut peer: Peer| async move {
        if peer.number() == 1 {
            return peer.refuse("503 Service Unavailable", RETRY_AFTER, "back after lunch").await;
        }
        scripts::echo(peer).await
    })
    .await?;
    let guarded = Server::start(guarded).await?;
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let urls = json!({
        "good": good.url(),
        "silent": silent.url(),
        "expired": expired.url(),
        "unauthorized": unauthorized.url(),
        "busy": busy.url(),
        "returning": returning.url(),
        "guarded": guarded.url(),
        "selfSigned": self_signed.url(),
        "port": format!("ws://127.0.0.1:{nobody}/"),
        "host": "ws://nobody.invalid/",
        "token": TOKEN,
    });
    println!("{urls}");
    until_the_input_ends().await
}

/// Repeats what those say who come with the token.
async fn guarded(mut peer: Peer) -> std::io::Result<()> {
    let head = peer.request().await?;
    if !head.to_ascii_lowercase().contains(&format!("authorization: bearer {TOKEN}\r\n")) {
        return peer.raw("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n").await;
    }
    peer.raw(peer.acceptance(&head, "")).await?;
    while let Some(what) = peer.message().await? {
        if let What::Text(text) = what {
            peer.text(&text).await?;
        }
    }
    Ok(())
}

fn replay(file: &Path) -> Result<()> {
    let text = std::fs::read_to_string(file)?;
    let steps = transcript::read(&text)?;
    let opening =
        Opening { config: &AccountConfig::default(), secret: None, resume: None, entrusted: None, seed: 0 };
    let protocol =
        proto::ALL.iter().find(|protocol| protocol.descriptor().id == "plain").context("no plain")?;
    let played = transcript::replay(protocol.open(opening).as_mut(), &steps)?;
    println!("{}", json!({ "played": played }));
    Ok(())
}

async fn until_the_input_ends() -> Result<()> {
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    while input.next_line().await?.is_some() {}
    Ok(())
}
