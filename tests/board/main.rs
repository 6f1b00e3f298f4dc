//! The board with scripted sockets and requests.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use wasm_bindgen_test::wasm_bindgen_test_configure;

#[path = "../support/board_page.rs"]
mod board_page;
#[path = "../support/mod.rs"]
mod support;

mod access;
mod attention;
mod cards;
mod comments;
mod drawer;
mod failed;
mod held;
mod merge;
mod moves;
mod new_task;
mod questions;
mod replaced;
mod take;
mod undo;

wasm_bindgen_test_configure!(run_in_browser);
