use super::*;
use crate::irc::line::LINE_LEN;
use proptest::prelude::*;

fn take(caps: &mut Caps, line: &str) -> Vec<String> {
    let shown = |step| match step {
        Step::Send(line) => line.format(LINE_LEN).unwrap(),
        Step::Enabled(names) => format!("+ {}", names.join(" ")),
        Step::Disabled(names) => format!("- {}", names.join(" ")),
        Step::Settled => "settled".to_owned(),
    };
    caps.take(&Line::parse(line).unwrap()).into_iter().map(shown).collect()
}

#[test]
fn what_inspircd_offers_is_asked_for_but_not_its_trap() {
    let mut caps = Caps::new(&KNOWN);
    let asked = take(
        &mut caps,
        ":irc.lab.test CAP * LS :account-notify batch inspircd.org/poison inspircd.org/standard-replies sasl=PLAIN \
         server-time ",
    );
    assert_eq!(asked, ["CAP REQ :account-notify batch sasl server-time"]);
    assert_eq!(caps.offered("sasl"), Some("PLAIN"));
    let answer =
        "@time=2026-11-22T08:20:48.925Z :irc.lab.test CAP bob ACK :sasl account-notify batch server-time ";
    assert_eq!(take(&mut caps, answer), ["+ sasl account-notify batch server-time", "settled"]);
    assert!(caps.is_enabled("sasl") && !caps.is_enabled("inspircd.org/poison"));
}

#[test]
fn a_list_over_several_lines_is_waited_for() {
    let mut caps = Caps::new(&["batch", "sasl", "draft/multiline"]);
    assert!(
        take(&mut caps, "CAP * LS * :batch draft/multiline=max-bytes=4096,max-lines=100 sts=port=6697")
            .is_empty()
    );
    assert_eq!(caps.offered("batch"), None, "a list counts when it is whole");
    assert_eq!(take(&mut caps, "CAP * LS :sasl=PLAIN,EXTERNAL"), ["CAP REQ :batch draft/multiline sasl"]);
    assert_eq!(caps.offered("draft/multiline"), Some("max-bytes=4096,max-lines=100"));
    assert_eq!((caps.offered("sts"), caps.is_enabled("sts")), (Some("port=6697"), false));
}

#[test]
fn nothing_in_common_is_settled_at_once() {
    assert_eq!(take(&mut Caps::new(&KNOWN), "CAP * LS :"), ["settled"]);
    assert_eq!(
        take(&mut Caps::new(&["sts", "inspircd.org/poison"]), "CAP * LS :sts=x inspircd.org/poison"),
        ["settled"]
    );
    assert_eq!(
        take(&mut Caps::new(&["batch"]), "CAP * LS sasl"),
        ["settled"],
        "what is not wanted is not asked for"
    );
}

#[test]
fn a_request_of_all_is_split_so_that_its_answer_fits() {
    let mut caps = Caps::new(&KNOWN);
    let requests = take(&mut caps, &format!("CAP * LS :{}", KNOWN.join(" ")));
    let asked: Vec<_> =
        requests.iter().flat_map(|line| line.trim_start_matches("CAP REQ :").split(' ')).collect();
    assert_eq!(asked, KNOWN, "each once");
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|line| line.len() <= "CAP REQ :".len() + MAX_REQUEST));
    let answer = |line: &str| {
        format!(":{} CAP {} ACK :{}", "s".repeat(50), "n".repeat(30), line.trim_start_matches("CAP REQ :"))
    };
    assert!(requests.iter().all(|line| answer(line).len() <= 510));
    assert!(!take(&mut caps, &answer(&requests[0])).contains(&"settled".to_owned()));
    assert!(take(&mut caps, &answer(&requests[1])).contains(&"settled".to_owned()));
    assert!(KNOWN.iter().all(|name| caps.is_enabled(name)));
}

