//! The live board: a Leptos app that shows a project's tasks and events as they happen.
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
//! [`net`] knows no tasks, [`state`] is the only writer of the board's signals, [`ui`] knows no
//! domain type, and [`components`] read signals and call intents. The server's rows and the pending
//! changes of a person are kept apart: the view is the server's truth with the pending intents laid
//! over it.
//!
//! Each module imports only modules to its left; `cargo xtask layers` checks that:
//!
//! ```text
//!  browser <- address, api, ui <- i18n <- net <- state <- components <- pages <- app
//! ```

// A component owns its props, even if it does not consume them.
#![allow(clippy::needless_pass_by_value)]
// `view!` takes an element's children before its attributes: a value that both need is cloned for
// the attribute, and clippy sees only the last use.
#![allow(clippy::redundant_clone)]

pub mod address;
pub mod api;
pub mod app;
pub mod browser;
pub mod components;
pub mod i18n;
pub mod net;
pub mod pages;
pub mod state;
pub mod ui;

pub use components::board::task_board::TaskBoard;
pub use net::use_websocket;
