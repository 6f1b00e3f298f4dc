//! Fuzzes the frames of a client, hello included: each is parsed or refused, and a parsed frame
//! survives a round trip.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tasktree_protocol::ClientFrame;

fuzz_target!(|text: &str| {
    let Ok(frame) = serde_json::from_str::<ClientFrame>(text) else {
        return;
    };
    let written = serde_json::to_string(&frame).expect("a frame can be written");
    let again: ClientFrame = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(again, frame, "{written}");
});
