//! Facts about a project's repository, for the evidence of a completion.

use tasktree_protocol::{AgentId, ProjectId};

use super::Service;
use crate::domain::{AgentPatch, Observed};
use crate::error::Result;

impl Service {
    /// Looks for what a report states about the repository. Everything is unknown where the report
    /// states nothing, or the project has no repository on this machine.
    pub(super) async fn observe(
        &self,
        _project: &ProjectId,
        _agent: &AgentId,
        patch: &AgentPatch,
    ) -> Result<Observed> {
        let Some(_stated) = &patch.evidence else {
            return Ok(Observed::default());
        };
        Ok(Observed::default())
    }
}
