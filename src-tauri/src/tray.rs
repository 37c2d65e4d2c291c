//! What the icon in the tray says, in the user's language. How it is shown is the platform's matter.

use crate::desktop::Desktop;
use crate::mark::{self, Mark};
use crate::window;
use domain::Status;
use engine::Handle;
use engine::contract::{AccountView, Background, Count, Language, Sidebar};
use std::sync::Arc;
use std::time::Duration;
use tauri::AppHandle;
use tokio::sync::watch;

/// Accounts that are named; a menu that is longer than the screen helps nobody.
const MAX_LINES: usize = 8;

/// How long the icon waits with what is new: a flood of bells must not become a flood on the bus.
const REST: Duration = Duration::from_millis(500);

/// What the icon says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Face {
    /// The entry that opens the window.
    pub(crate) open: String,
    /// What is true: a line an account, and what else must be told.
    pub(crate) lines: Vec<String>,
    /// The entry that ends the program.
    pub(crate) quit: String,
    /// What the picture has on it.
    pub(crate) mark: Mark,
}

/// What must be told although there is no window to tell it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// The page failed again and again.
    WindowFails,
    /// The program ends, and messages may not have been sent.
    Unsent,
}

/// The language of words outside the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    English,
    Chinese,
}

impl Tongue {
    /// As the system says.
    pub(crate) fn of_system() -> Self {
        match sys_locale::get_locale() {
            Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Self::Chinese,
            Some(_) | None => Self::English,
        }
    }

    /// The word for bringing the window.
    pub(crate) fn open(self) -> &'static str {
        self.say("Open Whinchat", "打开 Whinchat")
    }

    /// What stands for a message that is not to be shown.
    pub(crate) fn message(self) -> &'static str {
        self.say("New message", "新消息")
    }

    /// What is unread, in words; `None`: nothing.
    fn unread(self, Count { unread, mentions }: Count) -> Option<String> {
        let english = |count: u32, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        match (self, mentions, unread) {
            (_, 0, 0) => None,
            (Self::English, 0, _) => Some(english(unread, "unread message")),
            (Self::English, _, _) => {
                Some(format!("{}, {}", english(mentions, "mention"), english(unread, "unread message")))
            }
            (Self::Chinese, 0, _) => Some(format!("{unread} 条未读消息")),
            (Self::Chinese, _, _) => Some(format!("{mentions} 条提到你，{unread} 条未读消息")),
        }
    }

    fn say(self, english: &'static str, chinese: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

impl From<Language> for Tongue {
    fn from(language: Language) -> Self {
        match language {
            Language::System => Self::of_system(),
            Language::English => Self::English,
            Language::Chinese => Self::Chinese,
        }
    }
}

impl Note {
    pub(crate) fn words(self, tongue: Tongue) -> &'static str {
        match self {
            Self::WindowFails => tongue.say(
                "The window failed several times and was closed. Nothing is lost: open it again.",
                "窗口多次出错，已被关闭。没有丢失任何内容，可以重新打开。",
            ),
            Self::Unsent => tongue.say(
                "Whinchat has ended. Some messages may not be sent yet: they are kept here and go out at the next start.",
                "Whinchat 已结束。有些消息可能尚未发送：它们保存在这里，下次启动时会发出。",
            ),
        }
    }
}

/// What the icon says of these accounts.
pub(crate) fn face(sidebar: &Sidebar, tongue: Tongue, note: Option<Note>) -> Face {
    let mut lines: Vec<String> = note.map(|note| note.words(tongue).to_owned()).into_iter().collect();
    lines.extend(tongue.unread(sidebar.count));
    let unsent: u32 = sidebar.conversations.iter().map(|conversation| conversation.waiting).sum();
    let is_on = |view: &&AccountView| !matches!(view.status, Status::Off);
    let on = sidebar.accounts.iter().filter(is_on);
    lines.extend(on.clone().take(MAX_LINES).map(|view| {
        let colon = tongue.say(": ", "：");
        format!("{}{colon}{}", view.label, state(&view.status, tongue))
    }));
    if let more @ 1.. = on.count().saturating_sub(MAX_LINES) {
        lines.push(match tongue {
            Tongue::English => format!("and {more} more"),
            Tongue::Chinese => format!("还有 {more} 个"),
        });
    }
    if unsent > 0 {
        lines.push(match tongue {
            Tongue::English if unsent == 1 => "1 message is not sent yet".to_owned(),
            Tongue::English => format!("{unsent} messages are not sent yet"),
            Tongue::Chinese => format!("{unsent} 条消息尚未发送"),
        });
    }
    let quit = tongue.say("Quit", "退出").to_owned();
    Face { open: tongue.open().to_owned(), lines, quit, mark: Mark::of(sidebar.count) }
}

