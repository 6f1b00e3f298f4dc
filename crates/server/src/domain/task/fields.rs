//! Fields of a task: checks, defaults, and application of a patch.

use tasktree_protocol::task::OnHold;
use tasktree_protocol::{Maybe, NewTask, ProjectId, Status, Task, TaskId, TaskPatch, Timestamp};

use super::{parent, set_status};
use crate::domain::dependencies;
use crate::domain::validate::Checks;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::Read;

/// Returns a task without content.
pub(in crate::domain) fn blank(project: &ProjectId, number: u64, now: Timestamp) -> Task {
    Task {
        id: TaskId::new(number, project),
        number,
        title: String::new(),
        description: None,
        prompt: None,
        status: Status::Unclaimed,
        branch: default_branch(number),
        session: None,
        dependencies: Vec::new(),
        priority: 0,
        owned_files: Vec::new(),
        shared_files: Vec::new(),
        creates_files: Vec::new(),
        merge_order: 0,
        exclusive_files: Vec::new(),
        initialization_deps: Vec::new(),
        created_at: now,
        updated_at: now,
        completed_at: None,
        merged_at: None,
        rev: 0,
        status_changed_at: None,
        blocked_by: Vec::new(),
        holder: None,
        generation: 0,
        on_hold: None,
        parent: None,
        evidence: None,
        verdict: None,
        merge_commit: None,
        assignee: None,
    }
}

fn default_branch(number: u64) -> String {
    format!("task-{number}")
}

/// Fields that a request gives.
struct Given<'a> {
    title: Option<&'a str>,
    description: Option<&'a str>,
    prompt: Option<&'a str>,
    branch: Option<&'a str>,
    session: Option<&'a str>,
    priority: Option<u32>,
    dependencies: Option<&'a [TaskId]>,
    on_hold: Option<&'a str>,
    lists: [(&'static str, Option<&'a [String]>); 5],
}

fn check(given: &Given<'_>, checks: &mut Checks, limits: &Limits) {
    if let Some(title) = given.title {
        checks.line("title", title, limits.title_chars);
    }
    checks.bytes("description", given.description, limits.description_bytes);
    checks.bytes("prompt", given.prompt, limits.prompt_bytes);
    if let Some(branch) = given.branch {
        checks.branch("branch", branch, limits.branch_chars);
    }
    if let Some(session) = given.session {
        checks.line("session", session, limits.branch_chars);
    }
    if let Some(priority) = given.priority {
        checks.at_most("priority", priority.into(), limits.priority_max.into());
    }
    if let Some(dependencies) = given.dependencies {
        checks.count("dependencies", dependencies.len(), limits.list_entries);
    }
    if let Some(reason) = given.on_hold {
        checks.line("on_hold", reason, limits.title_chars);
    }
    for (field, list) in &given.lists {
        let list = list.unwrap_or_default();
        checks.count(field, list.len(), limits.list_entries);
        for (index, entry) in list.iter().take(limits.list_entries).enumerate() {
            checks.chars(&format!("{field}.{index}"), entry, limits.list_entry_chars);
        }
    }
}

/// Returns the task to create, with its title trimmed, if it is valid.
pub(super) fn check_new(mut new: NewTask, limits: &Limits) -> Result<NewTask> {
    new.title = new.title.trim().to_owned();
    new.branch = new.branch.filter(|branch| !branch.trim().is_empty());
    let given = Given {
        title: Some(&new.title),
        description: new.description.as_deref(),
        prompt: new.prompt.as_deref(),
        branch: new.branch.as_deref(),
        session: None,
        priority: Some(new.priority),
        dependencies: Some(&new.dependencies),
        on_hold: new.on_hold.as_deref(),
        lists: [
            ("owned_files", Some(&new.owned_files)),
            ("shared_files", Some(&new.shared_files)),
            ("creates_files", Some(&new.creates_files)),
            ("exclusive_files", Some(&new.exclusive_files)),
            ("initialization_deps", Some(&new.initialization_deps)),
        ],
    };
    let mut checks = Checks::default();
    check(&given, &mut checks, limits);
    checks.finish()?;
    Ok(new)
}

fn value<T>(field: &Maybe<T>) -> Option<&T> {
    match field {
        Maybe::Value(value) => Some(value),
        Maybe::Absent | Maybe::Null => None,
    }
}

fn text(field: &Maybe<String>) -> Option<&str> {
    value(field).map(String::as_str)
}

fn list(field: &Maybe<Vec<String>>) -> Option<&[String]> {
    value(field).map(Vec::as_slice)
}

