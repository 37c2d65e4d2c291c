//! Notifications of a Linux desktop (Desktop Notifications Specification 1.2), over the connection that the icon uses too.

use super::linux::NotificationsProxy;
use crate::life::{Wish, Wishes};
use crate::tray::Tongue;
use domain::ConversationId;
use engine::Notification;
use engine::contract::Sight;
use futures_util::StreamExt as _;
use std::collections::HashMap;
use tokio::sync::mpsc;
use zbus::zvariant::Value;

/// The action of a click on the notification itself (§2 "Actions").
const CLICK: &str = "default";

/// How many notifications are known to be on the screen: more than a desktop shows at a time.
const MAX_SHOWN: usize = 64;

/// What is on the screen, the oldest first: the desktop's number for it, and where a click leads.
#[derive(Debug, Default)]
struct Shown(Vec<(u32, Sight)>);

impl Shown {
    /// The number of what is shown of a conversation; 0: nothing, as the desktop understands it.
    fn of(&self, conversation: ConversationId) -> u32 {
        self.0.iter().find(|(_, of)| of.conversation == conversation).map_or(0, |(id, _)| *id)
    }

    fn keep(&mut self, id: u32, sight: Sight) {
        self.0.retain(|(one, of)| *one != id && of.conversation != sight.conversation);
        if self.0.len() == MAX_SHOWN {
            self.0.remove(0);
        }
        self.0.push((id, sight));
    }

    fn take(&mut self, id: u32) -> Option<Sight> {
        let at = self.0.iter().position(|(one, _)| *one == id)?;
        Some(self.0.remove(at).1)
    }
}

/// Shows what comes, and wishes for the message that is clicked, until the program ends.
pub(super) async fn show(mut notices: mpsc::Receiver<Notification>, wishes: Wishes) -> zbus::Result<()> {
    let bus = zbus::Connection::session().await?;
    let desktop = NotificationsProxy::new(&bus).await?;
    let mut clicked = desktop.receive_action_invoked().await?;
    let mut closed = desktop.receive_notification_closed().await?;
    let mut shown = Shown::default();
    loop {
        tokio::select! {
            notice = notices.recv() => {
                let Some(notice) = notice else { return Ok(()) };
                match put(&desktop, &notice, shown.of(notice.conversation)).await {
                    Ok(id) => {
                        let Notification { conversation, message, .. } = notice;
                        shown.keep(id, Sight { conversation, message: Some(message) });
                    }
                    Err(error) => tracing::info!(%error, "a notification is not shown"),
                }
            }
            Some(click) = clicked.next() => {
                let click = click.args()?;
                if click.key == CLICK && let Some(sight) = shown.take(click.id) {
                    wishes.send(Wish::Show(sight));
                }
            }
            Some(close) = closed.next() => {
                shown.take(close.args()?.id);
            }
        }
    }
}

async fn put(desktop: &NotificationsProxy<'_>, notice: &Notification, replaces: u32) -> zbus::Result<u32> {
    // Asked each time: another program may have taken the desktop's part.
    let can = desktop.get_capabilities().await?;
    let can = |what: &str| can.iter().any(|one| one == what);
    let tongue = Tongue::from(notice.language);
    let body = notice.body.as_deref().unwrap_or(tongue.message());
    let body = if can("body-markup") { escaped(body) } else { body.to_owned() };
    let click = [CLICK, tongue.open()];
    let actions = if can("actions") { click.as_slice() } else { &[] };
    let hints =
        HashMap::from([("desktop-entry", Value::from("whinchat")), ("category", Value::from("im.received"))]);
    desktop.notify("Whinchat", replaces, "whinchat", &notice.summary(), &body, actions, hints, -1).await
}

/// A stranger's text is no markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::MessageId;

    #[test]
    fn a_strangers_text_stays_text() {
        assert_eq!(escaped("<a href='x'>&</a>"), "&lt;a href='x'&gt;&amp;&lt;/a&gt;");
    }

    #[test]
    fn a_conversation_has_one_notification_and_a_click_leads_to_it_once() {
        let sight = |conversation, message| Sight {
            conversation: ConversationId(conversation),
            message: Some(MessageId(message)),
        };
        let mut shown = Shown::default();
        assert_eq!(shown.of(ConversationId(1)), 0);
        shown.keep(7, sight(1, 70));
        shown.keep(8, sight(2, 80));
        assert_eq!(shown.of(ConversationId(1)), 7);
        shown.keep(9, sight(1, 90));
        assert_eq!((shown.take(7), shown.take(9), shown.take(9)), (None, Some(sight(1, 90)), None));
        for n in 0..2 * MAX_SHOWN as u32 {
            shown.keep(n + 100, sight(i64::from(n), 1));
        }
        assert_eq!(shown.0.len(), MAX_SHOWN);
    }
}