fn state(status: &Status, tongue: Tongue) -> &'static str {
    match status {
        Status::Off => tongue.say("off", "已关闭"),
        Status::Connecting { .. } => tongue.say("connecting", "正在连接"),
        Status::Online { .. } => tongue.say("connected", "已连接"),
        Status::Waiting { .. } => tongue.say("not connected, trying again", "未连接，将重试"),
        Status::Stopped { .. } => tongue.say("not connected, needs you", "未连接，需要处理"),
    }
}

/// Keeps `faces`, and the window's title, in line with the store until the program ends. `None`: no icon, since the program
/// is to end with its window.
pub(crate) async fn keep(
    app: AppHandle,
    engine: Handle,
    desktop: Arc<Desktop>,
    faces: watch::Sender<Option<Face>>,
) {
    loop {
        let note = desktop.noted();
        // What cannot be read is shown as it was.
        if let (Ok(sidebar), Ok(settings)) = (engine.sidebar().await, engine.settings().await) {
            window::entitle(&app, &mark::title(sidebar.count));
            let face = match settings.background {
                Background::Keep => Some(face(&sidebar, settings.language.into(), note)),
                Background::Quit => None,
            };
            faces.send_if_modified(|shown| {
                let news = *shown != face;
                *shown = face;
                news
            });
        }
        desktop.rung().await;
        // What comes while it is before the user's eyes is read by then, and no mark flashes up for it.
        tokio::time::sleep(REST).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        Account, AccountConfig, AccountId, Capabilities, Conversation, ConversationId, ConversationKind,
        Phase, Rev,
    };

    fn view(id: i64, status: Status) -> AccountView {
        let account =
            Account { id: AccountId(id), config: AccountConfig::default(), enabled: true, collapsed: false };
        let capabilities = Capabilities::default();
        let (label, count) = (format!("server {id}"), Count::default());
        AccountView { label, status, lounge: false, capabilities, me: None, count, account }
    }

    fn sidebar(accounts: Vec<AccountView>, waiting: u32) -> Sidebar {
        let conversation = Conversation {
            id: ConversationId(1),
            account: AccountId(1),
            kind: ConversationKind::Stream,
            title: None,
            topic: None,
            left: false,
            mentions: 0,
            unread: 0,
            read: None,
            waiting,
            pinned: false,
            muted: false,
            notify: None,
        };
        let (conversations, count) = (vec![conversation], Count::default());
        Sidebar { rev: Rev(1), accounts, conversations, count, notices: Vec::new() }
    }

    fn connecting() -> Status {
        Status::Connecting { url: String::new(), phase: Phase::Dns, attempt: 1 }
    }

    #[test]
    fn the_icon_says_what_is_true_of_each_account_in_both_languages() {
        let known = sidebar(vec![view(1, connecting()), view(2, Status::Off)], 3);
        assert_eq!(
            face(&known, Tongue::English, None).lines,
            ["server 1: connecting", "3 messages are not sent yet"],
            "an account that is off is not news"
        );
        assert_eq!(face(&known, Tongue::Chinese, None).lines, ["server 1：正在连接", "3 条消息尚未发送"]);
        assert_eq!(face(&known, Tongue::Chinese, None).open, "打开 Whinchat");
    }

    #[test]
    fn what_is_unread_is_said_in_words_beside_its_mark() {
        let unread = |unread, mentions, tongue| {
            let count = Count { unread, mentions };
            face(&Sidebar { count, ..sidebar(Vec::new(), 0) }, tongue, None)
        };
        assert_eq!(unread(1, 0, Tongue::English).lines, ["1 unread message"]);
        assert_eq!(unread(5, 2, Tongue::English).lines, ["2 mentions, 5 unread messages"]);
        assert_eq!(unread(5, 2, Tongue::Chinese).lines, ["2 条提到你，5 条未读消息"]);
        assert_eq!(unread(5, 2, Tongue::Chinese).mark, Mark::Mention);
        assert_eq!(unread(0, 0, Tongue::English), face(&sidebar(Vec::new(), 0), Tongue::English, None));
    }

    #[test]
    fn many_accounts_do_not_make_a_menu_longer_than_the_screen() {
        let known = sidebar((0..20).map(|id| view(id, connecting())).collect(), 0);
        let lines = face(&known, Tongue::English, Some(Note::WindowFails)).lines;
        assert_eq!(lines.len(), MAX_LINES + 2);
        assert_eq!(lines.last().map(String::as_str), Some("and 12 more"));
        assert!(lines.first().is_some_and(|line| line.contains("Nothing is lost")));
    }
}
