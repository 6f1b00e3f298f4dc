//! A Task Master file with anything in it: it is read or refused, and what was read is taken over or refused with words.
#![no_main]

use std::cell::RefCell;

use axum::body::Body;
use libfuzzer_sys::fuzz_target;
use tasktree_fuzz::{Inside, PROJECT};

thread_local! {
    static INSIDE: RefCell<Inside> = RefCell::default();
}

fuzz_target!(|input: (bool, &str)| {
    let (subtasks_as_tasks, text) = input;
    for body in tasktree_server::cli::import_bodies(text, subtasks_as_tasks) {
        INSIDE.with_borrow_mut(|inside| {
            inside.ready();
            let path = format!("/api/projects/{PROJECT}/import");
            inside.ask("POST", &path, Body::from(body.to_string()));
        });
    }
});
