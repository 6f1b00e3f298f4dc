//! Answers of the doors for hooks of harnesses, and the headers of their requests.

use serde::{Deserialize, Serialize};

use crate::agent::{Run, Source};
use crate::{AgentId, ProjectId, Timestamp};

/// Header with the name of the machine on which a harness runs.
pub const TASKTREE_MACHINE: &str = "tasktree-machine";

/// Header with the absolute path of a repository's common directory, as of
/// `git rev-parse --git-common-dir`. It leads from a worktree to its project.
pub const TASKTREE_GIT_DIR: &str = "tasktree-git-dir";

/// Header with the branch that is checked out in the folder of a harness.
pub const TASKTREE_BRANCH: &str = "tasktree-branch";

/// Answer of a person that permits a tool call.
pub const ALLOW: &str = "Allow";

/// Answer of a person that refuses a tool call. Any other answer refuses it too, with a reason.
pub const DENY: &str = "Deny";

/// Context that a harness gives its agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HookContext {
    /// Agent of the session; null if the event belongs to no project.
    #[cfg_attr(feature = "schema", schema(required))]
    pub agent: Option<AgentId>,
    /// Project of the session; null if there is none.
    #[cfg_attr(feature = "schema", schema(required))]
    pub project: Option<ProjectId>,
    /// Name, task, commands, and unread answers and messages of the agent, in at most 1 KiB.
    pub context: String,
}

/// Decision about a tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The tool call is permitted.
    Allow,
    /// The tool call is refused.
    Deny,
}

/// Decision of a person about a tool call of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HookDecision {
    /// Decision; null if nobody decided in time, or the question no longer stands. The harness
    /// then asks in its terminal.
    #[cfg_attr(feature = "schema", schema(required))]
    pub decision: Option<Decision>,
    /// Words of the person for the agent.
    #[cfg_attr(feature = "schema", schema(required))]
    pub message: Option<String>,
}

/// Project of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FolderProject {
    /// Id of the project.
    pub project: ProjectId,
}

/// Run with the name of its agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AgentRun {
    /// Name of the agent.
    pub agent: AgentId,
    /// Run of the agent.
    pub run: Run,
}

/// Last sign of life of a harness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HookSeen {
    /// Harness.
    pub source: Source,
    /// Name that the harness gave its last event.
    pub last_event: String,
    /// Time of the last event.
    pub last_at: Timestamp,
    /// Number of events so far.
    pub events: u64,
}