#[test]
fn a_refusal_is_asked_again_one_by_one_and_costs_no_other() {
    let mut caps = Caps::new(&["batch", "sasl", "setname"]);
    take(&mut caps, "CAP * LS :batch sasl setname");
    let singles = ["CAP REQ batch", "CAP REQ sasl", "CAP REQ setname"];
    // The server repeats only a part.
    assert_eq!(take(&mut caps, "CAP * NAK :batch sa"), singles);
    assert_eq!(take(&mut caps, "CAP * ACK :batch"), ["+ batch"]);
    assert!(take(&mut caps, "CAP * NAK :sasl").is_empty());
    assert_eq!(take(&mut caps, "CAP * ACK :setname"), ["+ setname", "settled"]);
    assert!(caps.is_enabled("batch") && !caps.is_enabled("sasl"));
    assert!(take(&mut caps, "CAP * NAK :sasl").is_empty(), "nothing is asked for any more");
}

#[test]
fn what_comes_and_goes_later_is_followed() {
    let mut caps = Caps::new(&["batch", "sasl"]);
    take(&mut caps, "CAP * LS :batch");
    take(&mut caps, "CAP * ACK :batch");
    assert_eq!(take(&mut caps, "CAP alice NEW :sasl=PLAIN batch other"), ["CAP REQ sasl"]);
    assert_eq!(take(&mut caps, "CAP alice ACK :~sasl "), ["+ sasl", "settled"]);
    assert_eq!(take(&mut caps, "CAP alice DEL :sasl other"), ["- sasl"]);
    assert_eq!((caps.offered("sasl"), caps.is_enabled("sasl")), (None, false));
    assert_eq!(take(&mut caps, "CAP alice ACK :-batch"), ["- batch", "settled"]);
}

#[test]
fn a_list_of_what_is_on_is_believed() {
    let mut caps = Caps::new(&["batch", "sasl"]);
    take(&mut caps, "CAP * LS :batch");
    take(&mut caps, "CAP * ACK :batch");
    assert!(take(&mut caps, "CAP a LIST * :sasl").is_empty());
    assert_eq!(take(&mut caps, "CAP a LIST :setname other"), ["+ sasl setname", "- batch"]);
}

#[test]
fn an_answer_over_two_lines_settles_with_the_second() {
    let mut caps = Caps::new(&["batch", "sasl"]);
    take(&mut caps, "CAP * LS :batch sasl");
    assert_eq!(take(&mut caps, "CAP * ACK :batch"), ["+ batch"]);
    assert_eq!(take(&mut caps, "CAP * ACK :sasl"), ["+ sasl", "settled"]);
}

#[test]
fn other_lines_give_nothing() {
    let mut caps = Caps::new(&KNOWN);
    for line in ["PING x", "CAP", "CAP *", "CAP * LS", "CAP * FOO :x", "CAP * NAK :x", "001 alice :Welcome"] {
        assert!(take(&mut caps, line).is_empty(), "{line}");
    }
}

proptest! {
    #[test]
    fn whatever_a_server_says_only_what_is_known_is_asked_for_and_no_more_than_it_offers(
        lines in proptest::collection::vec(("LS|LIST|NEW|DEL|ACK|NAK|LS \\*", proptest::collection::vec(
            prop_oneof![proptest::sample::select(&KNOWN[..]).prop_map(str::to_owned), "[-=~]?[a-z]{1,6}(=[a-z]{0,4})?"], 0..6,
        )), 0..30),
    ) {
        let mut caps = Caps::new(&KNOWN);
        for (word, names) in lines {
            for step in caps.take(&Line::parse(&format!("CAP * {word} :{}", names.join(" "))).unwrap()) {
                let Step::Send(line) = step else { continue };
                prop_assert_eq!(line.param(0), Some("REQ"));
                prop_assert!(line.param(1).unwrap().split(' ').all(|name| KNOWN.contains(&name)));
            }
            let waiting: usize = caps.asked.iter().map(BTreeSet::len).sum();
            prop_assert!(waiting <= KNOWN.len() && caps.offered.len() <= KNOWN.len() + 1);
        }
    }

    #[test]
    fn any_line_is_taken_without_a_panic(text in any::<String>()) {
        let mut caps = Caps::new(&KNOWN);
        if let Ok(line) = Line::parse(&format!("CAP {text}")) {
            prop_assert!(caps.take(&line).len() <= KNOWN.len() + 1);
        }
    }
}
