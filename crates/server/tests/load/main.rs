//! The cost of many clients that watch, send requests or do not read, and the server's report that
//! it cannot do its work.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong best by failing where it did"
)]

mod bodies;
mod health;
mod lists;
mod monitors;
#[path = "../support/mod.rs"]
mod support;
#[path = "../ws_client/mod.rs"]
mod ws_client;
