//! What a client may say of a project.

use serde::{Deserialize, Serialize};
use tasktree_protocol::project::DEFAULT_MAX_AGENTS;
use tasktree_protocol::{Maybe, ProjectId};

/// A project to be made. Everything but id and name may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in Project")]
pub struct NewProject {
    pub id: ProjectId,
    pub name: String,
    #[serde(default)]
    pub path: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub project_overview: Option<String>,
    #[serde(default)]
    pub initial_prompt: Option<String>,
    #[serde(default)]
    pub plan: Option<String>,
    #[serde(default = "default_max_agents")]
    pub max_agents: u32,
    #[serde(default = "default_active")]
    pub active: bool,
    #[serde(default)]
    pub git_remote: Option<String>,
    #[serde(default)]
    pub is_git_repo: Option<bool>,
    #[serde(default)]
    pub demo: bool,
}

fn default_max_agents() -> u32 {
    DEFAULT_MAX_AGENTS
}

fn default_active() -> bool {
    true
}

impl NewProject {
    /// A project with that identifier and name, and the defaults for everything else.
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.into(),
            name: name.to_owned(),
            path: String::new(),
            description: None,
            project_overview: None,
            initial_prompt: None,
            plan: None,
            max_agents: DEFAULT_MAX_AGENTS,
            active: true,
            git_remote: None,
            is_git_repo: None,
            demo: false,
        }
    }
}

/// A change of a project: what is absent stays, `null` clears (and is an error where a field cannot be empty).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "as in Project")]
pub struct ProjectPatch {
    /// Only the project's own; an identifier does not change.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub id: Maybe<ProjectId>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub name: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub path: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub description: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub project_overview: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub initial_prompt: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub plan: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub max_agents: Maybe<u32>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub active: Maybe<bool>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub git_remote: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub is_git_repo: Maybe<bool>,
}
