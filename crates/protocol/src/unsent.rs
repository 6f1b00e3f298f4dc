//! Recovery of unsent changes after the page that made them is gone.
//!
//! A page stores each change in the browser until the server has answered it. If the page is gone
//! (crashed, discarded, closed), another page adopts its changes. Each change is then sent,
//! reported once to its author, or kept for its author if somebody else is signed in. No change
//! takes effect twice. A change that may have been sent before is sent again only in two cases:
//! under the same id while the server remembers that id, or if it names the version of its row.
//!
//! [`Keeper`] holds the changes of one page. It writes to a [`Shelf`] before anything is sent, so a
//! page may end at any point. If the browser has no locks, [`Leases`] decides which page adopts the
//! changes of a page that is gone.

mod entry;
mod keeper;
mod lease;
mod stored;

pub use entry::{Caller, Entry, Fate, Now, REMEMBERED_MS, fields_of, has_become, may_repeat};
pub use keeper::{Begun, Keeper, Learned, Shelf, is_made};
pub use lease::{CLAIM_MS, GONE_MS, Leases, Register, STAMP_MS};
