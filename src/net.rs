//! The live connection: one WebSocket a page, however many components use it.
//!
//! [`tasktree_protocol::session`] decides the steps; this module gives it a browser: a socket
//! around gloo-net, timers, wake events of the page, and the signals and callbacks that components
//! read. It knows no tasks.

mod handle;
mod link;
mod socket;
mod subscribers;
mod wake;

pub use handle::{StreamGuard, WebSocketHandle, new_command_id, provide_websocket, use_websocket};
pub use link::Watcher;
pub use subscribers::Subscription;
pub use tasktree_protocol::session::{
    Blocked, ConnectionState, Details, SnapshotReason, StopReason,
};
