//! The pages around the board.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use wasm_bindgen_test::wasm_bindgen_test_configure;

#[path = "../support/shell_page.rs"]
mod shell_page;
#[path = "../support/mod.rs"]
mod support;

mod access;
mod address;
mod agents;
mod connection;
mod first_run;
mod inbox;
mod lazy;
mod notifications;
mod pages;
mod undo;

wasm_bindgen_test_configure!(run_in_browser);
