//! Questions that clients ask each other (modern.ircdocs.horse/ctcp), answered sparingly.

use super::line::Line;
use super::outbox::Turn;
use super::session::Session;
use super::stamp::write_time;
use domain::{Sender, Tone};
use std::time::Duration;

/// The least time between two answers, so that nobody makes us flood.
const EVERY: Duration = Duration::from_secs(5);

/// The most bytes of a `PING` that are sent back.
const MAX_PING: usize = 100;

impl Session {
    /// A question in a message, an answer in a notice.
    pub(super) fn ctcp(&mut self, line: &Line, command: &str, params: &str) {
        let Sender::Person { name } = self.sender(line) else { return };
        let command: String = command.to_ascii_uppercase().chars().take(20).collect();
        if line.command.eq_ignore_ascii_case("NOTICE") {
            return self.ctcp_answered(&name, &command, params);
        }
        let answer = match command.as_str() {
            "VERSION" => format!("Whinchat {}", env!("CARGO_PKG_VERSION")),
            "PING" => params.chars().filter(|char| !char.is_control()).take(MAX_PING).collect(),
            // In UTC, which tells nobody where we are.
            "TIME" => write_time(self.now.wall),
            "CLIENTINFO" => "ACTION CLIENTINFO PING TIME VERSION".to_owned(),
            _ => return self.server_says(format!("{name} asks by CTCP: {command} {params}"), Tone::Notice),
        };
        let recent = self.ctcp.is_some_and(|last| self.now.mono.saturating_duration_since(last) < EVERY);
        if recent || line.tags.find("batch").is_some() {
            return;
        }
        self.ctcp = Some(self.now.mono);
        let text = format!("\u{1}{command} {answer}\u{1}");
        let _ = self.out.send(Line::new("NOTICE", [name, text]), Turn::Idle);
    }
}
