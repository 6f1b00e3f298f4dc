//! The pages, each at its [address](crate::address).

pub mod activity;
pub mod agents;
pub mod inbox;
pub mod not_found;
pub mod project;
pub mod projects;
pub mod settings;
