//! How an agent comes by a task, and how it leaves it.

use tasktree_protocol::{Agent, AgentId, AgentStatus, Event, ProjectId, Status, Task, TaskId};

use super::{is_working, seen_at, tell};
use crate::domain::{Work, dependencies, lease, task};
use crate::error::{Error, Result};
use crate::store::StoredAgent;

/// Puts an agent on a task: the task is in progress, and its session is the agent. What the agent worked on before is given
/// back. Gives the task where it is newly claimed; none where the agent had it already, or had finished it.
pub(super) fn claim(
    work: &mut Work<'_>,
    project: &ProjectId,
    stored: &mut StoredAgent,
    wanted: &TaskId,
) -> Result<Option<Task>> {
    let mut found = task::find(&*work.tx, project, wanted)?;
    let id = stored.agent.id.clone();
    let mine = found.task.session.as_deref() == Some(id.as_str());
    let held = stored.agent.task();
    if held.as_ref() != Some(&found.task.id) {
        give_back(work, project, &mut stored.agent)?;
        stored.agent.task_id = found.task.id.to_string();
        stored.agent.branch.clone_from(&found.task.branch);
        stored.agent.progress = 0;
    }
    if found.task.status.is_done() {
        if mine {
            return Ok(None);
        }
        let (number, status) = (found.task.number, found.task.status.as_str());
        return Err(Error::Taken(format!("Task #{number} is already {status}")));
    }
    if mine && found.task.status == Status::InProgress {
        return Ok(None);
    }
    take_over(work, project, &found.task, &id)?;
    let was = found.task.status;
    task::set_status(&mut found.task, Status::InProgress, work.now);
    dependencies::refuse_blocked(&*work.tx, project, &found.task, was)?;
    found.task.session = Some(id.to_string());
    task::save(work, project, &mut found)?;
    Ok(Some(found.task))
}

/// Refuses a task that another agent works on; takes it from one that is silent.
fn take_over(work: &mut Work<'_>, project: &ProjectId, task: &Task, by: &AgentId) -> Result<()> {
    let Some(holder) = task
        .session
        .as_deref()
        .filter(|holder| *holder != by.as_str())
    else {
        return Ok(());
    };
    let Some(mut other) = work.tx.agent(project, &holder.into())? else {
        return Ok(());
    };
    let at_it = other.agent.task().as_ref() == Some(&task.id) && is_working(other.agent.status);
    if at_it && seen_at(other.clone(), work.now).is_alive {
        let number = task.number;
        return Err(Error::Taken(format!(
            "Agent '{holder}' is working on task #{number}"
        )));
    }
    if other.agent.task().as_ref() == Some(&task.id) {
        other.agent.task_id = String::new();
        other.agent.branch = String::new();
        work.tx.put_agent(project, &other)?;
        tell(work, project, &other.agent.id)?;
    }
    Ok(())
}

/// Ends an agent's work on its task: unfinished, it is unclaimed again.
pub(super) fn give_back(work: &mut Work<'_>, project: &ProjectId, agent: &mut Agent) -> Result<()> {
    move_task(
        work,
        project,
        agent,
        Status::Unclaimed,
        Event::TaskStatusChanged,
    )?;
    agent.task_id = String::new();
    agent.branch = String::new();
    Ok(())
}

/// Changes what an agent says of itself, with what follows for its task and its leases.
pub(super) fn set_agent_status(
    work: &mut Work<'_>,
    project: &ProjectId,
    agent: &mut Agent,
    status: AgentStatus,
) -> Result<()> {
    if agent.status == status {
        return Ok(());
    }
    agent.status = status;
    match status {
        AgentStatus::Running | AgentStatus::Waiting => return Ok(()),
        AgentStatus::Completed => {
            agent.progress = 100;
            move_task(
                work,
                project,
                agent,
                Status::Completed,
                Event::TaskCompleted,
            )?;
        }
        AgentStatus::Failed => {
            move_task(
                work,
                project,
                agent,
                Status::Unclaimed,
                Event::TaskStatusChanged,
            )?;
        }
    }
    lease::release_of(work, project, &agent.id)
}

/// Moves the task that an agent works on, where it still does.
fn move_task(
    work: &mut Work<'_>,
    project: &ProjectId,
    agent: &Agent,
    status: Status,
    event: fn(tasktree_protocol::event::TaskChange) -> Event,
) -> Result<()> {
    let Some(id) = agent.task() else {
        return Ok(());
    };
    let mut found = match task::find(&*work.tx, project, &id) {
        Ok(found) => found,
        // It was removed since.
        Err(Error::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let at_it = found.task.session.as_deref() == Some(agent.id.as_str());
    if !at_it || found.task.status != Status::InProgress {
        return Ok(());
    }
    task::set_status(&mut found.task, status, work.now);
    task::save(work, project, &mut found)?;
    task::tell_change(work, project, &found.task, event, None)
}
