//! Last step of a change of a task's status or session.

use tasktree_protocol::{AgentId, ProjectId, Status};

use crate::agent::claim::{self, Ending};
use crate::error::Result;
use crate::store::StoredAgent;
use crate::task::{Draft, Observed, Statement, set_status};
use crate::{Change, agent, dependencies};

/// Remaining step of a change, after the other fields of a patch are applied.
pub(in crate::task) enum Then {
    /// Nothing: the patch is complete.
    Nothing,
    /// An agent claims the task.
    Claim(Box<StoredAgent>),
    /// An agent that is not registered works on the task: a label.
    Label(AgentId),
    /// An agent completes the task: the holder, or one that claims it for that purpose.
    Complete(Box<StoredAgent>),
    /// The holder releases the task, to that status.
    Release(Status),
}

/// Performs the remaining step. Returns true if a claim began or ended.
pub(in crate::task) fn finish(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
    then: Then,
) -> Result<bool> {
    match then {
        Then::Nothing => return Ok(false),
        Then::Label(agent) => {
            if !draft.old_status().is_done() {
                // The agent begins the task as a registered agent does, even if it completes it at
                // once.
                let mut begun = draft.task.clone();
                begun.status = Status::InProgress;
                dependencies::refuse_blocked(&*change.tx, project, &begun, draft.old_status())?;
            }
            draft.task.session = Some(agent.to_string());
            return Ok(false);
        }
        Then::Claim(mut stored) => {
            claim::begin(change, project, draft, &mut stored)?;
            agent::save(change, project, &mut stored)?;
            agent::emit_status(change, project, &stored.agent.id)?;
        }
        Then::Complete(mut stored) => {
            if draft.task.holder.as_ref() != Some(&stored.agent.id) {
                claim::refuse_on_hold(draft)?;
                claim::refuse_busy(project, &stored)?;
                claim::begin(change, project, draft, &mut stored)?;
                agent::save(change, project, &mut stored)?;
            }
            let ending = Ending::Completed(Statement::default(), Observed::default());
            claim::lose(change, project, draft, ending)?;
        }
        Then::Release(status) => {
            claim::lose(change, project, draft, Ending::Released(None))?;
            set_status(&mut draft.task, status, change.now);
        }
    }
    Ok(true)
}
