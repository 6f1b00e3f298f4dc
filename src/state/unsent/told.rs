//! State of the kept changes that components show.

use tasktree_protocol::{Command, WireError};

/// Period for which waiting changes are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// Until they are made or reported, even if the page ends.
    Beyond,
    /// As long as the page is open: a server of an older version takes no change that names the
    /// database it is for.
    #[default]
    Page,
    /// As long as the page is open, because the browser's storage is full or refused.
    Full,
}

/// Change that was not made, with the reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Id of the change.
    pub intent: String,
    /// Command of the change.
    pub command: Command,
    /// Time of the request, in milliseconds since 1970.
    pub asked_ms: i64,
    /// Reason why it was not made.
    pub error: WireError,
}

/// Visible state of the kept changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) reports: Vec<Report>,
    pub(super) keeping: Keeping,
}
