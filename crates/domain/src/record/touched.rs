//! Rows that a change stored. The attention items about them are derived again at its end.

use std::collections::BTreeMap;

use tasktree_protocol::{AgentId, ProjectId, Status, Timestamp};

use crate::store::{StoredAgent, StoredTask};

/// Stored rows by project.
pub(crate) type Touched = BTreeMap<ProjectId, TouchedRows>;

/// Stored rows of one project.
#[derive(Debug, Default)]
pub(crate) struct TouchedRows {
    /// True if the project came, went, or was emptied.
    pub(crate) everything: bool,
    /// True if the tasks changed in a way that names none of them.
    pub(crate) all_tasks: bool,
    /// Agents with their rows, where known.
    pub(crate) agents: BTreeMap<AgentId, Option<Box<StoredAgent>>>,
    /// Tasks by number.
    pub(crate) tasks: BTreeMap<u64, TouchedTask>,
    /// State of the leases.
    pub(crate) leases: TouchedLeases,
}

/// State of a task that attention items depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TouchedTask {
    /// Status of the task.
    pub(crate) status: Status,
    /// True if the task was removed.
    pub(crate) removed: bool,
}

impl TouchedTask {
    pub(super) fn of(stored: &StoredTask) -> Self {
        Self {
            status: stored.task.status,
            removed: stored.deleted_at.is_some(),
        }
    }
}

/// Leases of a project during a change.
#[derive(Debug, Default)]
pub(crate) enum TouchedLeases {
    /// No lease was stored.
    #[default]
    Unchanged,
    /// Leases were stored since they were last compared.
    Changed,
    /// All leases were compared after the last change.
    Compared(Clashes),
}

/// Pairs of agents with overlapping leases, at least one of them exclusive. The first name of a
/// pair is the lower one.
pub(crate) type Clashes = BTreeMap<(AgentId, AgentId), Clash>;

/// Overlap of two agents' leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clash {
    /// Paths of the leases.
    pub(crate) paths: Vec<String>,
    /// Time at which the first overlap began.
    pub(crate) since: Timestamp,
}
