//! The pulse of the page: whether it still answers. A page that hangs shows a window in which nothing can be done.
//!
//! The page is asked to compute nothing at all. That needs neither a frame nor the window to be in sight, so a window
//! on another desktop or behind a locked screen is not taken for one that hangs.

use crate::life::{Wish, Wishes};
use crate::window;
use std::sync::Mutex;
use std::time::Duration;
use tauri::AppHandle;
use tokio::sync::oneshot;

/// How often it is felt.
const EVERY: Duration = Duration::from_secs(10);

/// How long an answer may take. The longest work of our page, a history of 4 MiB texts, blocks it for two seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers in a row that must be missing: one may be lost to a machine that swaps.
const MISSES: u32 = 2;

/// Feels the pulse until the program ends.
pub(crate) async fn watch(app: AppHandle, wishes: Wishes) {
    let mut missed = 0;
    loop {
        tokio::time::sleep(EVERY).await;
        if window::current(&app).is_none() || answers(&app).await {
            missed = 0;
            continue;
        }
        missed += 1;
        if missed >= MISSES {
            missed = 0;
            wishes.send(Wish::Mend);
        }
    }
}

async fn answers(app: &AppHandle) -> bool {
    // It may have gone since.
    let Some(window) = window::current(app) else { return true };
    let (answer, answered) = oneshot::channel();
    let answer = Mutex::new(Some(answer));
    let asked = window.eval_with_callback("0", move |said| {
        // A page without a process is answered for, with nothing.
        if said == "0"
            && let Ok(mut answer) = answer.lock()
            && let Some(answer) = answer.take()
        {
            let _ = answer.send(());
        }
    });
    asked.is_ok() && matches!(tokio::time::timeout(PATIENCE, answered).await, Ok(Ok(())))
}
