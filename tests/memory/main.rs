//! Memory and listeners after many views.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use wasm_bindgen_test::wasm_bindgen_test_configure;

#[path = "../support/memory.rs"]
mod memory;
#[path = "../support/shell_page.rs"]
mod shell_page;
#[path = "../support/stage.rs"]
mod stage;
#[path = "../support/mod.rs"]
mod support;

mod pages;
mod views;

wasm_bindgen_test_configure!(run_in_browser);
