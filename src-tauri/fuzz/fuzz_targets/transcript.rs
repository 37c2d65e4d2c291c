//! The parser of transcripts: what it reads, printed and read again, is the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto::transcript::{print, read};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(steps) = read(text) else { return };
    assert_eq!(read(&print(&steps)).expect("what was printed can be read"), steps);
});
