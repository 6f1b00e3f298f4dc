//! Projects and their changes.

use serde::{Deserialize, Serialize};

use crate::{Maybe, ProjectId, Timestamp};

/// Project. Field order is that of the older dashboard's API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Project {
    /// Identifier, chosen at creation.
    pub id: ProjectId,
    /// Name for people.
    pub name: String,
    /// Folder of its files, on any machine; may be empty, and need not exist here.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
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
    #[cfg_attr(feature = "schema", schema(required))]
    pub max_agents: u32,
    /// True if the project is worked on.
    #[serde(default = "default_active")]
    #[cfg_attr(feature = "schema", schema(required))]
    pub active: bool,
    /// Time when it was created, RFC 3339 in UTC.
    pub created_at: Timestamp,
    /// Time when it was last changed.
    pub updated_at: Timestamp,
    /// Remote that its repository is pushed to.
    #[serde(default)]
    pub git_remote: Option<String>,
    /// True if `path` is a git repository; none if that is unknown.
    #[serde(default)]
    pub is_git_repo: Option<bool>,
    /// True if a simulation created the project: see `tasktree demo`. Left out otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    /// Branch that finished work is merged into; null for the repository's default branch.
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

/// Project to be created. All fields but id and name may be omitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "as in Project")]
pub struct NewProject {
    /// 1 to 100 letters, digits and `. _ -`; not starting with a dot.
    pub id: ProjectId,
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_overview: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_prompt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    #[serde(default = "default_max_agents")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<u32>))]
    pub max_agents: u32,
    #[serde(default = "default_active")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<bool>))]
    pub active: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_remote: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_git_repo: Option<bool>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<bool>))]
    pub demo: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_branch: Option<String>,
    /// Time of creation, RFC 3339; the time of the request if omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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

/// Change of a project: absent fields stay, `null` clears (and is an error if a field cannot be
/// empty).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
#[expect(missing_docs, reason = "as in Project")]
pub struct ProjectPatch {
    /// Must be the project's own identifier, which cannot change.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(ignore))]
    pub id: Maybe<ProjectId>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub name: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub path: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub description: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub project_overview: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub initial_prompt: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub plan: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<u32>))]
    pub max_agents: Maybe<u32>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<bool>))]
    pub active: Maybe<bool>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub git_remote: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<bool>))]
    pub is_git_repo: Maybe<bool>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub main_branch: Maybe<String>,
}
