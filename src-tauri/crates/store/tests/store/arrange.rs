//! How the user arranges the sidebar.

use crate::bed::{Bed, config, room};
use domain::{AccountId, ConversationId, NotifyRule};

fn add(bed: &mut Bed, key: &str) -> ConversationId {
    let account = bed.account;
    bed.write(|tx| tx.ensure_conversation(account, &room(key)))
}

/// The ids in the sidebar's order, those of each account together.
fn shown(bed: &mut Bed) -> (Vec<AccountId>, Vec<ConversationId>) {
    let (_, accounts, conversations) = bed.reader.sidebar().unwrap();
    (
        accounts.iter().map(|account| account.id).collect(),
        conversations.iter().map(|conversation| conversation.id).collect(),
    )
}

#[test]
fn conversations_stand_in_the_users_order_pinned_ones_first_and_new_ones_last() {
    let mut bed = Bed::new();
    let a = bed.conversation;
    let [b, c, d] = ["b", "c", "d"].map(|key| add(&mut bed, key));
    assert_eq!(shown(&mut bed).1, [a, b, c, d]);
    assert!(bed.write(|tx| tx.move_conversation(d, Some(b))));
    assert_eq!(shown(&mut bed).1, [a, d, b, c]);
    assert!(bed.write(|tx| tx.move_conversation(a, None)));
    assert_eq!(shown(&mut bed).1, [d, b, c, a]);
    let e = add(&mut bed, "e");
    assert_eq!(shown(&mut bed).1, [d, b, c, a, e]);
    for pinned in [c, a] {
        assert!(bed.write(|tx| tx.set_pinned(pinned, true)));
    }
    assert_eq!(shown(&mut bed).1, [c, a, d, b, e]);
    // What is not pinned comes no further up than behind the pinned ones; these trade places among themselves.
    bed.write(|tx| tx.move_conversation(e, Some(c)));
    assert_eq!(shown(&mut bed).1, [c, a, d, b, e]);
    bed.write(|tx| tx.move_conversation(a, Some(c)));
    assert_eq!(shown(&mut bed).1.first_chunk(), Some(&[a, c]));
    bed.write(|tx| tx.set_pinned(c, false));
    assert_eq!(shown(&mut bed).1.first(), Some(&a));
    assert!(!bed.write(|tx| tx.move_conversation(ConversationId(99), None)));
}

#[test]
fn accounts_stand_in_the_users_order_and_are_folded() {
    let mut bed = Bed::new();
    let one = bed.account;
    let [two, three] = ["two", "three"].map(|name| bed.write(|tx| tx.add_account(&config(name))));
    assert!(bed.write(|tx| tx.move_account(three, Some(one))));
    assert_eq!(shown(&mut bed).0, [three, one, two]);
    assert!(bed.write(|tx| tx.set_collapsed(two, true)));
    assert!(bed.reader.account(two).unwrap().unwrap().collapsed);
    assert!(!bed.reader.account(one).unwrap().unwrap().collapsed);
    let written = bed.written(|tx| tx.set_collapsed(two, false));
    assert!(written.touched.sidebar, "the window learns of it");
    let written = bed.written(|tx| tx.move_account(three, None));
    assert!(written.touched.sidebar);
    assert_eq!(shown(&mut bed).0, [one, two, three]);
}

#[test]
fn what_the_user_wants_to_be_told_of_is_kept_whatever_the_server_says() {
    let mut bed = Bed::new();
    let id = bed.conversation;
    assert_eq!((bed.stored().muted, bed.stored().notify), (false, None));
    for rule in [NotifyRule::All, NotifyRule::Mentions, NotifyRule::Nothing] {
        assert!(bed.write(|tx| tx.set_notify(id, Some(rule))));
        assert_eq!(bed.stored().notify, Some(rule));
    }
    bed.write(|tx| tx.set_muted(id, true));
    let (account, topic) = (bed.account, Some("tea".to_owned()));
    bed.write(|tx| tx.ensure_conversation(account, &domain::RemoteConversation { topic, ..room("room") }));
    assert_eq!((bed.stored().muted, bed.stored().notify), (true, Some(NotifyRule::Nothing)));
    bed.write(|tx| tx.set_notify(id, None));
    assert_eq!(bed.stored().notify, None);
}
