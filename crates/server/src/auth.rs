//! Authentication and authorization: the caller of a request, and the operations allowed to them.
//!
//! ```text
//! a request's credential -> Accounts -> Principal -> Service, which checks it before every read
//!                                                    and every write
//! ```
//!
//! - [`permission`] has the table role x permission: the one place where that is decided.
//! - [`principal`] is the authenticated caller: name, role, projects in reach, and the names they
//!   may speak as.
//! - [`accounts`] knows the credentials and sign-ins, creates them and ends them. An end reaches
//!   every open connection at once.
//!
//! **Invariant:** no secret is stored, logged or sent out again; only its digest is stored.

pub mod accounts;
mod attempts;
mod directory;
pub mod permission;
mod person;
pub mod principal;
pub mod secret;
mod share;
mod tickets;

pub use accounts::{Accounts, NewToken, Presented, Refusal, SESSION_SECONDS, TICKET_SECONDS};
pub use permission::{Permission, Role, allows};
pub use person::Person;
pub(crate) use person::YOU;
pub use principal::{Access, Principal, Scope, SpeaksAs, Target};
pub use secret::{Digest, Secret};
