//! Both directions against each other, against the examples of RFC 7692 §7.2.3, and against arbitrary bytes.

use super::terms::{Context, Side};
use super::{Corrupt, Inflow, Passed, Press};
use proptest::prelude::*;

const WHOLE_TEXT: u8 = 0x81;
const COMPRESSED: u8 = 0x40;

fn side(bits: Option<u8>, context: Context) -> Side {
    Side { bits, context }
}

fn open() -> Inflow {
    Inflow::default()
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        0..=125 => frame.push(payload.len() as u8),
        126..=0xffff => {
            frame.push(126);
            frame.extend((payload.len() as u16).to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}

/// What comes out when the bytes arrive in parts of this size.
fn through(inflow: &mut Inflow, bytes: &[u8], part: usize) -> Result<Vec<u8>, Corrupt> {
    let mut plain = Vec::new();
    for mut part in bytes.chunks(part) {
        loop {
            let ready = inflow.ready()?.len().min(7);
            plain.extend(&inflow.ready()?[..ready]);
            inflow.took(ready);
            if ready == 0 {
                let left = part.len();
                inflow.fill(&mut part);
                if left == 0 && inflow.ready()?.is_empty() {
                    break;
                }
            }
        }
    }
    Ok(plain)
}

/// Joins the frames of one message.
fn message(mut frames: &[u8]) -> (u8, Vec<u8>) {
    let (mut opcode, mut whole) = (0, Vec::new());
    while let [first, second, rest @ ..] = frames {
        assert_eq!(first & 0x70, 0, "no reserved bit comes out");
        let (length, rest) = match second {
            126 => (u16::from_be_bytes([rest[0], rest[1]]) as usize, &rest[2..]),
            127 => (u64::from_be_bytes(rest[..8].try_into().unwrap()) as usize, &rest[8..]),
            short => (usize::from(*short), rest),
        };
        if first & 0x0f != 0 {
            assert!(whole.is_empty(), "only the first part has an opcode");
            opcode = first & 0x0f;
        }
        whole.extend(&rest[..length]);
        frames = &rest[length..];
        assert_eq!(first & 0x80 != 0, frames.is_empty(), "only the last is final");
    }
    (opcode, whole)
}

#[test]
fn the_examples_of_the_rfc_come_out() {
    let hello = |payload: &[u8]| through(&mut open(), &frame(WHOLE_TEXT | COMPRESSED, payload), 1).unwrap();
    let plain = frame(WHOLE_TEXT, b"Hello");
    assert_eq!(hello(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]), plain, "§7.2.3.1");
    assert_eq!(
        hello(&[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]),
        plain,
        "§7.2.3.3, a block with no compression"
    );
    assert_eq!(hello(&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]), plain, "§7.2.3.4, BFINAL");
    assert_eq!(hello(&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]), plain, "BFINAL, and nothing behind it");
    assert_eq!(
        hello(&[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00]),
        plain,
        "§7.2.3.5, two blocks"
    );
    let fragments =
        [frame(0x41, &[0xf2, 0x48, 0xcd]), frame(0x89, b"!"), frame(0x80, &[0xc9, 0xc9, 0x07, 0x00])];
    assert_eq!(
        through(&mut open(), &fragments.concat(), 3).unwrap(),
        [frame(0x89, b"!"), plain.clone()].concat(),
        "§7.2.3.1 in fragments, with a control frame between them"
    );
    let mut inflow = open();
    for payload in [&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..], &[0xf2, 0x00, 0x11, 0x00, 0x00]] {
        assert_eq!(through(&mut inflow, &frame(0xc1, payload), 99).unwrap(), plain, "§7.2.3.2");
    }
}

#[test]
fn after_a_stream_was_ended_the_next_message_is_read_from_the_start() {
    let mut inflow = open();
    for _ in 0..3 {
        for payload in
            [&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..], &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0]]
        {
            let plain = through(&mut inflow, &frame(0xc1, payload), 2).unwrap();
            assert_eq!(plain, frame(WHOLE_TEXT, b"Hello"));
        }
    }
}

#[test]
fn what_is_not_compressed_passes_as_it_came() {
    for bytes in [
        frame(WHOLE_TEXT, b"plain"),
        frame(0x82, &[7; 70_000]),
        [frame(0x01, b"a"), frame(0x00, b"b"), frame(0x8a, b""), frame(0x80, b"c")].concat(),
        // Faults, for the library above to find.
        frame(0xc9, b"a compressed ping"),
        frame(0xf1, b"all reserved bits"),
        frame(0xc0, b"a compressed continuation"),
        [&[0xc1, 0x81][..], &[1, 2, 3, 4, 5]].concat(),
        [&[0xc1, 0x7f][..], &[0xff; 8]].concat(),
    ] {
        for part in [1, 2, 100_000] {
            assert_eq!(through(&mut open(), &bytes, part).unwrap(), bytes);
        }
    }
}

