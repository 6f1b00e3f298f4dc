//! The rules of the domain, through the service.

mod agents;
#[path = "../core_support/mod.rs"]
mod core_support;
mod dependencies;
mod git;
mod import;
mod leases;
mod projects;
mod tasks;
