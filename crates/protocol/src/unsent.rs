//! The fate of changes that outlive the page in which they were made.
//!
//! A page keeps each change in the browser's storage until the server has answered it. When the
//! page is gone (crashed, discarded, closed), another one takes its changes over, and each is sent,
//! reported once to its author, or left to its author where somebody else is signed in. Nothing has
//! its effect twice: a change that may have been sent is sent again only under the same id and
//! while the server remembers that, or where it names the version of the row that it is for.
//!
//! [`Keeper`] holds the changes of one page. It writes to a [`Shelf`] before anything is sent, so a
//! page may end at any point. [`Leases`] decides which page owns the changes of one that is gone,
//! where the browser has no locks for that.

mod entry;
mod keeper;
mod lease;
mod stored;

pub use entry::{Caller, Entry, Fate, Now, REMEMBERED_MS, fields_of, has_become, may_repeat};
pub use keeper::{Begun, Keeper, Learned, Shelf, is_made};
pub use lease::{CLAIM_MS, GONE_MS, Leases, Register, STAMP_MS};
