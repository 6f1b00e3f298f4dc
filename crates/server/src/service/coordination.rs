//! The coordination views of the older dashboard, from the server's own data.

use tasktree_protocol::ProjectId;

use super::{Service, Snapshot};
use crate::auth::Target;
use crate::domain::coordination::{self, CoordinationEvent, CoordinationStats};
use crate::error::Result;

impl Service {
    /// Returns the coordination statistics: agents with their tasks, leases of files, messages.
    pub async fn coordination(&self, project: &ProjectId) -> Result<Snapshot<CoordinationStats>> {
        let now = self.now();
        self.view(project, move |rows, project| {
            coordination::stats(rows, project, now)
        })
        .await
    }

    /// Returns the last actions of agents, newest first.
    pub async fn coordination_events(
        &self,
        project: &ProjectId,
        limit: usize,
    ) -> Result<Vec<CoordinationEvent>> {
        let id = project.clone();
        let limit = limit.min(self.limits().events_per_page);
        self.read(Target::Project(project), move |rows| {
            coordination::events(rows, &id, limit)
        })
        .await
    }
}
