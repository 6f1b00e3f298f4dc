//! The program as people and scripts start it: its command line, its first start, its log.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

mod agent_cli;
mod backup;
mod import;
mod log_lines;
mod names;
mod server;
mod start;
mod tokens;
