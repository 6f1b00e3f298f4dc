//! The client session against a simulated server, network and clock. Everything is deterministic.

mod fuzz;
mod properties;
mod scenarios;
mod server;
mod sim;
