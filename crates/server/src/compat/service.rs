//! Operations of the service for the older dashboard.

use tasktree_protocol::{ProjectId, StreamId};

use crate::auth::{Permission, Target};
use crate::domain::compat::coordination::{self, CoordinationEvent, CoordinationStats};
use crate::domain::compat::orchestrator::{self, OrchestratorConfig};
use crate::error::Result;
use crate::service::{Receipt, Service, Snapshot, WriteContext};

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

    /// Returns the settings that the older dashboard stored for its orchestrator, or the defaults.
    pub async fn orchestrator_config(&self) -> Result<OrchestratorConfig> {
        self.read(Target::Visible, |rows| orchestrator::load(rows))
            .await
    }

    /// Stores settings of the orchestrator. The server does not act on them.
    pub async fn set_orchestrator_config(
        &self,
        context: WriteContext,
        config: OrchestratorConfig,
    ) -> Result<Receipt<OrchestratorConfig>> {
        self.write(
            context,
            Permission::Manage,
            StreamId::system(),
            move |change| orchestrator::store(change, config),
        )
        .await
    }
}
