//! Tests of the board in a browser whose network, tab or machine fails: the badge is right at every
//! step.
//!
//! During a failure, another client writes. From the moment at which that write is acknowledged,
//! the board either shows it or does not say live, except for the unavoidable time. A change takes
//! a moment to arrive, and a connection that has become silent goes unnoticed until the next probe
//! or heartbeat. After the failure, the board is live again within the promised time. Pages record
//! their display themselves, with times; the times are printed.

mod kept;
mod lifecycle;
mod network;
mod scene;
mod tabs;
mod writes;
