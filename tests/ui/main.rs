//! Blocks that all pages are made of.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use wasm_bindgen_test::wasm_bindgen_test_configure;

#[path = "../support/mod.rs"]
mod support;

mod blocks;
#[allow(clippy::cast_precision_loss, reason = "counts are small")]
mod catalogue;
#[allow(clippy::suboptimal_flops, reason = "the formulas are as published")]
mod contrast;

wasm_bindgen_test_configure!(run_in_browser);
