//! Accounts over the real server: authentication, the permissions of each role, the reach of
//! callers, and the end of everything that a token opened.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

mod agents;
mod attention;
mod bound;
mod clock;
mod comments;
mod git;
#[path = "../git_support/mod.rs"]
mod git_support;
mod marks;
mod people;
mod persons;
mod privacy;
mod reach;
mod roles;
mod sign_in;
mod sockets;
mod tickets;

#[path = "../support/mod.rs"]
mod support;
#[path = "../ws_client/mod.rs"]
mod ws_client;
#[allow(dead_code, reason = "this binary uses a part of it")]
#[path = "../ws_raw/mod.rs"]
mod ws_raw;
