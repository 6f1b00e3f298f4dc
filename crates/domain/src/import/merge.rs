//! Merging of one imported task into its row.

use serde::{Deserialize, Serialize};
use tasktree_protocol::task::OnHold;
use tasktree_protocol::{ProjectId, Status, TaskId, Timestamp, imported_task_fields};

use super::ImportedTask;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::{Source, StoredTask};
use crate::task::{self, Bounded as _, Draft, TaskBounds};
use crate::validate::Checks;

/// A row to be written, with its changes.
#[derive(Debug)]
pub(crate) struct Row {
    /// Task as at the source.
    pub(super) task: ImportedTask,
    /// Dependencies of the task here.
    pub(super) ties: Ties,
    /// Row after the import.
    pub(super) draft: Draft,
    pub(super) is_new: bool,
    /// Names of the fields that change.
    pub(super) changed: Vec<String>,
    /// Warning about a value that could not be imported.
    pub(super) warning: Option<String>,
    /// True if nothing needs to be written at all.
    pub(super) is_quiet: bool,
}

/// Dependencies of an imported task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ties {
    /// Tasks that it depends on, as at the source.
    pub(super) dependencies: Vec<TaskId>,
    /// Number of a task that blocks it after the import, so that it cannot be in progress.
    pub(super) waits_for: Option<u64>,
}

impl Row {
    /// Returns true if the import changes that field of the task.
    pub(super) fn changes(&self, field: &str) -> bool {
        self.changed.iter().any(|changed| changed == field)
    }

    /// Replaces the task's dependencies after the import.
    pub(super) fn retain_dependencies(&mut self, stays: impl FnMut(&TaskId) -> bool) -> Result<()> {
        self.draft.task.dependencies.retain(stays);
        self.changed = names(&self.draft)?;
        Ok(())
    }

    /// Returns the change in the form in which it waits for its turn.
    pub(super) fn into_known(self) -> Known {
        Known {
            number: self.draft.task.number,
            task: self.task,
            ties: self.ties,
            warning: self.warning,
        }
    }
}

/// Change of an existing task by a large import. It is merged into the row when it is written.
#[derive(Debug, Serialize, Deserialize)]
pub struct Known {
    /// Task as at the source.
    pub(super) task: ImportedTask,
    pub(super) number: u64,
    pub(super) ties: Ties,
    /// Warning that the report has already.
    pub(super) warning: Option<String>,
}

/// Returns the names of the fields that change.
fn names(draft: &Draft) -> Result<Vec<String>> {
    let changes = draft.changes()?.into_iter();
    Ok(changes.map(|change| change.field).collect())
}

/// A task that an import creates.
///
/// Its row is only built when it is written, since a large import has many.
#[derive(Debug)]
pub struct Fresh {
    /// Task as at the source.
    pub(super) task: ImportedTask,
    pub(super) number: u64,
    /// Numbers of the tasks that it depends on.
    pub(super) needs: Vec<u64>,
    /// Number of a task that blocks it, so that it cannot be in progress.
    pub(super) waits_for: Option<u64>,
}

impl Fresh {
    /// Returns the row to write.
    pub(super) fn into_row(self, project: &ProjectId, now: Timestamp) -> Result<Row> {
        let needs = self.needs.iter();
        let ties = Ties {
            dependencies: needs.map(|number| TaskId::new(*number, project)).collect(),
            waits_for: self.waits_for,
        };
        merged(project, self.task, self.number, None, None, ties, now)
    }
}

/// A row that an import writes.
#[derive(Debug)]
pub(super) enum Planned {
    /// A task that is new here.
    New(Box<Fresh>),
    /// An existing task with its changes.
    Known(Box<Row>),
}

