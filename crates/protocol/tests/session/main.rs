//! Runs the client session against a simulated server, network and clock. Everything is
//! deterministic.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what went wrong best by failing where it did"
)]

mod fuzz;
mod properties;
mod scenarios;
mod server;
mod sim;
