//! Fuzzes the bodies of the protocol's requests: the input is parsed as each of them, and a parsed
//! body survives a round trip.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tasktree_protocol::project::{NewProject, ProjectPatch};
use tasktree_protocol::{NewTask, TaskPatch};

fn check<T: Debug + DeserializeOwned + PartialEq + Serialize>(text: &str) {
    let Ok(row) = serde_json::from_str::<T>(text) else {
        return;
    };
    let written = serde_json::to_string(&row).expect("a row can be written");
    let again: T = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(again, row, "{written}");
}

fuzz_target!(|text: &str| {
    check::<NewTask>(text);
    check::<TaskPatch>(text);
    check::<NewProject>(text);
    check::<ProjectPatch>(text);
});
