//! A session as text: fixture, golden test, bug report, replay and fuzz seed in one format.
//!
//! A line each, the sign first:
//!
//! | line | what |
//! | --- | --- |
//! | `> TEXT`, `>b HEX` | a frame that we sent |
//! | `< TEXT`, `<b HEX` | a frame that came |
//! | `! {…}` | an event, as JSON |
//! | `? {…}` | a command, as JSON |
//! | `+12s`, `+250ms` | time that passed; a deadline within it wakes the adapter |
//! | `# opened [SUBPROTOCOL]`, `# committed N` | what the driver told the adapter |
//! | `~ TEXT` | what is remembered for the next session |
//! | `x CODE {…}` | the adapter ended the session, for that reason |
//!
//! In the text of a frame `\n`, `\r`, `\0` and `\\` stand for those characters. Empty lines and lines that begin with
//! `//` are passed over; at the head of an adapter's golden transcript, `// config {…}`, `// secret …`, `// resume …` and `// entrusted …` say
//! what the session starts from.

use crate::{Adapter, Frame, Input, Now, Output};
use domain::{Command, Timestamp};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// A line that goes into an adapter.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `# opened`
    Opened(Option<String>),
    /// `<`
    Frame(Frame),
    /// `?`
    Command(Command),
    /// `# committed`
    Committed(u64),
    /// `+`
    Pass(Duration),
}

/// A transcript that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct TranscriptFault {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// How many outputs one input may give before the adapter counts as stuck: more than any page of history holds.
const MAX_DRAIN: usize = 100_000;

/// The longest time that one line may let pass. Bounds what is added to an `Instant`.
const MAX_PASS: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Reads the steps of a transcript and leaves out what an adapter answered.
///
/// # Errors
/// The first line that cannot be read.
pub fn read(text: &str) -> Result<Vec<Step>, TranscriptFault> {
    let mut steps = Vec::new();
    // `lines` leaves the CR of a last line whose LF was cut off.
    for (index, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some(step) = read_line(line).map_err(|what| TranscriptFault { line: index + 1, what })? {
            steps.push(step);
        }
    }
    Ok(steps)
}

/// What passed on a line, as it is exported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Passage<'a> {
    /// A session began, with the subprotocol that the server chose.
    Opened(Option<&'a str>),
    /// Time went by; whole milliseconds are kept, at most a year.
    Pass(Duration),
    /// A frame that we sent.
    Sent(&'a Frame),
    /// A frame that came.
    Came(&'a Frame),
    /// A remark, which a reader passes over.
    Note(&'a str),
}

/// Writes what passed, so that [`read`] gives its steps.
#[must_use]
pub fn write<'a>(passages: impl IntoIterator<Item = Passage<'a>>) -> String {
    let mut text = String::new();
    for passage in passages {
        match passage {
            Passage::Opened(name) => {
                let name = name.map(|name| name.replace(['\r', '\n'], " ")).filter(|name| !name.is_empty());
                write_step(&mut text, &Step::Opened(name));
            }
            Passage::Pass(time) => {
                let ms = u64::try_from(time.min(MAX_PASS).as_millis()).unwrap_or(u64::MAX);
                write_step(&mut text, &Step::Pass(Duration::from_millis(ms)));
            }
            Passage::Sent(frame) => write_frame(&mut text, '>', frame),
            Passage::Came(frame) => write_frame(&mut text, '<', frame),
            Passage::Note(note) => push_line(&mut text, format_args!("// {}", escape(note))),
        }
    }
    text
}

/// Writes steps, so that [`read`] gives them again.
#[must_use]
pub fn print(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |mut text, step| {
        write_step(&mut text, step);
        text
    })
}

/// Runs the steps through an adapter and writes the whole session: each step, and after it what the adapter answered.
///
/// # Errors
/// When the adapter breaks the law and never comes back to [`Output::Wait`].
pub fn replay(adapter: &mut dyn Adapter, steps: &[Step]) -> Result<String, TranscriptFault> {
    let start = Instant::now();
    let mut passed = Duration::ZERO;
    let mut deadline: Option<Duration> = None;
    let mut text = String::new();
    for (index, step) in steps.iter().enumerate() {
        let fault = |what: &str| TranscriptFault { line: index + 1, what: what.to_owned() };
        write_step(&mut text, step);
        if let Step::Pass(time) = step {
            let until = passed.saturating_add(*time);
            while let Some(due) = deadline.filter(|&due| due <= until) {
                passed = due.max(passed);
                let next =
                    feed(adapter, Input::Timeout, start, passed, &mut text).ok_or_else(|| fault("stuck"))?;
                deadline = next.filter(|&next| next > due);
            }
            passed = until;
            continue;
        }
        let input = match step {
            Step::Opened(subprotocol) => Input::Opened { subprotocol: subprotocol.as_deref() },
            Step::Frame(frame) => Input::Frame(frame),
            Step::Command(command) => Input::Command(command.clone()),
            Step::Committed(upto) => Input::Committed { upto: *upto },
            Step::Pass(_) => Input::Timeout,
        };
        deadline = feed(adapter, input, start, passed, &mut text).ok_or_else(|| fault("stuck"))?;
    }
    Ok(text)
}

/// One turn of the law. `None`: the adapter did not come back to `Wait`.
fn feed(
    adapter: &mut dyn Adapter,
    input: Input<'_>,
    start: Instant,
    passed: Duration,
    text: &mut String,
) -> Option<Option<Duration>> {
    let wall = Timestamp(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX));
    adapter.handle(input, Now { mono: start + passed, wall });
    for _ in 0..MAX_DRAIN {
        match adapter.poll() {
            Output::Wait(until) => return Some(until.map(|until| until.saturating_duration_since(start))),
            Output::Send(outgoing) => write_frame(text, '>', &outgoing.frame),
            Output::Event(event) => write_json(text, "!", &event),
            Output::Remember(resume) => push_line(text, format_args!("~ {}", escape(&resume.0))),
            // A transcript is read by people.
            Output::Conceal(_) => {}
            Output::Entrust(secret) => {
                push_line(
                    text,
                    format_args!("~ {}", if secret.is_some() { "a secret" } else { "no secret" }),
                );
            }
            Output::Close(close) => write_json(text, &format!("x {}", close.code), &close.reason),
        }
    }
    None
}

