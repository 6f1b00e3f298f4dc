//! Connections, limits and metrics of a running server.
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

mod connections;
mod demo;
mod limits;
mod metrics;
mod webhook;
