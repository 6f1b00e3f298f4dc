//! Views of agents.

pub mod liveness;
