//! `board_next`, `board_get` and `board_create`.

use serde_json::{Value, json};
use tasktree_protocol::{NewTask, ProjectId, Task, TaskId};

use super::rows;
use crate::domain::task_list::{Form, Selection};
use crate::mcp::arguments::{Arguments, Outcome, TaskName};
use crate::mcp::caller::Caller;
use crate::service::IdempotencyKey;

/// Number of comments that come with a task.
const NOTES: usize = 10;

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

/// Returns the ids of tasks.
pub(super) fn ids(project: &ProjectId, names: &[TaskName]) -> Outcome<Vec<TaskId>> {
    names.iter().map(|name| name.in_project(project)).collect()
}
