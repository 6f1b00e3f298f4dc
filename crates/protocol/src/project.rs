//! Projects.

use serde::{Deserialize, Serialize};

use crate::{ProjectId, Timestamp};

/// A project. Field order is that of the older dashboard's API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Identifier, chosen at creation.
    pub id: ProjectId,
    /// Name for people.
    pub name: String,
    /// Where its files are, on whichever machine; may be empty, and need not exist here.
    #[serde(default)]
    pub path: String,
    /// What it is, in a sentence.
    #[serde(default)]
    pub description: Option<String>,
    /// What is to be built (Markdown).
    #[serde(default)]
    pub project_overview: Option<String>,
    /// What the first agent is told (Markdown).
    #[serde(default)]
    pub initial_prompt: Option<String>,
    /// The plan that an agent made (Markdown).
    #[serde(default)]
    pub plan: Option<String>,
    /// How many agents should work at once.
    #[serde(default = "default_max_agents")]
    pub max_agents: u32,
    /// Whether it is worked on.
    #[serde(default = "default_active")]
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Where its repository is pushed to.
    #[serde(default)]
    pub git_remote: Option<String>,
    /// Whether `path` is a git repository, where that is known.
    #[serde(default)]
    pub is_git_repo: Option<bool>,
    /// Whether a simulation made it: see `tasktree demo`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
}

/// How many agents a project has where its creator named no number.
pub const DEFAULT_MAX_AGENTS: u32 = 5;

fn default_max_agents() -> u32 {
    DEFAULT_MAX_AGENTS
}

fn default_active() -> bool {
    true
}
