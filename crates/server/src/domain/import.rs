//! Import of tasks from elsewhere, by the identifier that they have there.

mod graph;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use tasktree_protocol::{Event, ProjectId, Status, TaskId, Timestamp};

use super::validate::Checks;
use super::{Work, read, task};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::{Read, Source, StoredTask};
use graph::Graph;

/// A task as its source has it, mapped to this board's terms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportedTask {
    /// Its identifier at the source, unique in the import: `master/7.2`.
    pub source: String,
    /// As in a task.
    pub title: String,
    /// As in a task.
    pub description: Option<String>,
    /// As in a task.
    pub prompt: Option<String>,
    /// As in a task. A task whose status the source leaves unchanged keeps what it has here.
    pub status: Status,
    /// As in a task.
    pub priority: u32,
    /// Identifiers at the source, in this import or an earlier one.
    pub dependencies: Vec<String>,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Tasks that were made.
    pub created: Vec<TaskId>,
    /// Tasks that were changed.
    pub updated: Vec<TaskId>,
    /// Tasks that were as the source has them.
    pub unchanged: Vec<TaskId>,
    /// What could not be taken over, each in a sentence.
    pub warnings: Vec<String>,
}

/// An import thought through: the rows to be written, each with what changes.
#[derive(Debug)]
pub(crate) struct ImportPlan {
    /// What it does.
    pub(crate) report: ImportReport,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    stored: StoredTask,
    is_new: bool,
    changed: Vec<String>,
    /// Whether there is nothing to write at all.
    quiet: bool,
}

/// Works out what an import does. New tasks get the numbers that come next.
pub(crate) fn plan(
    rows: &dyn Read,
    project: &ProjectId,
    tasks: Vec<ImportedTask>,
    now: Timestamp,
    limits: &Limits,
) -> Result<ImportPlan> {
    read::require(rows, project)?;
    let mut next = rows.last_number(project)?;
    let mut plan = ImportPlan {
        report: ImportReport::default(),
        rows: Vec::new(),
    };
    // First every task's number, since a task may depend on a later one.
    let mut numbers: HashMap<String, u64> = HashMap::new();
    let mut found = Vec::with_capacity(tasks.len());
    for task in tasks {
        let task = checked(task, limits)?;
        if numbers.contains_key(&task.source) {
            let message = format!(
                "{}: it is in the import more than once; the first counts.",
                task.source
            );
            plan.report.warnings.push(message);
            continue;
        }
        let stored = rows.task_by_source(project, &task.source)?;
        if stored
            .as_ref()
            .is_some_and(|stored| stored.deleted_at.is_some())
        {
            plan.report.warnings.push(format!(
                "{}: it was removed here, and stays so.",
                task.source
            ));
            continue;
        }
        let number = stored.as_ref().map_or_else(
            || {
                next += 1;
                next
            },
            |stored| stored.task.number,
        );
        numbers.insert(task.source.clone(), number);
        found.push((task, number, stored));
    }
    if next > limits.tasks_per_project {
        let most = limits.tasks_per_project;
        return Err(Error::Refused(format!(
            "A project has at most {most} tasks."
        )));
    }
    let mut graph = Graph {
        rows,
        project,
        changed: HashMap::new(),
    };
    for (task, number, stored) in found {
        let before = stored.as_ref().and_then(last_import);
        let wanted = graph.dependencies(&task, number, &numbers, &mut plan.report.warnings)?;
        let row = merged(project, &task, number, stored, before.as_ref(), wanted, now)?;
        let list = match (row.is_new, row.changed.is_empty()) {
            (true, _) => &mut plan.report.created,
            (false, false) => &mut plan.report.updated,
            (false, true) => &mut plan.report.unchanged,
        };
        list.push(row.stored.task.id.clone());
        graph
            .changed
            .insert(number, row.stored.task.dependencies.clone());
        plan.rows.push(row);
    }
    Ok(plan)
}

fn checked(mut task: ImportedTask, limits: &Limits) -> Result<ImportedTask> {
    // A title is one line here.
    task.title = task.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut checks = Checks::default();
    checks.line("source", &task.source, limits.name_chars);
    checks.line("title", &task.title, limits.title_chars);
    checks.bytes(
        "description",
        task.description.as_deref(),
        limits.description_bytes,
    );
    checks.bytes("prompt", task.prompt.as_deref(), limits.prompt_bytes);
    checks.at_most("priority", task.priority.into(), limits.priority_max.into());
    checks.count("dependencies", task.dependencies.len(), limits.list_entries);
    checks.finish().map_err(|error| match error {
        Error::Invalid(mut fields) => {
            for field in &mut fields {
                field.field = format!("{} of {}", field.field, task.source);
            }
            Error::Invalid(fields)
        }
        other => other,
    })?;
    Ok(task)
}

fn last_import(stored: &StoredTask) -> Option<ImportedTask> {
    let source = stored.source.as_ref()?;
    serde_json::from_str(&source.state).ok()
}

/// The row after the import: a field changes where the source says something else than at the last import, so that what was
/// changed here since is kept.
fn merged(
    project: &ProjectId,
    task: &ImportedTask,
    number: u64,
    stored: Option<StoredTask>,
    before: Option<&ImportedTask>,
    dependencies: Vec<TaskId>,
    now: Timestamp,
) -> Result<Row> {
    let is_new = stored.is_none();
    let mut row = stored.unwrap_or_else(|| StoredTask {
        task: task::blank(project, number, now),
        deleted_at: None,
        source: None,
    });
    let said = |same: fn(&ImportedTask, &ImportedTask) -> bool| {
        before.is_none_or(|before| !same(before, task))
    };
    let mut changed = Vec::new();
    let target = &mut row.task;
    macro_rules! take {
        ($field:ident, $value:expr) => {
            if said(|before, now| before.$field == now.$field) && target.$field != $value {
                target.$field = $value;
                changed.push(stringify!($field).to_owned());
            }
        };
    }
    take!(title, task.title.clone());
    take!(description, task.description.clone());
    take!(prompt, task.prompt.clone());
    take!(priority, task.priority);
    take!(dependencies, dependencies);
    if said(|before, now| before.status == now.status) && task::set_status(target, task.status, now)
    {
        changed.push("status".to_owned());
    }
    let state = serde_json::to_string(task)?;
    let quiet = changed.is_empty() && !is_new;
    row.source = Some(Source {
        id: task.source.clone(),
        state,
    });
    Ok(Row {
        stored: row,
        is_new,
        changed,
        quiet: quiet && before == Some(task),
    })
}

pub(crate) fn apply(
    work: &mut Work<'_>,
    project: &ProjectId,
    tasks: Vec<ImportedTask>,
) -> Result<ImportReport> {
    let plan = plan(&*work.tx, project, tasks, work.now, work.limits)?;
    for mut row in plan.rows {
        if row.quiet {
            continue;
        }
        if row.is_new {
            let number = work.tx.take_number(project)?;
            debug_assert_eq!(
                number, row.stored.task.number,
                "the plan took the numbers in order"
            );
        } else if row.changed.is_empty() {
            // The source changed to what is here already.
            work.tx.put_task(project, &row.stored)?;
            continue;
        }
        let event = if row.is_new {
            Event::TaskCreated
        } else {
            Event::TaskUpdated
        };
        let changed = if row.is_new { Vec::new() } else { row.changed };
        task::save(work, project, &mut row.stored)?;
        task::tell(work, project, row.stored.task, event, changed)?;
    }
    Ok(plan.report)
}
