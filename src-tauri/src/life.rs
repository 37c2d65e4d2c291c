//! The life of the window and of the program: one task that hears what happens to both and decides what follows.
//!
//! The program never hides where the user cannot call it back: the window goes and the core stays only while the icon
//! in the tray can be seen, and when the icon goes, the window comes back. The decisions are pure functions; the task
//! around them waits, asks and carries out.

use crate::desktop::Desktop;
use crate::home::Home;
use crate::place::{self, Place};
use crate::platform::{Here, Platform as _};
use crate::tray::{Note, Tongue};
use crate::window;
use engine::Handle;
use engine::contract::{Background, Parting, Settings, Sight};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tauri::{AppHandle, Emitter};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Wishes that wait for the task. A person makes one at a time; more than this are dropped, and each can be made again.
const WISHES: usize = 64;

/// How long a page may take to keep what stands in it before it is closed. It writes one row for each draft.
const PAGE: Duration = Duration::from_secs(3);

/// How long messages that are on their way are waited for before the program ends: twice the proof of a slow line.
const FLUSH: Duration = Duration::from_secs(4);

/// How often it is looked whether they have arrived.
const LOOK: Duration = Duration::from_millis(100);

/// How long the window system may take to take a window away.
const GOING: Duration = Duration::from_secs(5);

/// How often the page is mended within [`MENDED_WITHIN`] before it is given up: a page that fails at its start fails
/// again.
const MENDS: usize = 3;
/// See [`MENDS`].
const MENDED_WITHIN: Duration = Duration::from_secs(60);

/// What happens, and what is wished for.
pub(crate) enum Wish {
    /// The user closes the window.
    Close,
    /// The page has kept what it could, and says that it may go.
    Leave {
        /// Texts that it could not keep.
        unkept: u32,
        /// Hears whether it goes.
        answer: oneshot::Sender<Parting>,
    },
    /// The user wants the window closed, whatever is lost.
    LeaveAnyway,
    /// The window is to be before the user's eyes.
    Open,
    /// A conversation, or a message of it, is to be before the user's eyes.
    Show(Sight),
    /// The program is to end.
    Quit,
    /// The window was taken away.
    Gone,
    /// The page's process has ended, or does not answer.
    Mend,
    /// Whether the icon in the tray can be seen.
    Icon(Icon),
}

/// Whether the icon in the tray can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// The desktop shows it.
    Seen,
    /// It does not.
    Unseen,
}

/// Where wishes are sent to.
#[derive(Clone, Debug)]
pub(crate) struct Wishes(mpsc::Sender<Wish>);

impl Wishes {
    pub(crate) fn send(&self, wish: Wish) {
        if self.0.try_send(wish).is_err() {
            tracing::warn!("a wish was dropped");
        }
    }
}

/// A channel for wishes.
pub(crate) fn wishes() -> (Wishes, mpsc::Receiver<Wish>) {
    let (sender, receiver) = mpsc::channel(WISHES);
    (Wishes(sender), receiver)
}

/// What closing the window leads to, as things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The window goes, the core stays.
    Hide,
    /// The program ends.
    End,
    /// The user is asked first.
    Ask { unsent: u32, unkept: u32 },
}

/// What the user wants to be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Window,
    Program,
}

/// What becomes of a window that is closed. `unsent` is what stays behind on the disk when the program ends.
fn fate(over: Over, background: Background, icon: Icon, unsent: u32, unkept: u32) -> Fate {
    let hides = hides(over, background, icon);
    match (hides, unsent, unkept) {
        (true, _, 0) => Fate::Hide,
        (false, 0, 0) => Fate::End,
        (true, _, _) => Fate::Ask { unsent: 0, unkept },
        (false, _, _) => Fate::Ask { unsent, unkept },
    }
}

/// Whether the core stays.
fn hides(over: Over, background: Background, icon: Icon) -> bool {
    over == Over::Window && background == Background::Keep && icon == Icon::Seen
}

