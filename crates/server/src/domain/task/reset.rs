//! All tasks back to unclaimed, as the older dashboard's button does it; and back again.

use tasktree_protocol::event::TasksReset;
use tasktree_protocol::question::QuestionOutcome;
use tasktree_protocol::{Event, ProjectId, Status, TaskCard};

use super::undo::{AgentBefore, Before, TaskBefore};
use super::{Draft, save, set_status};
use crate::domain::agent::claim::{self, Ending};
use crate::domain::work::About;
use crate::domain::{Work, agent, lease, question};
use crate::error::Result;

/// Puts all tasks but merged ones back to unclaimed. Their agents are no longer registered: this server cannot end
/// them, but each learns at its next heartbeat that it is not known any more.
pub(crate) fn reset_all(work: &mut Work<'_>, project: &ProjectId) -> Result<TasksReset> {
    work.require(project)?;
    let mut reset = TasksReset {
        reset_count: 0,
        killed_sessions: Vec::new(),
        tasks: Vec::new(),
        undo: None,
    };
    let mut before = Before::default();
    for stored in work.tx.agents(project)? {
        let messages = work.tx.messages(project, &stored.agent.id, false)?;
        question::end_of(work, project, &stored.agent.id, QuestionOutcome::Reset)?;
        work.tx.delete_agent(project, &stored.agent.id)?;
        reset.killed_sessions.push(stored.agent.id.to_string());
        before.agents.push(AgentBefore::new(stored, messages));
    }
    let mut touched = Vec::new();
    for task in work.tx.tasks(project)? {
        let at_rest = task.status == Status::Unclaimed && task.session.is_none();
        if task.status == Status::Merged || at_rest {
            continue;
        }
        let Some(stored) = work.tx.task(project, task.number)? else {
            continue;
        };
        let was = stored.task.clone();
        let mut draft = Draft::of(stored);
        claim::lose(work, project, &mut draft, Ending::Reset)?;
        set_status(&mut draft.task, Status::Unclaimed, work.now);
        draft.task.session = None;
        touched.push(save(work, project, &mut draft)?);
        before.tasks.push(TaskBefore::new(&was, draft.task.rev));
        reset.tasks.push(TaskCard::from(&draft.task));
    }
    reset.reset_count = reset.tasks.len() as u64;
    reset.undo = before.keep(work, project)?;
    let about = About {
        tasks: touched,
        ..About::default()
    };
    work.emit(Some(project), Event::TasksReset(reset.clone()), about)?;
    if !reset.killed_sessions.is_empty() {
        lease::release_all(work, project)?;
        agent::tell_agents(work, project, &[])?;
    }
    Ok(reset)
}
