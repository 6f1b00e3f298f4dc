//! Authorization: the caller of a request, and the operations allowed to them.
//!
//! - [`permission`] has the table role x permission: the one place where that is decided.
//! - [`principal`] is the authenticated caller: name, role, projects in reach, and the names they
//!   may speak as.
//! - [`secret`] makes secrets and their digests.
//!
//! **Invariant:** no secret is stored, logged or sent out again; only its digest is stored.

mod access;
pub mod permission;
pub mod principal;
mod scope;
pub mod secret;

pub use access::Access;
pub use permission::{Permission, allows};
pub use principal::Principal;
pub use scope::{Scope, SpeaksAs, Target};
pub use secret::Secret;

pub use crate::store::{Digest, Person, Role};
