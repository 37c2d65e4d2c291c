//! The lounge as a program of its own: `cargo run -p lounge [-- --listen ADDRESS:PORT]`.

use anyhow::{Context, bail};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Where it listens when nothing else is asked for: on this computer only.
const DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7007);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let Some(address) = read_arguments(std::env::args().skip(1))? else {
        println!("usage: lounge [--listen ADDRESS:PORT]   (default {DEFAULT})");
        return Ok(());
    };
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let address = listener.local_addr()?;
    println!("ws://{address}{}   answers each message", lounge::ECHO_PATH);
    println!("ws://{address}{}   says each message to everyone", lounge::ROOM_PATH);
    let cancel = CancellationToken::new();
    let asked = cancel.clone();
    tokio::spawn(async move {
        if let Err(error) = asked_to_end().await {
            tracing::error!(%error, "signals");
        }
        asked.cancel();
    });
    lounge::serve(listener, cancel).await;
    Ok(())
}

/// Where to listen; `None`: help was asked for.
fn read_arguments(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Option<SocketAddr>> {
    let mut address = DEFAULT;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--listen" => {
                let value = arguments.next().context("--listen needs ADDRESS:PORT")?;
                address = value.parse().with_context(|| format!("{value:?} is not ADDRESS:PORT"))?;
            }
            "--help" | "-h" => return Ok(None),
            other => bail!("unknown argument {other:?}"),
        }
    }
    Ok(Some(address))
}

/// Returns on Ctrl-C, and where there is such a thing, on SIGTERM.
async fn asked_to_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = term.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
