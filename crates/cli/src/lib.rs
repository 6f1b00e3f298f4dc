//! The command line for agents, and for people who work with them: `tasktree next`, `done`, `ask`,
//! `hook`, `connect` and others.
//!
//! It talks to a running server over HTTP, one request at a time, and knows nothing of the server
//! but [`tasktree_protocol`]. There is no async runtime, so that a hook starts within milliseconds.
//! docs/cli.md describes the verbs, their JSON and their exit codes.

mod claim;
mod client;
mod command;
mod connect;
mod context;
mod doctor;
mod failure;
mod files;
mod harness;
mod hook;
mod limits;
mod mcp;
mod options;
mod output;
mod poll;
mod program;
mod report;
mod repository;
mod run;
mod settings;
mod surroundings;
mod text;
mod verbs;

pub use command::{Command, usage_as_json};
pub use hook::main as hook;
pub use run::inside;
