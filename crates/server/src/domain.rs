//! Domain rules, over one transaction.
//!
//! Each function of a submodule is one operation: it checks, changes rows, emits events through
//! [`Change`], and returns the answer. Nothing here waits, and nothing here knows SQL or HTTP.

pub mod account;
pub mod agent;
mod asking;
mod author;
pub(crate) mod branch;
mod change;
pub(crate) mod comment;
pub mod coordination;
pub mod dependencies;
mod ephemeral;
mod exists;
pub mod import;
pub mod lease;
mod letters;
pub mod listing;
pub mod log;
mod mailbox;
pub mod message;
pub(crate) mod person;
pub mod plan;
pub mod project;
pub(crate) mod question;
pub mod read;
mod record;
pub mod settings;
pub mod task;
mod terminal;
mod unchanged;
pub(crate) mod validate;

pub use account::NewToken;
pub use agent::{AgentPatch, NewRun, NextTask, RegisterAgent, RunPatch, Wait};
pub use author::Author;
pub use change::{Change, Claimed, Effect};
pub use ephemeral::{Ephemeral, Subject};
pub use lease::LeaseRequest;
pub use log::{LinesStored, NewLogLines};
pub use message::NewMessage;
pub use plan::{Plan, PlanReceipt};
pub use task::{Observed, Statement, TaskEdit, Undoable, Undone};
pub use unchanged::Unchanged;
