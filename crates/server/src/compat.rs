//! Support for clients of the older server: its dashboard, and scripts that were written for it.
//!
//! [`problem`] has the format of invalid requests, [`new_task`] the older form of a new task,
//! [`legacy`] the plain messages of the socket,
//! [`monitor`] the coordination monitor, and [`mod@http`] the endpoints that only the older
//! dashboard calls; their operations are in `service`.

pub(crate) mod http;
pub(crate) mod legacy;
pub(crate) mod monitor;
pub(crate) mod new_task;
pub(crate) mod problem;
mod service;