/// Whether the page may be mended once more, given when it was mended before.
fn may_mend(mended: &mut VecDeque<Instant>, now: Instant) -> bool {
    mended.retain(|then| now.duration_since(*then) < MENDED_WITHIN);
    let may = mended.len() < MENDS;
    if may {
        mended.push_back(now);
    }
    may
}

/// The task.
pub(crate) struct Life {
    app: AppHandle,
    home: Home,
    /// `None`: the history cannot be opened, and the window says so.
    engine: Option<Handle>,
    desktop: Arc<Desktop>,
    wishes: Wishes,
    icon: Icon,
    place: Place,
    /// What is to be over, and until when the page may keep what stands in it.
    closing: Option<(Over, Instant)>,
    /// What the user was asked about.
    asked: Over,
    /// The window is being taken away by us.
    going: bool,
    mended: VecDeque<Instant>,
}

impl Life {
    pub(crate) fn new(
        app: AppHandle,
        home: Home,
        engine: Option<Handle>,
        desktop: Arc<Desktop>,
        wishes: Wishes,
    ) -> Self {
        let place = Place::read(&home.place());
        Self {
            app,
            home,
            engine,
            desktop,
            wishes,
            icon: Icon::Unseen,
            place,
            closing: None,
            asked: Over::Window,
            going: false,
            mended: VecDeque::new(),
        }
    }

    /// Opens the first window.
    ///
    /// # Errors
    /// What the window system says.
    pub(crate) async fn begin(&self) -> tauri::Result<()> {
        window::open(&self.app, &self.home, &self.place, self.settings().await.zoom, &self.wishes)?;
        // The new window has no title yet.
        self.desktop.note(None);
        Ok(())
    }

