//! Who is where, who is writing, and who we are: true of a session, in no row, and gone with it.

use domain::{AccountId, ConversationId, Member, People};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many members of a conversation are kept; of those beyond it nothing is known. More than a person looks through, and
/// a few megabytes.
pub(crate) const MAX_MEMBERS: usize = 20_000;

/// How many people are said to be writing in one conversation.
const MAX_TYPING: usize = 100;

/// After this time somebody who did not say so again is writing no more.
pub(crate) const TYPING: Duration = Duration::from_secs(6);

/// What a session said of people, as far as it is no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// All who are in a conversation.
    Members { account: AccountId, conversation: ConversationId, members: Vec<Member> },
    /// One who is there.
    Member { account: AccountId, conversation: ConversationId, member: Member },
    /// One who is there no more.
    Gone { conversation: ConversationId, name: String },
    /// One who is writing, or has stopped.
    Typing { account: AccountId, conversation: ConversationId, name: String, typing: bool },
    /// The name under which others see us.
    Me { account: AccountId, name: String },
    /// The session is over.
    Over { account: AccountId },
}

/// The people of all conversations. Clones are the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crowd(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    places: BTreeMap<ConversationId, Spot>,
    me: BTreeMap<AccountId, String>,
}

#[derive(Debug)]
struct Spot {
    account: AccountId,
    members: BTreeMap<String, Member>,
    typing: BTreeMap<String, Instant>,
}

impl Crowd {
    /// Takes news in. Gives the conversations whose people have changed.
    pub(crate) fn hear(&self, news: News, now: Instant) -> Vec<ConversationId> {
        let mut inner = self.inner();
        match news {
            News::Members { account, conversation, members } => {
                let members = members.into_iter().take(MAX_MEMBERS);
                inner.spot(account, conversation).members =
                    members.map(|member| (member.name.clone(), member)).collect();
                vec![conversation]
            }
            News::Member { account, conversation, member } => {
                let members = &mut inner.spot(account, conversation).members;
                if members.len() < MAX_MEMBERS || members.contains_key(&member.name) {
                    members.insert(member.name.clone(), member);
                }
                vec![conversation]
            }
            News::Gone { conversation, name } => {
                if let Some(spot) = inner.places.get_mut(&conversation) {
                    spot.members.remove(&name);
                    spot.typing.remove(&name);
                }
                vec![conversation]
            }
            News::Typing { account, conversation, name, typing } => {
                let people = &mut inner.spot(account, conversation).typing;
                people.retain(|_, since| now.duration_since(*since) < TYPING);
                if !typing {
                    people.remove(&name);
                } else if people.len() < MAX_TYPING || people.contains_key(&name) {
                    people.insert(name, now);
                }
                vec![conversation]
            }
            News::Me { account, name } => {
                inner.me.insert(account, name);
                Vec::new()
            }
            News::Over { account } => {
                inner.me.remove(&account);
                let of = |(id, spot): (&ConversationId, &Spot)| (spot.account == account).then_some(*id);
                let over: Vec<_> = inner.places.iter().filter_map(of).collect();
                inner.places.retain(|_, spot| spot.account != account);
                over
            }
        }
    }

    /// Who is in a conversation: by rank, then by name.
    pub(crate) fn people(&self, conversation: ConversationId) -> People {
        let now = Instant::now();
        let inner = self.inner();
        let Some(spot) = inner.places.get(&conversation) else { return People::default() };
        let mut members: Vec<_> = spot.members.values().cloned().collect();
        members.sort_by_cached_key(|member| (Reverse(member.rank), member.name.to_lowercase()));
        let typing = spot.typing.iter().filter(|(_, since)| now.duration_since(**since) < TYPING);
        People { members, typing: typing.map(|(name, _)| name.clone()).collect() }
    }

    /// Who we are in an account's session.
    pub(crate) fn me(&self, account: AccountId) -> Option<String> {
        self.inner().me.get(&account).cloned()
    }

    /// The conversation is no more.
    pub(crate) fn forget(&self, conversation: ConversationId) {
        self.inner().places.remove(&conversation);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn spot(&mut self, account: AccountId, conversation: ConversationId) -> &mut Spot {
        let empty = || Spot { account, members: BTreeMap::new(), typing: BTreeMap::new() };
        self.places.entry(conversation).or_insert_with(empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: ConversationId = ConversationId(1);
    const OURS: AccountId = AccountId(1);

    fn member(name: &str, rank: u8) -> Member {
        Member { name: name.into(), rank, ..Member::default() }
    }

    fn names(crowd: &Crowd) -> Vec<String> {
        crowd.people(HERE).members.into_iter().map(|member| member.name).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn people_come_by_rank_and_name_and_go_with_their_session() {
        let crowd = Crowd::default();
        let now = Instant::now();
        let members = vec![member("bob", 0), member("Ann", 0), member("op", 2)];
        crowd.hear(News::Members { account: OURS, conversation: HERE, members }, now);
        crowd.hear(News::Me { account: OURS, name: "me".into() }, now);
        assert_eq!(names(&crowd), ["op", "Ann", "bob"]);
        crowd.hear(News::Member { account: OURS, conversation: HERE, member: member("bob", 9) }, now);
        crowd.hear(News::Gone { conversation: HERE, name: "op".into() }, now);
        assert_eq!(names(&crowd), ["bob", "Ann"]);
        assert_eq!(crowd.hear(News::Over { account: AccountId(2) }, now), []);
        assert_eq!(names(&crowd).len(), 2);
        assert_eq!(crowd.hear(News::Over { account: OURS }, now), [HERE]);
        assert_eq!((names(&crowd).len(), crowd.me(OURS)), (0, None));
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_writing_is_forgotten_after_a_while() {
        let crowd = Crowd::default();
        let typing = |name: &str, typing| News::Typing {
            account: OURS,
            conversation: HERE,
            name: name.into(),
            typing,
        };
        crowd.hear(typing("ann", true), Instant::now());
        crowd.hear(typing("bob", true), Instant::now());
        assert_eq!(crowd.people(HERE).typing, ["ann", "bob"]);
        crowd.hear(typing("bob", false), Instant::now());
        tokio::time::advance(TYPING - Duration::from_millis(1)).await;
        assert_eq!(crowd.people(HERE).typing, ["ann"]);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(crowd.people(HERE).typing, [""; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_is_bounded() {
        let crowd = Crowd::default();
        let now = Instant::now();
        let members = (0..MAX_MEMBERS + 5).map(|n| member(&n.to_string(), 0)).collect();
        crowd.hear(News::Members { account: OURS, conversation: HERE, members }, now);
        crowd.hear(News::Member { account: OURS, conversation: HERE, member: member("late", 0) }, now);
        crowd.hear(News::Member { account: OURS, conversation: HERE, member: member("0", 5) }, now);
        let people = crowd.people(HERE).members;
        assert_eq!((people.len(), people[0].rank), (MAX_MEMBERS, 5));
        for n in 0..2 * MAX_TYPING {
            let name = n.to_string();
            crowd.hear(News::Typing { account: OURS, conversation: HERE, name, typing: true }, now);
        }
        assert_eq!(crowd.people(HERE).typing.len(), MAX_TYPING);
    }
}
