//! `board_next`, `board_get`, `board_create` and `board_update`.

use serde_json::{Value, json};
use tasktree_protocol::{Maybe, NewTask, ProjectId, Status, Task, TaskId, TaskPatch};

use super::rows;
use crate::domain::AgentPatch;
use crate::domain::task_list::{Form, Selection};
use crate::mcp::arguments::{Arguments, Outcome, TaskName};
use crate::mcp::budget::short;
use crate::mcp::caller::Caller;
use crate::mcp::claim::{self, Named};
use crate::mcp::refusal::Refusal;
use crate::service::IdempotencyKey;

/// Number of comments that come with a task.
const NOTES: usize = 10;

/// Longest activity that a note becomes, in bytes.
const ACTIVITY_BYTES: usize = 200;

/// Claims the best ready task, or shows it.
pub(super) async fn next(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let wanted: Option<TaskName> = arguments.optional("task")?;
    let claims = arguments.optional("claim")?.unwrap_or(true);
    arguments.finish()?;
    let project = caller.project().await?;
    let wanted = wanted.map(|task| task.in_project(&project)).transpose()?;
    if !claims {
        return peek(caller, &project, wanted).await;
    }
    let agent = caller.agent(&project).await?;
    let context = Caller::context(&agent);
    let claimed = caller
        .service
        .report_next(context, &project, &agent, wanted)
        .await?
        .value;
    let task = claimed.value.task.as_ref();
    Ok(rows::members([
        ("agent", json!(agent)),
        ("task", json!(task.map(|task| rows::task(&project, task)))),
        ("claimed", json!(claimed.value.claimed)),
        (
            "released",
            json!(rows::numbers(&project, &claimed.value.released)),
        ),
        ("reason", json!(claimed.value.reason)),
        ("answers", json!(rows::answers(&claimed.answers))),
    ]))
}

/// Shows the task that a claim would give.
async fn peek(caller: &Caller, project: &ProjectId, wanted: Option<TaskId>) -> Outcome<Value> {
    let task = match wanted {
        Some(task) => Some(caller.service.task(project, &task).await?.value),
        None => {
            let selection = Selection {
                ready: Some(true),
                limit: Some(1),
                ..Selection::default()
            };
            let found = caller
                .service
                .tasks_in_parts(project, Form::Full, selection)
                .await?;
            let found: Vec<Task> = read_rows(&found.value.bytes)?;
            found.into_iter().next()
        }
    };
    let reason = task.is_none().then_some("No task is ready.");
    Ok(rows::members([
        ("task", json!(task.map(|task| rows::task(project, &task)))),
        ("claimed", json!(false)),
        ("reason", json!(reason)),
    ]))
}

/// Reads a list that the service wrote.
pub(super) fn read_rows<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Outcome<T> {
    serde_json::from_slice(bytes).map_err(|error| crate::error::Error::from(error).into())
}

/// Shows a task with its newest comments.
pub(super) async fn get(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let task: TaskName = arguments.required("task")?;
    // Read by the caller of this function, which cuts the answer.
    arguments.optional::<bool>("full")?;
    arguments.finish()?;
    let project = caller.project().await?;
    let id = task.in_project(&project)?;
    let task = caller.service.task(&project, &id).await?.value;
    let comments = caller.service.comments(&project, &id).await?.value;
    let written = comments.iter().filter(|one| one.deleted_at.is_none());
    let written: Vec<_> = written.collect();
    let newest = written.iter().skip(written.len().saturating_sub(NOTES));
    let notes: Vec<Value> = newest
        .map(|note| json!({"by": rows::by(&note.author), "at": note.made_at, "text": note.body}))
        .collect();
    let mut row = rows::task(&project, &task);
    row["created_at"] = json!(task.created_at);
    row["updated_at"] = json!(task.updated_at);
    if let Some(evidence) = &task.evidence {
        row["evidence"] = json!(evidence);
    }
    Ok(rows::members([
        ("task", row),
        ("notes", json!(notes)),
        ("notes_total", json!(written.len())),
    ]))
}

