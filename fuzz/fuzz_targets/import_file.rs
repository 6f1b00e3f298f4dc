//! Fuzzes imports with arbitrary files: each is imported or refused with a reason.
#![no_main]

use std::cell::RefCell;

use axum::body::Body;
use libfuzzer_sys::fuzz_target;
use tasktree_fuzz::{Inside, PROJECT};

thread_local! {
    static INSIDE: RefCell<Inside> = RefCell::default();
}

fuzz_target!(|input: (bool, Vec<u8>)| {
    let (subtasks_as_tasks, bytes) = input;
    let form = if subtasks_as_tasks { "tasks" } else { "checklist" };
    INSIDE.with_borrow_mut(|inside| {
        inside.ready();
        let path = format!("/api/projects/{PROJECT}/imports?format=task-master&subtasks={form}");
        inside.ask("POST", &path, Body::from(bytes));
    });
});
