use super::*;
use crate::irc::line::Line;
use proptest::prelude::*;

fn of(tokens: &str) -> Isupport {
    let mut isupport = Isupport::default();
    let line =
        Line::parse(&format!(":irc.lab.test 005 alice {tokens} :are supported by this server")).unwrap();
    isupport.apply(&line.params);
    isupport
}

#[test]
fn a_server_that_says_nothing_has_the_defaults() {
    let none = Isupport::default();
    assert_eq!(none.casemapping(), Casemapping::Rfc1459);
    assert_eq!(none.chantypes(), "#&");
    assert_eq!(none.prefixes(), PrefixTable::parse("(ov)@+").unwrap());
    assert_eq!(none.chanmodes(), ChanModes::parse("b,k,l,imnpst").unwrap());
    assert_eq!((none.statusmsg(), none.elist()), (String::new(), BTreeSet::new()));
    assert_eq!([none.modes(), none.nicklen(), none.channellen()], [3, 9, 200].map(Limit::At));
    assert_eq!([none.topiclen(), none.awaylen(), none.kicklen()], [Limit::Unlimited; 3]);
    assert_eq!((none.linelen(), none.network()), (512, None));
    assert_eq!((none.targmax("JOIN"), none.targmax("KICK")), (Limit::Unlimited, Limit::At(1)));
    assert_eq!((none.monitor(), none.chathistory(), none.msgreftypes()), (None, None, vec![]));
    assert_eq!((none.bot(), none.excepts(), none.invex()), (None, None, None));
    assert_eq!((none.whox(), none.utf8only(), none.allows_client_tag("typing")), (false, false, true));
    assert_eq!((none.maxlist('b'), none.chanlimit('#')), (Limit::Unlimited, Limit::Unlimited));
}

#[test]
fn what_a_server_sent_over_three_lines_is_known() {
    let mut isupport = of(
        "AWAYLEN=390 BOT=B CASEMAPPING=ascii CHANLIMIT=#:100 CHANMODES=Ibe,k,fl,CEMRUimnstu CHANNELLEN=64 CHANTYPES=# \
         CHATHISTORY=1000 ELIST=U EXCEPTS EXTBAN=,m FORWARD=f INVEX",
    );
    for tokens in [
        "KICKLEN=390 MAXLIST=beI:100 MAXTARGETS=4 MODES MONITOR=100 MSGREFTYPES=msgid,timestamp NETWORK=LabNet \
         NICKLEN=32 PREFIX=(qaohv)~&@%+ SAFELIST SAFERATE STATUSMSG=~&@%+ \
         TARGMAX=NAMES:1,LIST:1,KICK:,WHOIS:1,USERHOST:10,PRIVMSG:4,TAGMSG:4,NOTICE:4,MONITOR:100",
        "TOPICLEN=390 UTF8ONLY WHOX draft/CHATHISTORY=1000",
    ] {
        isupport.apply(&Line::parse(&format!("005 alice {tokens} :are supported")).unwrap().params);
    }
    assert_eq!(isupport.casemapping(), Casemapping::Ascii);
    assert_eq!(isupport.chanmodes(), ChanModes::parse("Ibe,k,fl,CEMRUimnstu").unwrap());
    assert_eq!(isupport.prefixes(), PrefixTable::parse("(qaohv)~&@%+").unwrap());
    assert_eq!(isupport.statusmsg(), "~&@%+");
    assert_eq!([isupport.awaylen(), isupport.kicklen(), isupport.topiclen()], [Limit::At(390); 3]);
    assert_eq!([isupport.channellen(), isupport.nicklen()], [64, 32].map(Limit::At));
    assert_eq!((isupport.modes(), isupport.monitor()), (Limit::Unlimited, Some(Limit::At(100))));
    assert_eq!((isupport.chanlimit('#'), isupport.chanlimit('&')), (Limit::At(100), Limit::Unlimited));
    assert_eq!((isupport.maxlist('e'), isupport.maxlist('q')), (Limit::At(100), Limit::Unlimited));
    assert_eq!((isupport.targmax("privmsg"), isupport.targmax("KICK")), (Limit::At(4), Limit::Unlimited));
    assert_eq!(isupport.targmax("WHO"), Limit::At(1), "what is not named has the default");
    assert_eq!(isupport.chathistory(), Some(Limit::At(1000)));
    assert_eq!(isupport.msgreftypes(), [RefType::Msgid, RefType::Timestamp]);
    assert_eq!((isupport.bot(), isupport.excepts(), isupport.invex()), (Some('B'), Some('e'), Some('I')));
    assert_eq!((isupport.network(), isupport.whox(), isupport.utf8only()), (Some("LabNet"), true, true));
    assert_eq!(isupport.elist(), BTreeSet::from(['U']));
    assert!(isupport.is_channel("#lobby") && !isupport.is_channel("&lobby") && !isupport.is_channel(""));
}

