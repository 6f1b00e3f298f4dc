//! The rules of the domain, through the service.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong best by failing where it did"
)]

mod agents;
mod attention;
mod bound;
mod changes;
mod claims;
mod clocks;
mod comments;
#[path = "../core_support/mod.rs"]
mod core_support;
mod dependencies;
mod evidence;
mod git;
mod git_folders;
mod git_main_branch;
mod git_obstacles;
mod git_programs;
#[path = "../git_support/mod.rs"]
mod git_support;
mod health;
mod hooks;
mod import;
mod import_failures;
mod import_races;
mod leases;
mod load;
mod presence;
mod projects;
mod questions;
mod removal;
mod repository;
mod reset_all;
mod runs;
mod tasks;
mod trash;
