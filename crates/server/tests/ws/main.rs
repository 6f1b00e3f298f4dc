//! The WebSocket endpoints over a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

#[path = "../support/mod.rs"]
mod support;
#[path = "../ws_client/mod.rs"]
mod ws_client;
#[path = "../ws_raw/mod.rs"]
mod ws_raw;

mod attention;
mod compression;
mod faults;
mod legacy;
mod resume;
mod slow;
mod v1;
