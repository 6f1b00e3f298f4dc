//! The settings of the older dashboard's orchestrator: stored and returned; the server does not act
//! on them.

use tasktree_protocol::StreamId;

use super::{Receipt, Service, WriteContext};
use crate::auth::{Permission, Target};
use crate::domain::settings::{self, OrchestratorConfig};
use crate::error::Result;

impl Service {
    /// Returns the stored settings, or the defaults.
    pub async fn orchestrator_config(&self) -> Result<OrchestratorConfig> {
        self.read(Target::Visible, |rows| settings::load(rows))
            .await
    }

    /// Stores settings.
    pub async fn set_orchestrator_config(
        &self,
        context: WriteContext,
        config: OrchestratorConfig,
    ) -> Result<Receipt<OrchestratorConfig>> {
        self.write(
            context,
            Permission::Manage,
            StreamId::system(),
            move |change| settings::store(change, config),
        )
        .await
    }
}
