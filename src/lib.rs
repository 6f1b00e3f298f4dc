//! The live board: a Leptos app that shows a project's tasks and everything that happens to them, as it happens.
//!
//! Data flows one way:
//!
//! ```text
//!  server: transaction -> log (seq) -> WebSocket            click, key, drop
//!                                        |                        |
//!                                        v                        v
//!  net::use_websocket  --ordered events-->  state  <--intent--  components
//!  (protocol::session)                      |   \                 ^
//!        ^                                  |    \--command--> net, api --> server
//!        |                                  v                     |
//!        +-- reconnects and resumes      memos, row signals ------+
//! ```
//!
//! [`net`] knows no tasks, [`state`] is the only writer of the board's signals, [`ui`] knows no domain type, and
//! [`components`] read signals and call intents. What the server has and what a person has asked for meanwhile are kept
//! apart: the view is the server's truth with the pending intents laid over it.

// A component owns its props, whether it consumes them or not.
#![allow(clippy::needless_pass_by_value)]
// `view!` takes an element's children before its attributes: what both need is cloned for the attribute, and clippy sees only the last use.
#![allow(clippy::redundant_clone)]

pub mod api;
pub mod app;
pub mod components;
pub mod i18n;
pub mod later;
pub(crate) mod listener;
pub mod net;
pub mod routes;
pub mod state;
pub mod time;
pub mod ui;