fn read_line(line: &str) -> Result<Option<Step>, String> {
    if line.is_empty() || line.starts_with("//") {
        return Ok(None);
    }
    let (sign, rest) = line.split_once(' ').unwrap_or((line, ""));
    if let Some(time) = sign.strip_prefix('+') {
        return read_pass(time).map(|time| Some(Step::Pass(time)));
    }
    match sign {
        ">" | ">b" | "!" | "~" | "x" => Ok(None),
        "<" => Ok(Some(Step::Frame(Frame::Text(unescape(rest)?)))),
        "<b" => Ok(Some(Step::Frame(Frame::Binary(read_hex(rest)?)))),
        "?" => {
            serde_json::from_str(rest).map(|command| Some(Step::Command(command))).map_err(|e| e.to_string())
        }
        "#" => read_sign(rest).map(Some),
        other => Err(format!("no line begins with {other:?}")),
    }
}

fn read_sign(rest: &str) -> Result<Step, String> {
    match rest.split_once(' ').unwrap_or((rest, "")) {
        ("opened", "") => Ok(Step::Opened(None)),
        // RFC 6455 §4.1: a token; a control character could not be told from the end of the line.
        ("opened", name) if name.contains(char::is_control) => Err(format!("{name:?} is no subprotocol")),
        ("opened", name) => Ok(Step::Opened(Some(name.to_owned()))),
        ("committed", upto) => upto.parse().map(Step::Committed).map_err(|_| format!("{upto:?} is no count")),
        _ => Err(format!("{rest:?} is neither opened nor committed")),
    }
}

fn read_pass(text: &str) -> Result<Duration, String> {
    let fault = || format!("{text:?} is no time such as 12s or 250ms");
    let time = if let Some(ms) = text.strip_suffix("ms") {
        Duration::from_millis(ms.parse().map_err(|_| fault())?)
    } else {
        Duration::from_secs(text.strip_suffix('s').ok_or_else(fault)?.parse().map_err(|_| fault())?)
    };
    if time > MAX_PASS { Err("more than a year".to_owned()) } else { Ok(time) }
}

fn write_step(text: &mut String, step: &Step) {
    match step {
        Step::Opened(None) => push_line(text, format_args!("# opened")),
        Step::Opened(Some(name)) => push_line(text, format_args!("# opened {name}")),
        Step::Frame(frame) => write_frame(text, '<', frame),
        Step::Command(command) => write_json(text, "?", command),
        Step::Committed(upto) => push_line(text, format_args!("# committed {upto}")),
        Step::Pass(time) if time.subsec_millis() == 0 => {
            push_line(text, format_args!("+{}s", time.as_secs()))
        }
        Step::Pass(time) => push_line(text, format_args!("+{}ms", time.as_millis())),
    }
}

fn write_frame(text: &mut String, sign: char, frame: &Frame) {
    match frame {
        Frame::Text(body) => push_line(text, format_args!("{sign} {}", escape(body))),
        Frame::Binary(bytes) => {
            let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
            push_line(text, format_args!("{sign}b {hex}"));
        }
    }
}

fn write_json(text: &mut String, sign: &str, value: &impl serde::Serialize) {
    let json = serde_json::to_string(value).unwrap_or_else(|error| error.to_string());
    push_line(text, format_args!("{sign} {json}"));
}

fn push_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "{line}");
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, char| {
        match char {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\0' => escaped.push_str("\\0"),
            other => escaped.push(other),
        }
        escaped
    })
}

fn unescape(text: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            plain.push(char);
            continue;
        }
        plain.push(match chars.next() {
            Some('\\') => '\\',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('0') => '\0',
            other => return Err(format!("\\ before {other:?}")),
        });
    }
    Ok(plain)
}

fn read_hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u32> =
        text.chars().map(|char| char.to_digit(16)).collect::<Option<_>>().ok_or("not hexadecimal")?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("an odd number of hexadecimal digits".to_owned());
    }
    pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).map_err(|e| e.to_string())).collect()
}
