//! `fill HOME COUNT`: adds an account with COUNT messages to the data folder HOME and prints its ids as JSON.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use domain::Timestamp;
use serde_json::json;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fill: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [home, count] = arguments.as_slice() else { bail!("usage: fill HOME COUNT") };
    let count = count.parse().with_context(|| format!("{count:?} is no count"))?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let now = Timestamp(i64::try_from(since.as_millis())?);
    let filled = testkit::fill::fill(&PathBuf::from(home), count, now)?;
    println!("{}", json!({ "account": filled.account.0, "conversation": filled.conversation.0 }));
    Ok(())
}
