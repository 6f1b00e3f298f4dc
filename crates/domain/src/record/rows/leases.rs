//! Leases. A renewal that only changes the end of a lease is a sign of life, and not recorded.

use tasktree_protocol::ProjectId;
use tasktree_protocol::agent::Lease;

use super::super::{Fields, Recorder, TouchedLeases};
use super::noted;
use crate::error::Result;

impl Recorder<'_> {
    /// Stores a new lease and returns its number.
    pub(crate) fn add_lease(&mut self, project: &ProjectId, lease: &Lease) -> Result<u64> {
        let id = self.rows.add_lease(project, lease)?;
        self.touch(project).leases = TouchedLeases::Changed;
        self.note_lease(project, id, "lease_granted", None, Some(lease))?;
        Ok(id)
    }

    /// Replaces a lease's row.
    pub(crate) fn put_lease(
        &mut self,
        project: &ProjectId,
        before: &Lease,
        after: &Lease,
    ) -> Result<()> {
        self.rows.put_lease(project, after)?;
        self.touch(project).leases = TouchedLeases::Changed;
        let known = Lease {
            granted_at: after.granted_at,
            expires_at: after.expires_at,
            ..before.clone()
        };
        if known == *after {
            return Ok(());
        }
        self.note_lease(
            project,
            after.id,
            "lease_updated",
            Some(before),
            Some(after),
        )
    }

    /// Removes a lease.
    pub(crate) fn delete_lease(&mut self, project: &ProjectId, lease: &Lease) -> Result<()> {
        self.rows.delete_lease(project, lease.id)?;
        self.touch(project).leases = TouchedLeases::Changed;
        let kind = match lease.expires_at.unix_millis(0) <= self.now.unix_millis(0) {
            true => "lease_expired",
            false => "lease_released",
        };
        self.note_lease(project, lease.id, kind, Some(lease), None)
    }

    fn note_lease(
        &mut self,
        project: &ProjectId,
        id: u64,
        kind: &str,
        before: Option<&Lease>,
        after: Option<&Lease>,
    ) -> Result<()> {
        let mut fields = Fields::default();
        compare!(fields, before, after; agent, path, exclusive, reason, expires_at, soft, run);
        self.note(project, noted(format!("lease:{id}"), kind, fields));
        Ok(())
    }
}