/// Creates a task.
pub(super) async fn create(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let title: String = arguments.required("title")?;
    let description = arguments.optional("description")?;
    let prompt = arguments.optional("prompt")?;
    let priority = arguments.optional("priority")?.unwrap_or_default();
    let blocked_by: Option<Vec<TaskName>> = arguments.optional("blocked_by")?;
    let labels = arguments.optional("labels")?.unwrap_or_default();
    let parent: Option<TaskName> = arguments.optional("parent")?;
    let key: Option<String> = arguments.optional("key")?;
    arguments.finish()?;
    let project = caller.project().await?;
    let new = NewTask {
        title,
        description,
        prompt,
        priority,
        labels,
        dependencies: ids(&project, &blocked_by.unwrap_or_default())?,
        parent: parent.map(|task| task.in_project(&project)).transpose()?,
        ..NewTask::default()
    };
    let agent = caller.agent(&project).await?;
    let mut context = Caller::context(&agent);
    if let Some(key) = key {
        let body = serde_json::to_vec(&new).map_err(crate::error::Error::from)?;
        let parts: [&[u8]; 3] = [b"board_create", project.as_str().as_bytes(), &body];
        context.idempotency = Some(IdempotencyKey::request(&key, &parts));
    }
    let task = caller.service.create_task(context, &project, new).await?;
    Ok(json!({"task": rows::changed(&task.value)}))
}

fn ids(project: &ProjectId, names: &[TaskName]) -> Outcome<Vec<TaskId>> {
    names.iter().map(|name| name.in_project(project)).collect()
}

/// Changes a task, comments on it, and reports progress.
pub(super) async fn update(caller: &Caller, mut arguments: Arguments) -> Outcome<Value> {
    let named = Named::read(&mut arguments)?;
    let note: Option<String> = arguments.optional("note")?;
    let progress: Option<u8> = arguments.optional("progress")?;
    let rev: Option<u64> = arguments.optional("rev")?;
    let mut patch = TaskPatch {
        title: arguments.maybe("title")?,
        description: text_or_none(arguments.maybe("description")?),
        prompt: text_or_none(arguments.maybe("prompt")?),
        priority: arguments.maybe("priority")?,
        labels: arguments.maybe("labels")?,
        status: arguments.maybe("status")?,
        ..TaskPatch::default()
    };
    let blocked_by: Maybe<Vec<TaskName>> = arguments.maybe("blocked_by")?;
    arguments.finish()?;
    check_status(&patch)?;
    let project = caller.project().await?;
    patch.dependencies = match blocked_by {
        Maybe::Absent => Maybe::Absent,
        Maybe::Null => Maybe::Value(Vec::new()),
        Maybe::Value(names) => Maybe::Value(ids(&project, &names)?),
    };
    let agent = caller.agent(&project).await?;
    let held = claim::held(caller, &project, &agent).await?;
    let number = match &named.task {
        Some(task) => task.number(&project)?,
        None => claim::find(caller, &project, &agent, &named).await?.number,
    };
    let is_held = held.is_some_and(|held| held.number == number);
    // Progress belongs to a claim; everything else can be said about any task.
    let claim = match is_held || progress.is_some() || named.claim.is_some() {
        true => Some(claim::find(caller, &project, &agent, &named).await?),
        false => None,
    };
    // Before anything else, so that a claim that has ended changes nothing.
    let mut report = claim.map_or_else(AgentPatch::default, |claim| claim.report());
    report.progress = progress.map_or(Maybe::Absent, Maybe::Value);
    let activity = note.as_deref().and_then(|note| note.lines().next());
    let activity = activity.filter(|line| !line.trim().is_empty());
    let activity = activity.map(|line| short(line, ACTIVITY_BYTES));
    report.last_activity = activity.map_or(Maybe::Absent, Maybe::Value);
    let context = Caller::context(&agent);
    let told = caller
        .service
        .report(context, &project, &agent, report)
        .await?
        .value;
    let id = TaskId::new(number, &project);
    if patch != TaskPatch::default() {
        let context = Caller::context(&agent);
        caller
            .service
            .update_task(context, &project, &id, patch, rev)
            .await?;
    }
    if let Some(note) = note {
        let context = Caller::context(&agent);
        caller
            .service
            .add_comment(context, &project, &id, note)
            .await?;
    }
    let task = caller.service.task(&project, &id).await?.value;
    Ok(rows::members([
        ("task", rows::changed(&task)),
        ("answers", json!(rows::answers(&told.answers))),
    ]))
}

/// Returns the change of a text that may be missing: an empty one clears it, as null does. Not every
/// client has a schema for null.
fn text_or_none(text: Maybe<String>) -> Maybe<String> {
    match text {
        Maybe::Value(text) if text.is_empty() => Maybe::Null,
        text => text,
    }
}

/// Refuses statuses that belong to other tools.
fn check_status(patch: &TaskPatch) -> Outcome<()> {
    let status = match patch.status {
        Maybe::Absent | Maybe::Value(Status::Unclaimed | Status::UpNext) => return Ok(()),
        Maybe::Null => "null".to_owned(),
        Maybe::Value(status) => status.as_str().to_owned(),
    };
    let message = format!(
        "status: {status} is not set here. board_next claims a task, board_done completes it; a \
         person merges it."
    );
    Err(Refusal::invalid(message))
}
