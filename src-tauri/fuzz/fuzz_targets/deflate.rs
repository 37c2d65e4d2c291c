//! What a server sends under permessage-deflate: no panic, no hang, bounded memory, and the same however it is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/link/src/deflate/mod.rs"]
#[allow(dead_code, unused_imports, missing_docs, reason = "one direction of it is looked at")]
mod deflate;

/// More than a chunk, its head and one read.
const MOST_READY: usize = 128 * 1024;

/// A bomb is cut by the reader, here too.
const MOST: usize = 1024 * 1024;

fn through(bytes: &[u8], part: usize) -> (Vec<u8>, bool) {
    let mut inflow = deflate::Inflow::default();
    let mut plain = Vec::new();
    for mut part in bytes.chunks(part) {
        loop {
            let left = part.len();
            inflow.fill(&mut part);
            let Ok(ready) = inflow.ready() else { return (plain, false) };
            assert!(ready.len() <= MOST_READY);
            let count = ready.len();
            plain.extend_from_slice(ready);
            inflow.took(count);
            if plain.len() > MOST {
                plain.truncate(MOST);
                return (plain, true);
            }
            if left == 0 && count == 0 {
                break;
            }
        }
    }
    (plain, true)
}

fuzz_target!(|bytes: &[u8]| {
    let (whole, sound) = through(bytes, usize::MAX);
    let (cut, cut_sound) = through(bytes, 3);
    assert_eq!(sound, cut_sound);
    if sound {
        assert_eq!(whole, cut);
    }
});
