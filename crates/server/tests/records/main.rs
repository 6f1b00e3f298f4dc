//! Records of changes over the doors of the server: every operation that changes something leaves
//! one, whichever way it comes in.
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
