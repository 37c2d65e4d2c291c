//! The room: one task that gives everything said one order, and passes it to everyone.
//!
//! A member whose queue is full holds the room up for [`PATIENCE`] at most; then it is put out. So a burst loses
//! nothing, and somebody who does not read harms the others for seconds only.

use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// How many messages may wait for one member, and for the room itself. Messages are shared between the queues, so at
/// the largest size this is 64 MiB for the room, and not for each member.
pub(crate) const QUEUE: usize = 64;

/// How long the room waits for a member whose queue is full.
const PATIENCE: Duration = Duration::from_secs(5);

/// A way into the room.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    said: mpsc::Sender<Said>,
}

/// What reaches the room's task.
#[derive(Debug)]
enum Said {
    Enter(mpsc::Sender<Message>),
    Say(Message),
}

impl Room {
    /// An empty room, whose task ends with the last `Room`.
    pub(crate) fn new() -> Self {
        let (said, hears) = mpsc::channel(QUEUE);
        tokio::spawn(run(hears));
        Self { said }
    }

    /// Goes in. From now on everything comes into the queue; the queue's end means that the room put its owner out.
    pub(crate) async fn enter(&self) -> mpsc::Receiver<Message> {
        let (queue, hears) = mpsc::channel(QUEUE);
        let _ = self.said.send(Said::Enter(queue)).await;
        hears
    }

    /// Says something to everyone. Waits while the room is busy.
    pub(crate) async fn say(&self, message: Message) {
        let _ = self.said.send(Said::Say(message)).await;
    }
}

async fn run(mut hears: mpsc::Receiver<Said>) {
    let mut members: BTreeMap<u64, mpsc::Sender<Message>> = BTreeMap::new();
    let mut entered = 0_u64;
    while let Some(said) = hears.recv().await {
        match said {
            Said::Enter(queue) => {
                entered = entered.wrapping_add(1);
                members.retain(|_, member| !member.is_closed());
                members.insert(entered, queue);
            }
            Said::Say(message) => pass(&mut members, &message).await,
        }
    }
}

async fn pass(members: &mut BTreeMap<u64, mpsc::Sender<Message>>, message: &Message) {
    let mut gone = Vec::new();
    for (&id, member) in &*members {
        if member.send_timeout(message.clone(), PATIENCE).await.is_err() {
            gone.push(id);
        }
    }
    for id in gone {
        members.remove(&id);
    }
}
