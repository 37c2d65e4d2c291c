//! A session as a transcript, played to every adapter from the start that its head names: no panic, every drain ends, the
//! same inputs give the same outputs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto::transcript::{read, replay};
use proto::{ALL, Protocol};
use start::Start;

// The testkit's protocol with a history, without its server.
#[path = "../../crates/testkit/src/archive/adapter.rs"]
mod adapter;
#[path = "../../crates/testkit/src/archive/words.rs"]
#[allow(dead_code, reason = "the server's side of it too")]
mod words;
#[path = "../../crates/proto/tests/start/mod.rs"]
mod start;
use words::{Call, ME, Said, Word};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(steps) = read(text) else { return };
    let Ok(start) = Start::read(text) else { return };
    let archive: &dyn Protocol = &adapter::ARCHIVE;
    for protocol in ALL.iter().copied().chain([archive]) {
        let play = || replay(start.open(protocol).as_mut(), &steps).expect("every drain ends");
        assert_eq!(play(), play());
    }
});
