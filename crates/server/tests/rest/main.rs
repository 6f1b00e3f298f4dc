//! The HTTP API over a real server.
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
#[path = "../ws_client/mod.rs"]
mod ws_client;

mod access;
mod activity;
mod agents;
mod changes;
mod claims;
mod commands;
mod comments;
mod docs;
mod errors;
mod git;
mod headers;
mod hook_order;
mod hook_support;
mod hook_table;
mod hooks;
mod import;
mod import_file;
mod inert;
mod projects;
mod queries;
mod questions;
mod tasks;
mod told;