#[test]
fn broken_bytes_are_told_after_what_came_before_them() {
    let mut inflow = open();
    let bytes = [frame(WHOLE_TEXT, b"good"), frame(0xc1, &[0xff; 40])].concat();
    let mut rest = bytes.as_slice();
    inflow.fill(&mut rest);
    let good = frame(WHOLE_TEXT, b"good");
    assert_eq!(inflow.ready().unwrap(), good);
    inflow.took(good.len());
    assert!(inflow.ready().is_err());
}

#[test]
fn a_bomb_is_let_out_in_chunks() {
    let mut press = Press::new(side(None, Context::Kept));
    let bomb = press.press(&vec![b'a'; 64 * 1024 * 1024]).unwrap();
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    let bytes = frame(0xc1, &bomb);
    let (mut inflow, mut rest) = (open(), bytes.as_slice());
    for _ in 0..100 {
        inflow.fill(&mut rest);
        let ready = inflow.ready().unwrap().len();
        assert!(ready <= 64 * 1024, "{ready} bytes at a time");
        inflow.took(ready);
    }
}

#[test]
fn every_message_but_an_empty_one_is_pressed_at_a_cost_of_a_few_bytes() {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    for context in [Context::Kept, Context::Fresh] {
        let mut press = Press::new(side(None, context));
        assert_eq!(press.press(b""), None);
        for length in [1, 2, 7, 16, 999] {
            let plain: Vec<u8> = (0..length).map(|_| noise()).collect();
            let pressed = press.press(&plain).unwrap();
            assert!(pressed.len() <= length + 6, "{length} became {}", pressed.len());
        }
        assert_eq!(press.press(b""), None);
    }
}

#[test]
fn a_window_that_cannot_be_written_leaves_messages_as_they_are() {
    assert_eq!(Press::new(side(Some(8), Context::Kept)).press(&[b'a'; 999]), None);
}

#[test]
fn it_is_known_how_each_message_came() {
    let mut inflow = open();
    let bytes = [frame(0x01, b"pl"), frame(0x80, b"ain"), frame(0xc1, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0])];
    through(&mut inflow, &bytes.concat(), 5).unwrap();
    assert_eq!(inflow.passed(), Some(Passed::Plain));
    assert_eq!(inflow.passed(), Some(Passed::Deflated));
    assert_eq!(inflow.passed(), None);
}

fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let text = "[a-f ]{0,300}".prop_map(String::into_bytes);
    let noise = prop::collection::vec(any::<u8>(), 0..600);
    let long = prop_oneof![Just(16 * 1024_usize), Just(32 * 1024), 1_usize..90_000]
        .prop_map(|length| b"chat ".iter().copied().cycle().take(length).collect());
    prop::collection::vec(prop_oneof![4 => text, 2 => noise, 1 => long], 1..12)
}

proptest! {
    #[test]
    fn what_was_pressed_comes_out_the_same(
        messages in messages(), bits in prop::option::of(8_u8..=15), fresh in any::<bool>(), part in 1_usize..5000,
        cut in 0_usize..500,
    ) {
        let side = side(bits, if fresh { Context::Fresh } else { Context::Kept });
        let (mut press, mut inflow) = (Press::new(side), Inflow::default());
        for plain in messages {
            let bytes = match press.press(&plain) {
                None => frame(0x82, &plain),
                Some(pressed) => {
                    let (head, tail) = pressed.split_at(cut.min(pressed.len()));
                    [frame(0x42, head), frame(0x80, tail)].concat()
                }
            };
            let (opcode, whole) = match through(&mut inflow, &bytes, part) {
                Ok(frames) => message(&frames),
                Err(corrupt) => return Err(TestCaseError::fail(corrupt.to_string())),
            };
            prop_assert_eq!((opcode, whole), (2, plain));
        }
    }

    #[test]
    fn arbitrary_bytes_neither_hang_nor_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000), part in 1_usize..99) {
        let _ = through(&mut open(), &bytes, part);
    }

    #[test]
    fn arbitrary_payloads_neither_hang_nor_panic(payload in prop::collection::vec(any::<u8>(), 0..2000), part in 1_usize..99) {
        let _ = through(&mut open(), &frame(0xc1, &payload), part);
    }
}

/// The figure is `cargo xtask bench`'s.
#[test]
fn chat_becomes_less_than_a_fifth_where_earlier_lines_are_remembered() {
    let mut press = Press::new(side(None, Context::Kept));
    let lines = testkit::chat::lines(5000);
    let plain: usize = lines.iter().map(String::len).sum();
    let pressed: usize = lines.iter().map(|line| press.press(line.as_bytes()).unwrap().len()).sum();
    assert!(pressed * 5 < plain, "{pressed} of {plain}");
}