#[test]
fn a_token_is_renewed_taken_back_and_unescaped() {
    let mut isupport = of("NETWORK=Example\\x20Network\\x5C\\x3D\\xZZ\\x NICKLEN=20");
    assert_eq!(isupport.network(), Some("Example Network\\=\\xZZ\\x"));
    isupport.apply(&["me".into(), "-NICKLEN".into(), "-NONE".into(), "NETWORK=B".into(), "words".into()]);
    assert_eq!((isupport.nicklen(), isupport.network()), (Limit::At(9), Some("B")));
    assert_eq!(of("NETWORK=\\x+1").network(), Some("\\x+1"));
    assert_eq!(of("CHATHISTORY=0").chathistory(), Some(Limit::Unlimited));
    assert_eq!(of("draft/CHATHISTORY=50").chathistory(), Some(Limit::At(50)));
    assert_eq!((of("CHANTYPES=").chantypes(), of("PREFIX=").prefixes().ranks()), ("", &[][..]));
}

#[test]
fn garbage_is_as_if_it_were_not_there() {
    let garbage = of(
        "CASEMAPPING=elvish CHANTYPES=abc PREFIX=(ov)@ CHANMODES=b,k STATUSMSG=@! MODES=-1 NICKLEN=0 CHANNELLEN=+5 \
         LINELEN=12 MONITOR=many CHATHISTORY=x MSGREFTYPES=,time,msgid,msgid BOT=BB EXCEPTS=ee TARGMAX=KICK:x,:,PART \
         MAXLIST=b CHANLIMIT=#:x ELIST=c1t NETWORK=\\x20 TOPICLEN=99999999999999999999999",
    );
    assert_eq!((garbage.casemapping(), garbage.chantypes()), (Casemapping::Rfc1459, "#&"));
    assert_eq!((garbage.prefixes(), garbage.chanmodes()), (PrefixTable::default(), ChanModes::default()));
    assert_eq!(garbage.statusmsg(), "@");
    assert_eq!([garbage.modes(), garbage.nicklen(), garbage.channellen()], [3, 9, 200].map(Limit::At));
    assert_eq!((garbage.linelen(), of("LINELEN=2048").linelen()), (512, 2048));
    assert_eq!(of("LINELEN=9999999999").linelen(), MAX_REST);
    assert_eq!((garbage.monitor(), garbage.chathistory(), garbage.bot()), (None, None, None));
    assert_eq!((garbage.excepts(), garbage.network()), (None, None));
    assert_eq!((garbage.msgreftypes(), garbage.topiclen()), (vec![RefType::Msgid], Limit::Unlimited));
    assert_eq!((garbage.targmax("KICK"), garbage.targmax("PART")), (Limit::At(1), Limit::Unlimited));
    assert_eq!((garbage.maxlist('b'), garbage.chanlimit('#')), (Limit::Unlimited, Limit::Unlimited));
    assert_eq!(garbage.elist(), BTreeSet::from(['C', 'T']));
}

#[test]
fn client_tags_are_denied_by_name_or_all_but_some() {
    let some = of("CLIENTTAGDENY=typing,draft/react");
    assert_eq!((some.allows_client_tag("typing"), some.allows_client_tag("draft/reply")), (false, true));
    let all = of("CLIENTTAGDENY=*,-draft/reply");
    assert_eq!((all.allows_client_tag("typing"), all.allows_client_tag("draft/reply")), (false, true));
    assert!(of("CLIENTTAGDENY=").allows_client_tag("typing"));
}

#[test]
fn a_flood_of_tokens_is_bounded_and_those_that_are_there_can_still_change() {
    let mut isupport = of("NICKLEN=20");
    for index in 0..2 * MAX_TOKENS {
        isupport.apply(&["me".into(), format!("T{index}=x"), "words".into()]);
    }
    assert_eq!(isupport.0.len(), MAX_TOKENS);
    let long = format!("NETWORK={}", "a".repeat(MAX_VALUE + 1));
    isupport.apply(&["me".into(), "NICKLEN=30".into(), long, "words".into()]);
    assert_eq!((isupport.nicklen(), isupport.network()), (Limit::At(30), None));
}

proptest! {
    #[test]
    fn any_tokens_are_read_without_a_panic(
        tokens in proptest::collection::vec(any::<String>(), 0..8),
        name in "CASEMAPPING|CHANTYPES|PREFIX|CHANMODES|TARGMAX|LINELEN|CLIENTTAGDENY|MAXLIST|ELIST|CHATHISTORY",
        value in "[ -~]{0,30}|\\PC{0,20}",
    ) {
        let mut isupport = Isupport::default();
        isupport.apply(&tokens);
        isupport.apply(&["me".into(), format!("{name}={value}"), "words".into()]);
        prop_assert!(isupport.0.iter().all(|(name, value)| name.len() <= MAX_NAME && value.len() <= MAX_VALUE));
        prop_assert!((LINE_LEN..=MAX_REST).contains(&isupport.linelen()));
        prop_assert!(isupport.statusmsg().chars().all(|sign| isupport.prefixes().signed(sign).is_some()));
        let _ = (isupport.casemapping(), isupport.chanmodes(), isupport.targmax("KICK"), isupport.maxlist('b'));
        let _ = (isupport.is_channel(&value), isupport.elist(), isupport.allows_client_tag(&value));
        let _ = (isupport.chathistory(), isupport.msgreftypes(), isupport.bot(), isupport.excepts());
    }
}
