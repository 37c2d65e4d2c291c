//! A session as a transcript, played to every adapter: no panic, every drain ends, the same inputs give the same outputs.
#![no_main]

use domain::AccountConfig;
use libfuzzer_sys::fuzz_target;
use proto::transcript::{read, replay};
use proto::{ALL, Opening, Protocol};

// The testkit's protocol with a history, without its server.
#[path = "../../crates/testkit/src/archive/adapter.rs"]
mod adapter;
#[path = "../../crates/testkit/src/archive/words.rs"]
#[allow(dead_code, reason = "the server's side of it too")]
mod words;
use words::{Call, ME, Said, Word};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(steps) = read(text) else { return };
    let config = AccountConfig { url: "ws://localhost/".into(), ..AccountConfig::default() };
    let archive: &dyn Protocol = &adapter::ARCHIVE;
    for protocol in ALL.iter().copied().chain([archive]) {
        let open = || protocol.open(Opening { config: &config, secret: None, resume: None, entrusted: None, seed: 1 });
        let once = replay(open().as_mut(), &steps).expect("every drain ends");
        assert_eq!(once, replay(open().as_mut(), &steps).expect("every drain ends"));
    }
});
