//! The server of the live task board: it owns the state, and pushes every change.
//!
//! ```text
//! http / ws -> service (async) -> domain (rules, one transaction) -> store (rows, log; SQLite)
//!                 |
//!                 +-- after the commit, in commit order --> Publisher (the hub) -> sockets
//! ```

pub mod accounts;
mod address;
pub mod app;
pub mod assets;
pub mod base_path;
mod buffers;
pub mod cli;
mod compat;
pub mod config;
pub mod demo;
pub mod hooks;
pub mod http;
pub mod hub;
mod keyed_counter;
mod label;
pub mod listener;
mod mcp;
pub mod metrics;
pub mod origin;
pub mod pages;
pub mod server;
pub mod service;
pub mod serving;
pub mod shutdown;
pub mod state;
mod webhook;
pub mod ws;

// The lower layers, under the names that every module uses.
pub use tasktree_domain as domain;
use tasktree_domain::hex;
pub use tasktree_domain::{actor, auth};
pub use tasktree_store as store;
use tasktree_store::remote;
pub use tasktree_store::{error, limits};
