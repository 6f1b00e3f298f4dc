//! The check that a project exists, which operations begin with.

use tasktree_protocol::ProjectId;

use crate::error::{Error, Result};
use crate::store::Read;

/// Refuses a project that does not exist.
pub(crate) fn require(rows: &dyn Read, id: &ProjectId) -> Result<()> {
    if rows.has_project(id)? {
        Ok(())
    } else {
        Err(Error::no_project(id))
    }
}
