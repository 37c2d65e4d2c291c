//! `archive LOG PORT [plain]`: the chat server that keeps a history, or the plain one, on 127.0.0.1. Says `ready` on
//! standard output once it listens, and serves until it is killed, or whoever started it is gone and its standard input
//! ends.

use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use testkit::archive::{Mode, serve};
use tokio::net::TcpListener;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("archive: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(worker_threads = 1)]
async fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (log, port, mode) = match arguments.as_slice() {
        [log, port] => (log, port, Mode::Archive),
        [log, port, mode] if mode == "plain" => (log, port, Mode::Plain),
        _ => bail!("usage: archive LOG PORT [plain]"),
    };
    let port: u16 = port.parse().with_context(|| format!("{port:?} is no port"))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("ready");
    std::io::stdout().flush()?;
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    serve(listener, Path::new(log), mode).await
}
