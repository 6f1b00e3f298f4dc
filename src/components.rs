//! Views that know the domain: one component per file, in folders by subject.
//!
//! A folder imports only folders to its left:
//!
//! ```text
//!  lazy <- common <- access <- project <- shell <- agent <- board <- task <- activity
//!       <- inbox
//! ```

pub mod access;
pub mod activity;
pub mod agent;
pub mod board;
pub mod common;
pub mod inbox;
pub mod lazy;
pub mod project;
pub mod shell;
pub mod task;
