//! Rules that only clients of the older dashboard's API need.

pub mod coordination;
pub(crate) mod frame;
pub mod orchestrator;
