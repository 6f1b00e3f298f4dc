//! The fields of a task: checks, defaults, and the writing of a patch.

use tasktree_protocol::{Maybe, NewTask, ProjectId, Status, Task, TaskId, TaskPatch, Timestamp};

use super::set_status;
use crate::domain::dependencies;
use crate::domain::validate::Checks;
use crate::error::Result;
use crate::limits::Limits;
use crate::store::Read;

/// A task without content.
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
    }
}

fn default_branch(number: u64) -> String {
    format!("task-{number}")
}

/// Whatever fields a request gives.
struct Given<'a> {
    title: Option<&'a str>,
    description: Option<&'a str>,
    prompt: Option<&'a str>,
    branch: Option<&'a str>,
    session: Option<&'a str>,
    priority: Option<u32>,
    dependencies: Option<&'a [TaskId]>,
    lists: [(&'static str, Option<&'a [String]>); 5],
}

fn check(given: &Given<'_>, checks: &mut Checks, limits: &Limits) {
    if let Some(title) = given.title {
        checks.line("title", title, limits.title_chars);
    }
    checks.bytes("description", given.description, limits.description_bytes);
    checks.bytes("prompt", given.prompt, limits.prompt_bytes);
    if let Some(branch) = given.branch {
        checks.line("branch", branch, limits.branch_chars);
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
    for (field, list) in &given.lists {
        let list = list.unwrap_or_default();
        checks.count(field, list.len(), limits.list_entries);
        for (index, entry) in list.iter().take(limits.list_entries).enumerate() {
            checks.chars(&format!("{field}.{index}"), entry, limits.list_entry_chars);
        }
    }
}

/// The task to be made with its title trimmed, if nothing is wrong with it.
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

pub(super) fn check_patch(patch: &TaskPatch, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    checks.not_null("title", patch.title == Maybe::Null);
    checks.not_null("status", patch.status == Maybe::Null);
    let given = Given {
        title: text(&patch.title),
        description: text(&patch.description),
        prompt: text(&patch.prompt),
        branch: text(&patch.branch),
        session: text(&patch.session).filter(|session| !session.is_empty()),
        priority: value(&patch.priority).copied(),
        dependencies: value(&patch.dependencies).map(Vec::as_slice),
        lists: [
            ("owned_files", list(&patch.owned_files)),
            ("shared_files", list(&patch.shared_files)),
            ("creates_files", list(&patch.creates_files)),
            ("exclusive_files", list(&patch.exclusive_files)),
            ("initialization_deps", list(&patch.initialization_deps)),
        ],
    };
    check(&given, &mut checks, limits);
    checks.finish()
}

/// Writes a value, or the empty one where it is to be cleared; says whether it differs.
fn set<T: PartialEq>(target: &mut T, field: Maybe<T>, empty: impl FnOnce() -> T) -> bool {
    let next = match field {
        Maybe::Absent => return false,
        Maybe::Null => empty(),
        Maybe::Value(value) => value,
    };
    let changed = *target != next;
    *target = next;
    changed
}

/// Writes a checked patch into a task; gives the names of the fields that differ.
pub(super) fn apply(
    task: &mut Task,
    patch: TaskPatch,
    rows: &dyn Read,
    project: &ProjectId,
    now: Timestamp,
) -> Result<Vec<String>> {
    let mut changed: Vec<&str> = Vec::new();
    let mut note = |field: &'static str, differs: bool| {
        if differs && !changed.contains(&field) {
            changed.push(field);
        }
    };
    if let Maybe::Value(title) = patch.title {
        note(
            "title",
            set(
                &mut task.title,
                Maybe::Value(title.trim().to_owned()),
                String::new,
            ),
        );
    }
    note(
        "description",
        patch.description.apply_to(&mut task.description),
    );
    note("prompt", patch.prompt.apply_to(&mut task.prompt));
    if let Maybe::Value(status) = patch.status {
        let session = task.session.clone();
        note("status", set_status(task, status, now));
        note("session", task.session != session);
    }
    let number = task.number;
    note(
        "branch",
        set(&mut task.branch, patch.branch, || default_branch(number)),
    );
    let session = match patch.session {
        // The older dashboard cannot send null here.
        Maybe::Value(session) if session.is_empty() => Maybe::Null,
        other => other,
    };
    note("session", session.apply_to(&mut task.session));
    if let Maybe::Value(wanted) = &patch.dependencies {
        let next = dependencies::resolve(rows, project, wanted, &task.dependencies)?;
        note(
            "dependencies",
            set(&mut task.dependencies, Maybe::Value(next), Vec::new),
        );
    } else {
        note(
            "dependencies",
            set(&mut task.dependencies, patch.dependencies, Vec::new),
        );
    }
    note("priority", set(&mut task.priority, patch.priority, || 0));
    note(
        "owned_files",
        set(&mut task.owned_files, patch.owned_files, Vec::new),
    );
    note(
        "shared_files",
        set(&mut task.shared_files, patch.shared_files, Vec::new),
    );
    note(
        "creates_files",
        set(&mut task.creates_files, patch.creates_files, Vec::new),
    );
    note(
        "merge_order",
        set(&mut task.merge_order, patch.merge_order, || 0),
    );
    note(
        "exclusive_files",
        set(&mut task.exclusive_files, patch.exclusive_files, Vec::new),
    );
    let deps = set(
        &mut task.initialization_deps,
        patch.initialization_deps,
        Vec::new,
    );
    note("initialization_deps", deps);
    Ok(changed.into_iter().map(str::to_owned).collect())
}
