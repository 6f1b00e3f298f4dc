//! Who somebody is, and what they may do.
//!
//! ```text
//! a request's credential -> Accounts -> Principal -> Service, which asks it before every reading and every write
//! ```
//!
//! - [`permission`] has the table role x permission: the one place where that is decided.
//! - [`principal`] is whoever asks: name, role, the projects in reach, in whose name they may speak.
//! - [`accounts`] knows the credentials and sign-ins, makes them and ends them. An end reaches every open connection at once.
//!
//! **Invariant:** no secret is kept, logged or told; what is kept is its digest.

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
pub use principal::{Access, Principal, Scope, Target, Voice};
pub use secret::{Digest, Secret};
