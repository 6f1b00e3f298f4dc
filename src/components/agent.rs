//! Views of agents: their list, their questions.

pub mod list;
pub mod liveness;
pub mod questions;