/// Checks a task's fields, and turns its title into a single line.
pub(super) fn checked(task: &ImportedTask, limits: &Limits) -> Result<ImportedTask> {
    let mut task = task.clone();
    task.title = task.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut checks = Checks::default();
    checks.line("source", &task.source, limits.name_chars);
    checks.count("dependencies", task.dependencies.len(), limits.list_entries);
    let bounds = TaskBounds::new(limits);
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => {
            $(task.$name.check(bounds.$name, stringify!($name), &mut checks);)*
        };
    }
    imported_task_fields!(all);
    checks.finish().map_err(|error| match error {
        Error::Invalid(mut fields) => {
            for field in &mut fields {
                field.field = format!("{} of {}", field.field, task.source);
            }
            Error::Invalid(fields)
        }
        other => other,
    })?;
    macro_rules! tidy {
        ($($name:ident: $type:ty,)*) => { $(task.$name.tidy(bounds.$name);)* };
    }
    imported_task_fields!(tidy);
    Ok(task)
}

/// Returns the task as of the last import of a row.
pub(super) fn last_import(stored: &StoredTask) -> Option<ImportedTask> {
    let source = stored.source.as_ref()?;
    serde_json::from_str(&source.state).ok()
}

/// Returns true if the source's status changed since the last import.
///
/// An unchanged status does not undo what was changed here since.
pub(super) fn says_status(task: &ImportedTask, before: Option<&ImportedTask>) -> bool {
    before.is_none_or(|before| before.status != task.status)
}

/// Returns the warning about a task that is in progress at the source but blocked here.
pub(super) fn must_wait(task: &ImportedTask, waits_for: Option<u64>) -> Option<String> {
    let open = waits_for.filter(|_| task.status == Status::InProgress)?;
    Some(format!(
        "{}: it is blocked by #{open}, so it cannot be in progress; its status is now up next.",
        task.source
    ))
}

/// Returns the row after the import.
///
/// A field changes only if the source differs from the last import, so that changes made here since
/// are kept. The agent that holds a task decides its status.
pub(super) fn merged(
    project: &ProjectId,
    task: ImportedTask,
    number: u64,
    stored: Option<StoredTask>,
    before: Option<&ImportedTask>,
    ties: Ties,
    now: Timestamp,
) -> Result<Row> {
    let is_new = stored.is_none();
    let mut draft = match stored {
        Some(stored) => Draft::of(stored),
        None => Draft::new(StoredTask {
            task: task::blank(project, number, now),
            deleted_at: None,
            source: None,
        }),
    };
    let said = |same: fn(&ImportedTask, &ImportedTask) -> bool| {
        before.is_none_or(|before| !same(before, &task))
    };
    let target = &mut draft.task;
    if said(|before, now| before.dependencies == now.dependencies) {
        target.dependencies = ties.dependencies.clone();
    }
    macro_rules! take {
        // Depends on the holder and on what blocks the task, below.
        (status) => {};
        (on_hold) => {
            if said(|before, now| before.on_hold == now.on_hold) {
                let since = target.on_hold.as_ref().map_or(now, |hold| hold.since);
                let reason = task.on_hold.clone();
                target.on_hold = reason.map(|reason| OnHold { reason, since });
            }
        };
        ($name:ident) => {
            if said(|before, now| before.$name == now.$name) {
                target.$name.clone_from(&task.$name);
            }
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => { $(take!($name);)* };
    }
    imported_task_fields!(all);
    let mut warning = None;
    if says_status(&task, before) && target.status != task.status {
        if let Some(holder) = &target.holder {
            warning = Some(format!(
                "{}: agent '{holder}' holds it as #{number}, so its status stays {}.",
                task.source,
                target.status.as_str()
            ));
        } else if let Some(must_wait) = must_wait(&task, ties.waits_for) {
            warning = Some(must_wait);
            task::set_status(target, Status::UpNext, now);
        } else {
            task::set_status(target, task.status, now);
        }
    }
    let changed = names(&draft)?;
    let state = serde_json::to_string(&task)?;
    let is_quiet = changed.is_empty() && !is_new && before == Some(&task);
    draft.source = Some(Source {
        id: task.source.clone(),
        state,
    });
    Ok(Row {
        task,
        ties,
        draft,
        is_new,
        changed,
        warning,
        is_quiet,
    })
}