pub(super) fn check_patch(patch: &TaskPatch, before: &Task, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    checks.not_null("title", patch.title == Maybe::Null);
    checks.not_null("status", patch.status == Maybe::Null);
    // Stored values stay, even if only an older version accepted them: only changes are checked.
    let new_text = |field, stored: Option<&str>| text(field).filter(|new| Some(*new) != stored);
    let new_list = |name: &'static str, field, stored: &[String]| {
        (name, list(field).filter(|new| *new != stored))
    };
    let hold = before.on_hold.as_ref().map(|hold| hold.reason.as_str());
    let dependencies = value(&patch.dependencies).map(Vec::as_slice);
    let given = Given {
        title: new_text(&patch.title, Some(&before.title)),
        description: new_text(&patch.description, before.description.as_deref()),
        prompt: new_text(&patch.prompt, before.prompt.as_deref()),
        branch: new_text(&patch.branch, Some(&before.branch)),
        session: new_text(&patch.session, before.session.as_deref())
            .filter(|session| !session.is_empty()),
        priority: value(&patch.priority)
            .copied()
            .filter(|new| *new != before.priority),
        dependencies: dependencies.filter(|new| *new != before.dependencies),
        on_hold: new_text(&patch.on_hold, hold),
        lists: [
            new_list("owned_files", &patch.owned_files, &before.owned_files),
            new_list("shared_files", &patch.shared_files, &before.shared_files),
            new_list("creates_files", &patch.creates_files, &before.creates_files),
            new_list(
                "exclusive_files",
                &patch.exclusive_files,
                &before.exclusive_files,
            ),
            new_list(
                "initialization_deps",
                &patch.initialization_deps,
                &before.initialization_deps,
            ),
        ],
    };
    check(&given, &mut checks, limits);
    checks.finish()
}

/// Sets a value, or the empty one if it is to be cleared.
fn set<T>(target: &mut T, field: Maybe<T>, empty: impl FnOnce() -> T) {
    match field {
        Maybe::Absent => {}
        Maybe::Null => *target = empty(),
        Maybe::Value(value) => *target = value,
    }
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
    // No `..`: a field that is not applied here does not compile.
    let TaskPatch {
        title,
        description,
        prompt,
        status,
        branch,
        session,
        dependencies,
        priority,
        owned_files,
        shared_files,
        creates_files,
        merge_order,
        exclusive_files,
        initialization_deps,
        parent,
        on_hold,
        assignee,
    } = patch;
    if let Maybe::Value(title) = title {
        task.title = title.trim().to_owned();
    }
    description.apply_to(&mut task.description);
    prompt.apply_to(&mut task.prompt);
    if let Maybe::Value(status) = status {
        set_status(task, status, now);
    }
    let number = task.number;
    let merged = task.merge_commit.is_some().then(|| task.branch.clone());
    set(&mut task.branch, branch, || default_branch(number));
    if let Some(merged) = merged.filter(|merged| *merged != task.branch) {
        let message = format!(
            "stays '{merged}' while the task is MERGED: its merge_commit has the work of that \
             branch. Move the task out of MERGED first"
        );
        return Err(Error::invalid(
            "branch",
            "merged",
            message,
            task.branch.as_str(),
        ));
    }
    let session = match session {
        // The older dashboard cannot send null here.
        Maybe::Value(session) if session.is_empty() => Maybe::Null,
        other => other,
    };
    session.apply_to(&mut task.session);
    let dependencies = match dependencies {
        Maybe::Value(wanted) => {
            let resolved = dependencies::resolve(rows, project, &wanted, &task.dependencies)?;
            Maybe::Value(resolved)
        }
        other => other,
    };
    set(&mut task.dependencies, dependencies, Vec::new);
    set(&mut task.priority, priority, || 0);
    set(&mut task.owned_files, owned_files, Vec::new);
    set(&mut task.shared_files, shared_files, Vec::new);
    set(&mut task.creates_files, creates_files, Vec::new);
    set(&mut task.merge_order, merge_order, || 0);
    set(&mut task.exclusive_files, exclusive_files, Vec::new);
    set(&mut task.initialization_deps, initialization_deps, Vec::new);
    assignee.apply_to(&mut task.assignee);
    match parent {
        Maybe::Absent => {}
        Maybe::Null => task.parent = None,
        Maybe::Value(wanted) if task.parent.as_ref() == Some(&wanted) => {}
        Maybe::Value(wanted) => {
            task.parent = parent::resolve(rows, project, number, Some(&wanted), limits)?;
        }
    }
    match on_hold {
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
