//! Domain rules, over one transaction.
//!
//! Each function of a submodule is one operation: it checks, changes rows, emits events through
//! [`Change`], and returns the answer. Nothing here waits, and nothing here knows SQL or HTTP.

pub mod account;
pub mod actor;
pub mod agent;
mod asking;
pub mod attention;
pub mod auth;
mod author;
pub mod branch;
mod change;
pub mod comment;
pub mod compat;
pub mod context;
pub mod dependencies;
mod ephemeral;
mod exists;
pub mod hex;
pub mod hook;
pub mod import;
pub mod lease;
mod letters;
pub mod listing;
pub mod log;
mod mailbox;
pub mod message;
pub mod person;
pub mod plan;
pub mod project;
pub mod question;
pub mod read;
mod record;
pub mod task;
pub mod task_list;
mod terminal;
mod unchanged;
pub mod validate;

use tasktree_store::{self as store, error, limits, remote};

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
