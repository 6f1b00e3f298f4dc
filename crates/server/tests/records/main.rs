//! Change records at every entry point of the server.
//!
//! Every operation that changes something leaves one, by whichever route it comes in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

#[path = "../git_support/mod.rs"]
mod git_support;
#[path = "../support/mod.rs"]
mod support;

mod commands;
mod doors;
mod rest;
mod secrets;
