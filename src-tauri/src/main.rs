//! The app: the only Rust that may name `tauri`. Translates commands, spawns, emits; decides nothing about chat.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod desktop;
mod home;
mod parlour;
mod window;

use anyhow::Context as _;
use engine::contract::Fault;
use engine::{Handle, Setup, Timing};
use home::Home;
use parlour::Parlour;
use std::process::ExitCode;
use std::sync::Arc;
use tauri::{AppHandle, Manager, RunEvent};
use tracing_subscriber::EnvFilter;

/// What the commands reach: the engine, or why there is none.
struct Core {
    engine: Result<Handle, Fault>,
    parlour: Parlour,
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("WHINCHAT_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The last word of a program that cannot even open a window.
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let home = Home::find()?;
    let app = tauri::Builder::default()
        .invoke_handler(commands::all())
        .setup(move |app| {
            let core = tauri::async_runtime::block_on(open(app.handle(), &home));
            app.manage(core);
            window::open(app.handle(), &home)?;
            Ok(())
        })
        .build(tauri::generate_context!())
        .context("starting the window system")?;
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            tauri::async_runtime::block_on(end(app));
        }
    });
    Ok(())
}

/// Opens the engine, then the lounge where it was joined, then the connections.
async fn open(app: &AppHandle, home: &Home) -> Core {
    let parlour = Parlour::default();
    let engine = match engine::platform_tls() {
        Err(error) => Err(Fault { code: engine::contract::Code::Unusable, text: error.to_string() }),
        Ok(tls) => {
            let host = Arc::new(desktop::Desktop::new(app.clone()));
            let timing = Timing::default();
            engine::open(Setup {
                path: home.history(),
                host,
                protocols: engine::PROTOCOLS,
                tls,
                timing,
                clock: desktop::now,
            })
            .await
        }
    };
    if let Ok(engine) = &engine {
        parlour.reopen(engine).await;
        engine.connect_all().await;
    }
    Core { engine, parlour }
}

async fn end(app: &AppHandle) {
    let core = app.state::<Core>();
    if let Ok(engine) = &core.engine {
        engine.shutdown().await;
    }
    core.parlour.close().await;
}
