//! The activity of a project: its events and its log.

pub mod feed;
pub mod log_panel;
