//! The server of the live task board: it owns the state, and pushes every change.
//!
//! ```text
//! http / ws -> service (async) -> domain (rules, one transaction) -> store (rows, log; SQLite)
//!                 |
//!                 +-- after the commit, in commit order --> Publisher (the hub) -> sockets
//! ```

pub mod accounts;
pub mod actor;
mod address;
pub mod app;
pub mod assets;
pub mod auth;
pub mod base_path;
mod buffers;
pub mod cli;
pub mod config;
pub mod domain;
pub mod error;
mod hex;
pub mod http;
pub mod hub;
mod keyed_counter;
mod label;
pub mod limits;
pub mod listener;
pub mod metrics;
pub mod origin;
pub mod pages;
mod remote;
pub mod server;
pub mod service;
pub mod serving;
pub mod shutdown;
pub mod state;
pub mod store;
pub mod ws;
