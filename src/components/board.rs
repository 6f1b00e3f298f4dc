//! The board of a project: its cards and columns, and the ways to act on them.

pub mod actions;
pub mod add_task;
pub mod attention_strip;
pub mod card;
pub mod column;
pub mod dependency_field;
pub mod drag;
mod failed;
pub mod filter_bar;
pub mod keys;
pub mod merge_dialog;
pub mod motion;
pub mod moves;
pub mod new_task;
pub mod take;
pub mod task_board;
pub mod undo;
pub mod view;
