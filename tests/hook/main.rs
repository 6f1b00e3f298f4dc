//! The connection of a page: `use_websocket` over a scripted socket.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use wasm_bindgen_test::wasm_bindgen_test_configure;

#[path = "../support/mod.rs"]
mod support;

mod legacy;
mod messages;
mod reconnect;

wasm_bindgen_test_configure!(run_in_browser);
