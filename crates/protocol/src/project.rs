//! Projects and their changes.

use serde::{Deserialize, Serialize};

use crate::{Maybe, ProjectId, Timestamp};

/// A project. Field order is that of the older dashboard's API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Identifier, chosen at creation.
    pub id: ProjectId,
    /// Name for people.
    pub name: String,
    /// Folder of its files, on any machine; may be empty, and need not exist here.
    #[serde(default)]
    pub path: String,
    /// Description in a sentence.
    #[serde(default)]
    pub description: Option<String>,
    /// Goal of the project: what is to be built (Markdown).
    #[serde(default)]
    pub project_overview: Option<String>,
    /// Prompt of the first agent (Markdown).
    #[serde(default)]
    pub initial_prompt: Option<String>,
    /// Plan that an agent made (Markdown).
    #[serde(default)]
    pub plan: Option<String>,
    /// Number of agents that should work at once.
    #[serde(default = "default_max_agents")]
    pub max_agents: u32,
    /// True if the project is worked on.
    #[serde(default = "default_active")]
    pub active: bool,
    /// Time when it was created.
    pub created_at: Timestamp,
    /// Time when it was last changed.
    pub updated_at: Timestamp,
    /// Remote that its repository is pushed to.
    #[serde(default)]
    pub git_remote: Option<String>,
    /// True if `path` is a git repository; none if that is unknown.
    #[serde(default)]
    pub is_git_repo: Option<bool>,
    /// True if a simulation created the project: see `tasktree demo`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    /// Branch that finished work is merged into; the repository's default branch if none is named.
    #[serde(default)]
    pub main_branch: Option<String>,
}

/// Number of agents of a project whose creator specified none.
pub const DEFAULT_MAX_AGENTS: u32 = 5;

fn default_max_agents() -> u32 {
    DEFAULT_MAX_AGENTS
}

fn default_active() -> bool {
    true
}

/// A project to create. All fields but id and name may be omitted.
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
    #[serde(default)]
    pub main_branch: Option<String>,
    /// Time of creation; the time of the request if omitted.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

impl NewProject {
    /// Creates a project with that identifier and name, and the defaults for everything else.
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
            main_branch: None,
            created_at: None,
        }
    }
}

/// A change of a project: absent fields stay, `null` clears (and is an error if a field cannot be
/// empty).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "as in Project")]
pub struct ProjectPatch {
    /// Must be the project's own identifier, which cannot change.
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
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub main_branch: Maybe<String>,
}
