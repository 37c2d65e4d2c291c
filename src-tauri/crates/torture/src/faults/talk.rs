//! Who speaks while things go wrong.

use super::world::{Post, World};
use crate::voice::Voice;
use anyhow::Result;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::archive::Mode;
use testkit::faults::Dice;
use tokio::time::sleep;

/// Says things on an account, at times that the dice say, until it is enough. Not dropped before its end: what it says
/// last is in the words.
pub(super) async fn talk(world: &World, post: &Post, mut dice: Dice, enough: &AtomicBool) -> Result<()> {
    for number in 0_u64.. {
        if enough.load(Ordering::Relaxed) {
            break;
        }
        sleep(dice.millis(15, 110)).await;
        let long = if dice.once_in(12) { usize::try_from(dice.between(1000, 9000))? } else { 0 };
        let text = format!("m{number:05} {}", "x".repeat(long));
        // The lock is held, so that nothing is said to an engine that is quitting.
        let engine = world.engine.read().await;
        if let Some(engine) = engine.as_ref() {
            post.say(engine, text.trim_end()).await?;
        }
    }
    Ok(())
}

/// Lets another person speak to the archive, on a line of his own that nothing happens to, until it is enough.
pub(super) async fn answer(post: &Post, mut dice: Dice, enough: &AtomicBool) -> Result<()> {
    let mut voice = Voice::new(Mode::Archive, post.url());
    while !enough.load(Ordering::Relaxed) {
        sleep(dice.millis(20, 150)).await;
        voice.say().await?;
    }
    Ok(())
}
