//! The owner of changes, as locks and leases see it.

/// Page that owns changes.
pub(super) trait Owner: std::fmt::Debug {
    /// Takes over the changes of a page; those of its own name are the first.
    fn gained(&self, page: &str);
    /// Lets go of what is no longer its own.
    fn look(&self);
}
