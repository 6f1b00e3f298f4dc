//! A task in full: the drawer over the board.

pub mod comments;
pub mod drawer;
pub mod fields;
pub mod history;
pub mod open_task;
