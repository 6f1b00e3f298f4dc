//! Reach of a caller: its projects, and the names it may speak as.

use tasktree_protocol::{AgentId, ProjectId};

/// Projects that a caller reaches. All others do not exist for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All projects.
    Everything,
    /// One project.
    Project(ProjectId),
}

impl Scope {
    /// Returns true if a project is in reach.
    pub fn has(&self, project: &ProjectId) -> bool {
        match self {
            Self::Everything => true,
            Self::Project(mine) => mine == project,
        }
    }

    /// Returns the project that the scope is bound to.
    pub const fn project(&self) -> Option<&ProjectId> {
        match self {
            Self::Everything => None,
            Self::Project(project) => Some(project),
        }
    }
}

/// Names that a caller may speak as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpeaksAs {
    /// Any name that a request gives: nobody was authenticated, or all share one secret.
    Anyone,
    /// Their own name; for agents, as the person who looks after them.
    Person(String),
    /// As the agent of that name, and as agents that the credential registered.
    Agent {
        /// Name of the token, which is also the name of its agent.
        name: String,
        /// Id of the credential: names are given again, ids are not.
        credential: String,
        /// Agent that the request names, if it is another one. It has to be one that the credential
        /// registered.
        speaks_for: Option<AgentId>,
    },
}

/// Target of an operation, for the check that it is in the caller's reach.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// One project.
    Project(&'a ProjectId),
    /// All projects, or the server: out of reach for callers bound to a project.
    Everything,
    /// Everything that the caller reaches: the operation leaves out the rest.
    Visible,
}