    /// Runs until the program ends.
    pub(crate) async fn run(mut self, mut wished: mpsc::Receiver<Wish>) {
        loop {
            let closing = self.closing;
            let silent = async {
                match closing {
                    Some((_, until)) => sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                wish = wished.recv() => match wish {
                    Some(wish) => self.hear(wish, &mut wished).await,
                    None => return,
                },
                // A page that does not answer has nothing that could be kept; the outbox has.
                () = silent => self.leave_unasked(&mut wished).await,
            }
        }
    }

    async fn hear(&mut self, wish: Wish, wished: &mut mpsc::Receiver<Wish>) {
        match wish {
            Wish::Close => self.close(Over::Window).await,
            Wish::Quit => self.close(Over::Program).await,
            Wish::Leave { unkept, answer } => self.leave(unkept, answer, wished).await,
            Wish::LeaveAnyway => self.leave_anyway(wished).await,
            Wish::Open => self.open().await,
            Wish::Show(sight) => self.show(sight).await,
            Wish::Gone => self.gone().await,
            Wish::Mend => self.mend(wished).await,
            Wish::Icon(icon) => {
                self.icon = icon;
                if icon == Icon::Unseen && window::current(&self.app).is_none() {
                    self.open().await;
                }
            }
        }
    }

    /// The user wants something over: the page is told first, since it holds what was typed last.
    async fn close(&mut self, over: Over) {
        if window::current(&self.app).is_none() {
            if over == Over::Program {
                self.end_telling().await;
            }
            return;
        }
        if self.engine.is_none() {
            return self.end();
        }
        self.asked = over;
        if self.closing.is_none_or(|(before, _)| before != over) {
            self.closing = Some((over, Instant::now() + PAGE));
        }
        // A page that does not hear it is silent.
        if let Err(error) = self.app.emit("closing", ()) {
            tracing::debug!(%error, "the page was not told");
        }
    }

    async fn leave(
        &mut self,
        unkept: u32,
        answer: oneshot::Sender<Parting>,
        wished: &mut mpsc::Receiver<Wish>,
    ) {
        let over = self.closing.take().map_or(self.asked, |(over, _)| over);
        let background = self.background().await;
        let unsent = if hides(over, background, self.icon) { Some(0) } else { self.flush().await };
        let fate = fate(over, background, self.icon, unsent.unwrap_or(0), unkept);
        let _ = answer.send(match fate {
            Fate::Hide | Fate::End => Parting::Goes,
            Fate::Ask { unsent, unkept } => Parting::Asks { unsent, unkept },
        });
        match fate {
            Fate::Hide => self.hide(wished).await,
            Fate::End if unsent.is_none() => self.end_telling().await,
            Fate::End => self.end(),
            Fate::Ask { .. } => {}
        }
    }

    async fn leave_anyway(&mut self, wished: &mut mpsc::Receiver<Wish>) {
        let over = self.closing.take().map_or(self.asked, |(over, _)| over);
        if hides(over, self.background().await, self.icon) {
            self.hide(wished).await;
        } else {
            self.end();
        }
    }

    /// As if the user had been told, but nobody was: the page is dead or silent.
    async fn leave_unasked(&mut self, wished: &mut mpsc::Receiver<Wish>) {
        let over = self.closing.take().map_or(self.asked, |(over, _)| over);
        if hides(over, self.background().await, self.icon) {
            self.hide(wished).await;
        } else {
            self.end_telling().await;
        }
    }

    async fn open(&mut self) {
        // Who asks for the window does not want it closed.
        self.closing = None;
        match window::current(&self.app) {
            Some(window) => {
                self.desktop.note(None);
                window::raise(&window);
            }
            None => {
                if let Err(error) = self.begin().await {
                    tracing::error!(%error, "the window does not open");
                    self.end();
                }
            }
        }
    }

    /// Opens the window with a conversation in it, or has the open one show that.
    async fn show(&mut self, sight: Sight) {
        if window::current(&self.app).is_none() {
            self.place.open = Some(place::name_of(sight));
        } else if let Err(error) = self.app.emit("show", sight) {
            tracing::debug!(%error, "the page was not told");
        }
        self.open().await;
    }

    /// Takes the window away, so that its memory is free; the core stays.
    async fn hide(&mut self, wished: &mut mpsc::Receiver<Wish>) {
        let Some(window) = window::current(&self.app) else { return };
        self.remember();
        self.going = true;
        if let Err(error) = window.destroy() {
            tracing::error!(%error, "the window does not go");
        }
        drop(window);
        // What is wished for meanwhile is heard when the window is gone: a new one cannot have its name before.
        let mut waiting = Vec::new();
        let gone = async {
            while window::current(&self.app).is_some() {
                match timeout(LOOK, wished.recv()).await {
                    Ok(Some(Wish::Gone)) | Err(_) => {}
                    Ok(Some(wish)) => waiting.push(wish),
                    Ok(None) => return,
                }
            }
        };
        if timeout(GOING, gone).await.is_err() {
            tracing::error!("the window did not go");
        }
        self.going = false;
        for wish in waiting {
            self.wishes.send(wish);
        }
    }

    /// The window was taken away by something else: by the window system, or by the page itself.
    async fn gone(&mut self) {
        if self.going || window::current(&self.app).is_some() {
            return;
        }
        self.closing = None;
        if self.icon == Icon::Unseen {
            self.end_telling().await;
        }
    }

    /// Starts the page anew; the store has everything that it showed.
    async fn mend(&mut self, wished: &mut mpsc::Receiver<Wish>) {
        let Some(window) = window::current(&self.app) else { return };
        if let Some((over, _)) = self.closing.take() {
            // It was to go anyway.
            self.asked = over;
            return self.leave_unasked(wished).await;
        }
        if may_mend(&mut self.mended, Instant::now()) {
            tracing::warn!("the page is started anew");
            return Here::renew_page(&window);
        }
        tracing::error!("the page failed {MENDS} times within a minute");
        self.mended.clear();
        self.desktop.note(Some(Note::WindowFails));
        Here::tell(Note::WindowFails.words(self.tongue().await)).await;
        if self.icon == Icon::Seen {
            self.hide(wished).await;
        } else {
            self.app.exit(1);
        }
    }

    /// Waits a moment for what is on its way, and says how much is not sent. `None`: the disk does not say.
    async fn flush(&self) -> Option<u32> {
        let Some(engine) = &self.engine else { return Some(0) };
        let end = Instant::now() + FLUSH;
        loop {
            let sidebar = engine.sidebar().await.ok()?;
            let is_online = |account: domain::AccountId| {
                let online = |status: &domain::Status| matches!(status, domain::Status::Online { .. });
                sidebar.accounts.iter().any(|view| view.account.id == account && online(&view.status))
            };
            let (mut moving, mut unsent) = (0, 0);
            for conversation in &sidebar.conversations {
                unsent += conversation.waiting;
                moving += if is_online(conversation.account) { conversation.waiting } else { 0 };
            }
            // What no connection carries does not get less by waiting.
            if moving == 0 || Instant::now() > end {
                return Some(unsent);
            }
            sleep(LOOK).await;
        }
    }

    async fn background(&self) -> Background {
        match &self.engine {
            Some(_) => self.settings().await.background,
            None => Background::Quit,
        }
    }

    async fn settings(&self) -> Settings {
        match &self.engine {
            Some(engine) => engine.settings().await.unwrap_or_default(),
            None => Settings::default(),
        }
    }

    async fn tongue(&self) -> Tongue {
        match &self.engine {
            Some(engine) => {
                engine.settings().await.map_or(Tongue::of_system(), |settings| settings.language.into())
            }
            None => Tongue::of_system(),
        }
    }

    fn remember(&mut self) {
        if let Some(window) = window::current(&self.app) {
            self.place = Place::of(&window, &self.place);
            self.place.write(&self.home.place());
        }
    }

    /// Ends, and says so where the user could not be asked and something may stay unsent.
    async fn end_telling(&mut self) {
        if self.flush().await != Some(0) {
            Here::tell(Note::Unsent.words(self.tongue().await)).await;
        }
        self.end();
    }

    fn end(&mut self) {
        self.remember();
        self.app.exit(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Background::{Keep, Quit};

    #[test]
    fn without_an_icon_that_is_seen_nothing_ever_hides() {
        for background in [Keep, Quit] {
            for over in [Over::Window, Over::Program] {
                for (unsent, unkept) in [(0, 0), (3, 0), (0, 1)] {
                    assert_ne!(fate(over, background, Icon::Unseen, unsent, unkept), Fate::Hide);
                }
            }
        }
        assert_eq!(fate(Over::Window, Keep, Icon::Seen, 3, 0), Fate::Hide, "the core goes on sending");
    }

    #[test]
    fn what_would_stay_behind_or_be_lost_is_asked_about() {
        assert_eq!(fate(Over::Window, Keep, Icon::Unseen, 0, 0), Fate::End);
        assert_eq!(fate(Over::Window, Keep, Icon::Unseen, 3, 0), Fate::Ask { unsent: 3, unkept: 0 });
        assert_eq!(fate(Over::Window, Quit, Icon::Seen, 3, 0), Fate::Ask { unsent: 3, unkept: 0 });
        assert_eq!(fate(Over::Program, Keep, Icon::Seen, 3, 0), Fate::Ask { unsent: 3, unkept: 0 });
        assert_eq!(fate(Over::Program, Keep, Icon::Seen, 0, 0), Fate::End);
        assert_eq!(fate(Over::Window, Keep, Icon::Seen, 3, 2), Fate::Ask { unsent: 0, unkept: 2 });
    }

    #[test]
    fn a_page_that_fails_again_and_again_is_given_up_and_one_that_fails_now_and_then_is_not() {
        let start = Instant::now();
        let mut mended = VecDeque::new();
        for second in 0..3 {
            assert!(may_mend(&mut mended, start + Duration::from_secs(second)));
        }
        assert!(!may_mend(&mut mended, start + Duration::from_secs(3)));
        let mut mended = VecDeque::new();
        for minute in 0..10 {
            assert!(may_mend(&mut mended, start + Duration::from_secs(minute * 31)));
        }
    }
}
