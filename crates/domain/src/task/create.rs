//! Creation of tasks.

use tasktree_protocol::task::OnHold;
use tasktree_protocol::{Event, NewTask, ProjectId, Status, Task};

use super::events::emit_with_blockers;
use super::{Draft, assign, fields, parent, save, set_status};
use crate::dependencies::States;
use crate::error::{Error, Result};
use crate::store::StoredTask;
use crate::{Change, dependencies};

/// Creates a task.
pub fn create(change: &mut Change<'_>, project: &ProjectId, new: NewTask) -> Result<Task> {
    let mut states = States::read(&*change.tx, project, &new.dependencies)?;
    create_after(change, project, new, &mut states)
}

/// Creates a task whose dependencies are among the known states; then adds its own state.
pub(crate) fn create_after(
    change: &mut Change<'_>,
    project: &ProjectId,
    new: NewTask,
    states: &mut States,
) -> Result<Task> {
    change.require(project)?;
    let mut new = fields::check_new(new, change.limits)?;
    let dependencies = states.resolve(project, &new.dependencies, &[])?;
    dependencies::refuse_too_many(&*change.tx, project, dependencies.len(), change.limits)?;
    let most = change.limits.tasks_per_project;
    if change.tx.last_number(project)? >= most {
        return Err(Error::Refused(format!(
            "The project has reached the maximum number of tasks ({most})."
        )));
    }
    let number = change.tx.take_number(project)?;
    let mut task = fields::blank(project, number, change.now);
    fields::fill(&mut task, &mut new);
    task.dependencies = dependencies;
    task.parent = parent::resolve(
        &*change.tx,
        project,
        number,
        new.parent.as_ref(),
        change.limits,
    )?;
    task.on_hold = new.on_hold.map(|reason| OnHold {
        reason,
        since: change.now,
    });
    assign::check_caller(change, new.status, task.on_hold.is_some())?;
    set_status(&mut task, new.status, change.now);
    states.refuse_blocked(project, &task, Status::Unclaimed)?;
    states.add(&task);
    let mut draft = Draft::new(StoredTask {
        task,
        deleted_at: None,
        source: None,
    });
    let affected = save(change, project, &mut draft)?;
    let mut task = draft.into_task();
    task.blocked_by = states.blocked_by(project, &task.dependencies);
    emit_with_blockers(change, project, task, affected, Event::TaskCreated)
}
