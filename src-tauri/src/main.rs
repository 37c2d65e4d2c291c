//! The app: the only Rust that may name `tauri`. Translates commands, spawns, emits; decides nothing about chat.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod calendar;
mod cli;
mod commands;
mod desktop;
mod diagnose;
mod export;
mod home;
mod instance;
mod keyring;
mod life;
mod mark;
mod parlour;
mod place;
mod platform;
mod pulse;
mod start;
mod tray;
mod wakes;
mod window;

use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if let Some(code) = cli::Request::read(&arguments).answer() {
        return code;
    }
    let filter = EnvFilter::try_from_env("WHINCHAT_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match start::run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // The last word of a program that cannot even open a window.
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
