//! The start and the end of the program: opens what there is, ties it together, and closes it again.

use crate::desktop::{self, Desktop};
use crate::home::Home;
use crate::keyring::DesktopKeyring;
use crate::life::{self, Life, Wish, Wishes};
use crate::parlour::Parlour;
use crate::platform::{Here, Platform as _};
use crate::{commands, instance, pulse, tray, wakes, window};
use anyhow::Context as _;
use engine::contract::{Code, Fault};
use engine::{Handle, Recording, Setup, Timing};
use std::path::PathBuf;
use std::sync::Arc;
use tauri::async_runtime::{block_on, spawn};
use tauri::{AppHandle, Manager, RunEvent};
use tokio::sync::{Notify, mpsc, watch};

/// What the commands reach: the engine, or why there is none.
pub(crate) struct Core {
    pub(crate) engine: Result<Handle, Fault>,
    pub(crate) parlour: Parlour,
    pub(crate) wishes: Wishes,
    /// Where the user finds what was exported.
    pub(crate) exports: PathBuf,
}

/// Runs the app until it ends; with which code.
///
/// # Errors
/// There is no folder for the files, or no window system.
pub(crate) fn run() -> anyhow::Result<u8> {
    let home = Home::find()?;
    if instance::raise(&home) {
        return Ok(0);
    }
    let (wishes, wished) = life::wishes();
    // Heard from the first instant of the window: a user may close it before the page is there.
    let happened = wishes.clone();
    let app = tauri::Builder::default()
        .invoke_handler(commands::all())
        .on_window_event(move |_, event| window::happens(event, &happened))
        .setup(move |app| Ok(block_on(begin(app.handle(), home, wishes, wished))?))
        .build(tauri::generate_context!())
        .context("starting the window system")?;
    let code = app.run_return(|app, event| {
        if let RunEvent::ExitRequested { code: None, api, .. } = &event {
            // The program's life does not hang on its window: who ends it says so with a code.
            api.prevent_exit();
            app.state::<Core>().wishes.send(Wish::Gone);
        }
        if let RunEvent::Exit = event {
            block_on(end(app));
        }
    });
    Ok(u8::try_from(code).unwrap_or(1))
}

/// Opens the engine, then the lounge where it was joined, then the connections, then the window.
async fn begin(
    app: &AppHandle,
    home: Home,
    wishes: Wishes,
    wished: mpsc::Receiver<Wish>,
) -> tauri::Result<()> {
    let asked = app.clone();
    spawn(async move {
        Here::asked_to_end().await;
        asked.exit(0);
    });
    let (desktop, notices) = Desktop::new(app.clone());
    let desktop = Arc::new(desktop);
    let parlour = Parlour::default();
    let engine = open(&home, &desktop).await;
    if let Ok(engine) = &engine {
        if let Err(error) = instance::listen(&home.instance(), wishes.clone()).await {
            tracing::warn!(%error, "a second start will not find this one");
        }
        parlour.reopen(engine).await;
        engine.connect_all().await;
        watch_around(app, engine, &desktop, &wishes);
        spawn(Here::notify(notices, wishes.clone()));
    }
    let known = engine.as_ref().ok().cloned();
    app.manage(Core { engine, parlour, wishes: wishes.clone(), exports: home.exports() });
    let life = Life::new(app.clone(), home, known, desktop, wishes.clone());
    life.begin().await?;
    spawn(life.run(wished));
    spawn(pulse::watch(app.clone(), wishes));
    Ok(())
}

async fn open(home: &Home, desktop: &Arc<Desktop>) -> Result<Handle, Fault> {
    let tls =
        engine::platform_tls().map_err(|error| Fault { code: Code::Unusable, text: error.to_string() })?;
    engine::open(Setup {
        path: home.history(),
        host: desktop.clone(),
        keyring: Arc::new(DesktopKeyring::new(home.own())),
        protocols: engine::PROTOCOLS,
        tls,
        timing: Timing::default(),
        recording: Recording::On,
        clock: desktop::now,
    })
    .await
}

/// Starts what watches the computer around the engine: tray, sleep, network.
fn watch_around(app: &AppHandle, engine: &Handle, desktop: &Arc<Desktop>, wishes: &Wishes) {
    let (faces, shown) = watch::channel(None);
    spawn(tray::keep(app.clone(), engine.clone(), desktop.clone(), faces));
    Here::show_icon(app, shown, wishes.clone());
    let woke = Arc::new(Notify::new());
    spawn(wakes::watch_network(woke.clone()));
    spawn(Here::watch_sleep(woke.clone()));
    spawn(wakes::watch(engine.clone(), woke));
}

async fn end(app: &AppHandle) {
    let core = app.state::<Core>();
    if let Ok(engine) = &core.engine {
        engine.shutdown().await;
    }
    core.parlour.close().await;
}
