//! Fuzzes every write of the API with arbitrary bodies. Each write is performed or refused with a
//! reason; the server never fails, and goes on to answer.
//!
//! The first byte of an input selects the write. The writes are those of the API's own description,
//! so none is forgotten.
#![no_main]

use std::cell::RefCell;

use axum::body::Body;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tasktree_fuzz::{AGENT, Inside, PROJECT};

thread_local! {
    static HERE: RefCell<(Inside, Vec<(String, String)>)> = RefCell::new(begin());
}

fn begin() -> (Inside, Vec<(String, String)>) {
    let inside = Inside::default();
    let (_, description) = inside.ask("GET", "/api/openapi.json", Body::empty());
    let writes = writes(&description);
    assert!(
        writes.len() > 20,
        "the description lists what can be written: {writes:?}"
    );
    (inside, writes)
}

fn writes(description: &Value) -> Vec<(String, String)> {
    let paths = description["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(move |(method, _)| {
                    let writes = ["post", "put", "patch", "delete"].contains(&method.as_str());
                    writes.then(|| (method.to_uppercase(), path.to_owned()))
                })
        })
        .collect()
}

/// Fills the placeholders of a path with existing objects.
fn filled(path: &str, task: &str) -> String {
    path.split('/')
        .map(|part| match part.trim_matches(['{', '}']) {
            inner if inner == part => part,
            "project" | "project_id" => PROJECT,
            "task" | "task_id" => task,
            "agent" | "agent_id" => AGENT,
            _ => "x",
        })
        .collect::<Vec<_>>()
        .join("/")
}

fuzz_target!(|input: &[u8]| {
    let Some((which, body)) = input.split_first() else {
        return;
    };
    HERE.with_borrow_mut(|(inside, writes)| {
        inside.ready();
        let (method, path) = &writes[usize::from(*which) % writes.len()];
        let path = filled(path, inside.task());
        inside.ask(method, &path, Body::from(body.to_owned()));
        inside.ask(
            "GET",
            &format!("/api/projects/{PROJECT}/tasks?view=card"),
            Body::empty(),
        );
    });
});
