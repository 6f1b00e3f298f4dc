//! The state of the board without its views.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use wasm_bindgen_test::wasm_bindgen_test_configure;

#[path = "../support/draw.rs"]
mod draw;
#[path = "../support/kept_page.rs"]
mod kept_page;
#[path = "../support/mod.rs"]
mod support;

mod attention;
mod board;
mod intents;
mod kept;
mod leases;
mod load;
mod pages;
mod pick_up;
mod rows;
mod sync;
mod unsent;

wasm_bindgen_test_configure!(run_in_browser);
