//! What a client may say of an agent.

use serde::{Deserialize, Serialize};
use tasktree_protocol::{AgentId, AgentStatus, Maybe, TaskId};

use crate::domain::validate::Checks;
use crate::error::Result;
use crate::limits::Limits;

/// An agent that says that it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterAgent {
    /// Its name, unique in the project.
    pub id: AgentId,
    /// The task that it claims.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// The branch that it works on; the task's where left out.
    #[serde(default)]
    pub branch: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
}

/// What an agent says anew of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentPatch {
    /// Its status. `completed` completes its task, `failed` gives it back.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub status: Maybe<AgentStatus>,
    /// How far it is, in percent.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub progress: Maybe<u8>,
    /// What it did last; `null` clears.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub last_activity: Maybe<String>,
    /// The task that it claims now; `null` gives its task back.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub task_id: Maybe<TaskId>,
}

pub(super) fn check_registration(new: &RegisterAgent, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    checks.line("id", new.id.as_str(), limits.name_chars);
    if new.id.as_str().contains('/') {
        let message = "must not have a slash: it is part of addresses";
        checks.fail("id", "agent_id", message, new.id.as_str());
    }
    if let Some(branch) = &new.branch {
        checks.chars("branch", branch, limits.branch_chars);
    }
    checks.bytes(
        "description",
        new.description.as_deref(),
        limits.message_bytes,
    );
    checks.finish()
}

pub(super) fn check_patch(patch: &AgentPatch, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    checks.not_null("status", patch.status == Maybe::Null);
    checks.not_null("progress", patch.progress == Maybe::Null);
    if let Maybe::Value(progress) = patch.progress {
        checks.at_most("progress", progress.into(), 100);
    }
    if let Maybe::Value(activity) = &patch.last_activity {
        checks.bytes("last_activity", Some(activity), limits.message_bytes);
    }
    checks.finish()
}
