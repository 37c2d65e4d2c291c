//! `stage line RECORD`: the numbering room behind the fault proxy. Each word on the input (`whole`, `dead`, `cut`)
//! becomes the state of the line, and is repeated once it is so.
//!
//! `stage flood RATE SECONDS`: once a client says something, so many messages a second for so long; then it repeats
//! what it is told.
//!
//! `stage faults`: a server for each way in which a connection goes wrong, and a good one.
//!
//! Each prints one line of JSON with its addresses, and ends with its input: what the end-to-end tests stand on.

use anyhow::{Context, Result, bail};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use testkit::faults::{FaultProxy, Line, room};
use testkit::server::{Authority, Kind, Peer, Server, What, scripts};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// How often the room says something of its own: seldom, so that a person could read along.
const TICK: Duration = Duration::from_secs(3600);

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
        _ => Err(anyhow::anyhow!("usage: stage line RECORD | flood RATE SECONDS | faults")),
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
        peer.flood(u64::from(rate / WAVES)).await?;
    }
    peer.text("the flood is over").await?;
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
    let unauthorized = Server::start(|mut peer: Peer| async move {
        let challenge = "WWW-Authenticate: Basic realm=\"the members\"\r\n";
        peer.refuse("401 Unauthorized", challenge, "members only").await
    })
    .await?;
    let busy = Server::start(|mut peer: Peer| async move {
        peer.refuse("503 Service Unavailable", "Retry-After: 90\r\n", "back after lunch").await
    })
    .await?;
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let urls = json!({
        "good": good.url(),
        "silent": silent.url(),
        "expired": expired.url(),
        "unauthorized": unauthorized.url(),
        "busy": busy.url(),
        "port": format!("ws://127.0.0.1:{nobody}/"),
        "host": "ws://nobody.invalid/",
    });
    println!("{urls}");
    until_the_input_ends().await
}

async fn until_the_input_ends() -> Result<()> {
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    while input.next_line().await?.is_some() {}
    Ok(())
}
