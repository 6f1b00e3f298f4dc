//! The Model Context Protocol over a real server, as each revision of its clients speaks it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod budgets;
mod clients;
mod listen;
mod names;
mod resources;
mod tools;
mod wire;
