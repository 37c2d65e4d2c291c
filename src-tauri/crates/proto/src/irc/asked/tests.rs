use super::*;
use domain::Timestamp;

struct Bed {
    asked: Asked,
    now: Now,
}

fn key(name: &str) -> ConversationKey {
    ConversationKey(name.to_owned())
}

impl Bed {
    fn new() -> Self {
        Self { asked: Asked::default(), now: Now { mono: Instant::now(), wall: Timestamp(0) } }
    }

    fn ask(&mut self, question: Question, place: &str) -> Option<Told> {
        self.asked.ask(question, key(place), self.now)
    }

    /// What is told, and a `-` for each line that is left to the session, a `+` for one that it sees too.
    fn take(&mut self, lines: &[&str]) -> Vec<String> {
        let mut said = Vec::new();
        for line in lines {
            let line = Line::parse(line).unwrap();
            match self.asked.take(&line, Casemapping::Rfc1459, self.now) {
                Taken::Not => said.push("-".to_owned()),
                Taken::Whole(told) => said.extend(told.map(|told| show(&told))),
                Taken::Shared(told) => {
                    said.push("+".to_owned());
                    said.extend(told.map(|told| show(&told)));
                }
            }
        }
        said
    }
}

fn show(told: &Told) -> String {
    format!("{}: {}", told.conversation.0, told.text.replace('\n', " | "))
}

#[test]
fn an_answer_is_gathered_to_where_it_was_asked() {
    let mut bed = Bed::new();
    bed.ask(Question::Whois("Ann".into()), "#a");
    bed.ask(Question::Whois("bob".into()), "#b");
    let said = bed.take(&[
        ":s 311 me bob u h * :Bob",
        ":s 311 me ann u h * :Ann",
        ":s 671 me ann :is using a secure connection",
        ":s 318 me ann :End",
        ":s 318 me bob :End",
        ":s 318 me bob :End",
    ]);
    assert_eq!(said, ["#a: ann is u@h: Ann | over a secure connection", "#b: bob is u@h: Bob", "-"]);
}

#[test]
fn numerics_of_a_servers_own_are_part_of_what_it_tells_of_somebody() {
    let mut bed = Bed::new();
    bed.ask(Question::Whois("ann".into()), "#a");
    let said = bed.take(&[
        ":s 344 me ann DE :is connecting from Germany",
        ":s 344 me bob DE :x",
        ":s 318 me ann :End",
    ]);
    assert_eq!(said, ["-", "#a: DE is connecting from Germany"]);
}

#[test]
fn who_is_not_there_is_said_once() {
    let mut bed = Bed::new();
    bed.ask(Question::Whois("nobody".into()), "*");
    let said = bed.take(&[":s 401 me nobody :No such nick", ":s 318 me nobody :End"]);
    assert_eq!(said, ["*: nobody: No such nick"]);
    bed.ask(Question::Whowas("nobody".into()), "*");
    let said = bed.take(&[":s 406 me nobody :There was no such nick", ":s 369 me nobody :End"]);
    assert_eq!(said, ["*: There was no such nick".replace("There", "nobody: There")]);
}

#[test]
fn channels_are_shown_by_size_those_that_hold_the_words_and_not_too_many() {
    let mut bed = Bed::new();
    bed.ask(Question::Channels("RUST lang".into()), "*");
    let said = bed.take(&[
        ":s 321 me Channel :Users Name",
        ":s 322 me #rust 5 :The language, rust-lang.org",
        ":s 322 me #iron 900 :Not this",
        ":s 322 me #rust-lang 80 :",
        ":s 323 me :End",
    ]);
    assert_eq!(
        said,
        ["*: Channels with “RUST lang”: | #rust-lang (80) | #rust (5): The language, rust-lang.org"]
    );

    bed.ask(Question::Channels(String::new()), "*");
    for n in 0..2 * MAX_KEPT {
        assert!(bed.take(&[&format!(":s 322 me #c{n} {n} :x")]).is_empty());
    }
    let said = bed.take(&[":s 323 me :End"]).remove(0);
    assert!(said.starts_with(&format!("*: Channels: | #c{} ", 2 * MAX_KEPT - 1)));
    assert!(said.ends_with(&format!("… and {} more", 2 * MAX_KEPT - MAX_SHOWN)));
}

#[test]
fn what_the_session_needs_too_is_shared_and_what_nobody_asked_is_left_to_it() {
    let mut bed = Bed::new();
    let names = [":s 353 me = #a :@ann bob", ":s 366 me #a :End"];
    assert_eq!(bed.take(&names), ["-", "-"]);
    bed.ask(Question::Names("#A".into()), "#a");
    assert_eq!(bed.take(&[":s 353 me = #b :x"]), ["-"]);
    assert_eq!(bed.take(&names), ["+", "+", "#a: In #A: | @ann bob"]);
}

#[test]
fn a_refusal_is_for_the_question_that_it_names() {
    let mut bed = Bed::new();
    bed.ask(Question::List("#a".into(), 'b'), "#a");
    bed.ask(Question::Channels(String::new()), "*");
    assert_eq!(bed.take(&[":s 404 me #a :Cannot send to channel"]), ["-"], "of what was said");
    assert_eq!(bed.take(&["FAIL PRIVMSG X #a :No"]), ["-"]);
    assert_eq!(bed.take(&[":s 263 me LIST :Later"]), ["*: Channels: | LIST: Later"]);
    assert_eq!(
        bed.take(&[":s 482 me #a :You are no operator"]),
        ["#a: Banned from #a: | #a: You are no operator"]
    );
}

#[test]
fn what_has_no_end_is_told_after_a_pause_and_silence_after_a_while() {
    let mut bed = Bed::new();
    bed.ask(Question::Watched, "*");
    bed.ask(Question::Motd, "#a");
    assert_eq!(bed.take(&[":s 730 me :ann!u@h", ":s 731 me :bob"]), ["+", "+"]);
    assert!(bed.asked.late(bed.now).is_empty());
    bed.now.mono += PAUSE;
    assert_eq!(bed.asked.due(), Some(bed.now.mono));
    let said: Vec<_> = bed.asked.late(bed.now).iter().map(show).collect();
    assert_eq!(said, ["*: You watch: | ann: here | bob: not here"]);
    bed.now.mono += PATIENCE;
    let said: Vec<_> = bed.asked.late(bed.now).iter().map(show).collect();
    assert_eq!(said, ["#a: The server did not answer MOTD."]);
    assert_eq!(bed.asked.due(), None);
}

#[test]
fn questions_are_bounded_and_the_oldest_makes_way() {
    let mut bed = Bed::new();
    for n in 0..MAX_OPEN {
        assert_eq!(bed.ask(Question::Whois(format!("n{n}")), "*"), None);
    }
    assert!(bed.ask(Question::Motd, "*").is_some());
    assert_eq!(bed.asked.open.len(), MAX_OPEN);
}

#[test]
fn a_refusal_that_names_nothing_is_for_what_was_typed_just_now() {
    let mut bed = Bed::new();
    assert_eq!(bed.asked.place(bed.now), None);
    bed.asked.typed(&key("#a"), bed.now);
    assert_eq!(bed.asked.place(bed.now), Some(&key("#a")));
    bed.now.mono += TYPED;
    assert_eq!(bed.asked.place(bed.now), None);
}
