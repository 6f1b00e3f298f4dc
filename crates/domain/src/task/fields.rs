//! Fields of a task: checks, defaults, and application of a patch.

use tasktree_protocol::maybe::Target as _;
use tasktree_protocol::task::OnHold;
use tasktree_protocol::{
    Maybe, NewTask, ProjectId, Task, TaskId, TaskPatch, Timestamp, new_task_fields,
    task_patch_fields,
};

use super::bounds::{Bounded as _, TaskBounds};
use super::{parent, set_status};
use crate::dependencies;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::Read;
use crate::validate::Checks;

/// Returns a task without content.
pub(crate) fn blank(project: &ProjectId, number: u64, now: Timestamp) -> Task {
    Task {
        id: TaskId::new(number, project),
        number,
        branch: default_branch(number),
        created_at: now,
        updated_at: now,
        ..Task::default()
    }
}

fn default_branch(number: u64) -> String {
    format!("task-{number}")
}

/// Returns the task to create in the form in which it is stored, if it is valid.
pub(super) fn check_new(mut new: NewTask, limits: &Limits) -> Result<NewTask> {
    new.branch = new.branch.filter(|branch| !branch.trim().is_empty());
    let (bounds, mut checks) = (TaskBounds::new(limits), Checks::default());
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => {
            $(new.$name.check(bounds.$name, stringify!($name), &mut checks);)*
        };
    }
    new_task_fields!(all);
    checks.finish()?;
    macro_rules! tidy {
        ($($name:ident: $type:ty,)*) => { $(new.$name.tidy(bounds.$name);)* };
    }
    new_task_fields!(tidy);
    Ok(new)
}

/// Checks a change of a task, and brings it into the form in which it is stored.
pub(super) fn check_patch(patch: &mut TaskPatch, before: &Task, limits: &Limits) -> Result<()> {
    let (bounds, mut checks) = (TaskBounds::new(limits), Checks::default());
    checks.not_null("title", patch.title == Maybe::Null);
    checks.not_null("status", patch.status == Maybe::Null);
    // Stored values stay, even if only an older version accepted them: only changes are checked.
    macro_rules! is_stored {
        ($value:ident, on_hold) => {
            before
                .on_hold
                .as_ref()
                .is_some_and(|hold| hold.reason == *$value)
        };
        // The older dashboard sends an empty text to clear it.
        ($value:ident, session) => {
            $value.is_empty() || before.session.has($value)
        };
        ($value:ident, $name:ident) => {
            before.$name.has($value)
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => {
            $(if let Maybe::Value(value) = &patch.$name && !is_stored!(value, $name) {
                value.check(bounds.$name, stringify!($name), &mut checks);
            })*
        };
    }
    task_patch_fields!(all);
    checks.finish()?;
    macro_rules! tidy {
        ($($name:ident: $type:ty,)*) => {
            $(if let Maybe::Value(value) = &mut patch.$name {
                value.tidy(bounds.$name);
            })*
        };
    }
    task_patch_fields!(tidy);
    Ok(())
}

/// Fills a blank task with the fields that a request gives.
///
/// Those with a rule of their own are left to the caller: status, dependencies, parent and hold.
pub(super) fn fill(task: &mut Task, new: &mut NewTask) {
    macro_rules! one {
        (status) => {};
        (dependencies) => {};
        (parent) => {};
        (on_hold) => {};
        (branch) => {
            if let Some(branch) = new.branch.take() {
                task.branch = branch;
            }
        };
        ($name:ident) => {
            task.$name = std::mem::take(&mut new.$name);
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => { $(one!($name);)* };
    }
    new_task_fields!(all);
}

/// Applies a checked patch to a task.
pub(super) fn apply(
    task: &mut Task,
    patch: TaskPatch,
    rows: &dyn Read,
    project: &ProjectId,
    now: Timestamp,
    limits: &Limits,
) -> Result<()> {
    macro_rules! one {
        // These have a rule of their own, below.
        (status) => {};
        (branch) => {};
        (session) => {};
        (dependencies) => {};
        (parent) => {};
        (on_hold) => {};
        ($name:ident) => {
            patch.$name.apply_to(&mut task.$name);
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => { $(one!($name);)* };
    }
    task_patch_fields!(all);
    if let Maybe::Value(status) = patch.status {
        set_status(task, status, now);
    }
    let number = task.number;
    let merged = task.merge_commit.is_some().then(|| task.branch.clone());
    match patch.branch {
        Maybe::Absent => {}
        Maybe::Null => task.branch = default_branch(number),
        Maybe::Value(branch) => task.branch = branch,
    }
    if let Some(merged) = merged.filter(|merged| *merged != task.branch) {
        let message = format!(
            "cannot change from '{merged}' while the task is MERGED, because its merge_commit has \
             the work of that branch. Move the task out of MERGED first"
        );
        return Err(Error::invalid(
            "branch",
            "merged",
            message,
            task.branch.as_str(),
        ));
    }
    let session = match patch.session {
        // The older dashboard cannot send null here.
        Maybe::Value(session) if session.is_empty() => Maybe::Null,
        other => other,
    };
    session.apply_to(&mut task.session);
    let dependencies = match patch.dependencies {
        Maybe::Value(wanted) => {
            let resolved = dependencies::resolve(rows, project, &wanted, &task.dependencies)?;
            Maybe::Value(resolved)
        }
        other => other,
    };
    dependencies.apply_to(&mut task.dependencies);
    match patch.parent {
        Maybe::Absent => {}
        Maybe::Null => task.parent = None,
        Maybe::Value(wanted) if task.parent.as_ref() == Some(&wanted) => {}
        Maybe::Value(wanted) => {
            task.parent = parent::resolve(rows, project, number, Some(&wanted), limits)?;
        }
    }
    match patch.on_hold {
        Maybe::Absent => {}
        Maybe::Null => task.on_hold = None,
        Maybe::Value(reason) => {
            let before = task.on_hold.as_ref();
            let since = before.map_or(now, |hold| hold.since);
            task.on_hold = Some(OnHold { reason, since });
        }
    }
    Ok(())
}
