//! End-to-end tests of TaskTree from outside: a real server process, a real browser, real sockets.
//!
//! The tests know the server's command line, its API and the page that a person sees, and nothing
//! of its code. They wait on conditions with a deadline, and never for a fixed time.

pub mod bench;
pub mod board;
pub mod browser;
pub mod follower;
pub mod harness;
pub mod mcp_tools;
pub mod model;
pub mod nginx;
pub mod proxy;
pub mod server;
pub mod trunk;
pub mod upgrade;
pub mod wait;
pub mod witness;

pub use board::Board;
pub use browser::{Browser, Engine};
pub use proxy::Proxy;
pub use server::Server;
pub use upgrade::Upgradable;
