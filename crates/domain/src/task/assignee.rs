//! Assignee of a task: the person responsible for it, whichever agent works on it. Agents are not
//! affected.

use tasktree_protocol::{Maybe, ProjectId, Task, TaskPatch};

use crate::change::Caller;
use crate::error::{Error, Result};
use crate::{Change, person};

/// Refuses an assignee without access to the project, and one set by an agent.
pub(super) fn check(
    change: &Change<'_>,
    project: &ProjectId,
    task: &Task,
    patch: &TaskPatch,
) -> Result<()> {
    let wanted = match &patch.assignee {
        Maybe::Absent => return Ok(()),
        Maybe::Null => None,
        Maybe::Value(id) => Some(id.as_str()),
    };
    if wanted == task.assignee.as_deref() {
        return Ok(());
    }
    if let Caller::Agent(agent) = change.caller() {
        return Err(Error::Forbidden(format!(
            "Agent '{agent}' may not change the assignee of a task; only a person can."
        )));
    }
    match wanted {
        Some(id) if !person::reaches(change, project, id)? => {
            let message =
                "is not a person with access to this project; use an `id` from GET /api/people";
            Err(Error::invalid("assignee", "unknown_person", message, id))
        }
        Some(_) | None => Ok(()),
    }
}
