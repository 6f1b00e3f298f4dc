//! The board in a browser whose network, tab or machine fails: the badge is right at every step.
//!
//! While something fails, somebody else writes. From the moment at which that is acknowledged, the board either shows it or does not
//! say live, but for the time that cannot be avoided: a change is on its way for a moment, and of a connection that has
//! become silent nobody knows before the next question or heartbeat. When the fault is over, the board is live again within the time
//! that is promised. Pages note by themselves what they show, and when; the times are printed.

mod lifecycle;
mod network;
mod scene;
mod tabs;
mod writes;
