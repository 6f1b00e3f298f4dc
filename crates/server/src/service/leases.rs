//! Operations on leases of files.

use tasktree_protocol::ProjectId;
use tasktree_protocol::agent::Lease;

use super::{Receipt, Service, Snapshot, WriteContext};
use crate::auth::Permission;
use crate::domain::{self, LeaseRequest, read};
use crate::error::Result;

impl Service {
    /// Returns all leases of a project that have not expired, with their conflicts.
    pub async fn list_leases(&self, project: &ProjectId) -> Result<Snapshot<Vec<Lease>>> {
        let now = self.now();
        self.view(project, move |rows, project| {
            read::leases(rows, project, now)
        })
        .await
    }

    /// Grants leases, and reports overlaps with others' leases. An agent's lease on a path that it
    /// holds already is renewed.
    pub async fn grant_leases(
        &self,
        context: WriteContext,
        project: &ProjectId,
        request: LeaseRequest,
    ) -> Result<Receipt<Vec<Lease>>> {
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::lease::grant(change, project, &request),
        )
        .await
    }

    /// Sets the end of a lease to `ttl_seconds` from now.
    pub async fn renew_lease(
        &self,
        context: WriteContext,
        project: &ProjectId,
        lease: u64,
        ttl_seconds: u64,
    ) -> Result<Receipt<Lease>> {
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::lease::renew(change, project, lease, ttl_seconds),
        )
        .await
    }

    /// Ends a lease.
    pub async fn release_lease(
        &self,
        context: WriteContext,
        project: &ProjectId,
        lease: u64,
    ) -> Result<Receipt<()>> {
        self.change(
            context,
            Permission::Speak,
            project,
            move |change, project| domain::lease::release(change, project, lease),
        )
        .await
    }
}
