//! `board_update`.

use serde_json::{Value, json};
use tasktree_protocol::{Maybe, Status, TaskId, TaskPatch};

use super::rows;
use super::task::ids;
use crate::domain::AgentPatch;
use crate::mcp::arguments::{Arguments, Outcome, TaskName};
use crate::mcp::budget::short;
use crate::mcp::caller::Caller;
use crate::mcp::claim::{self, Named};
use crate::mcp::refusal::Refusal;

/// Longest activity that a note becomes, in bytes.
const ACTIVITY_BYTES: usize = 200;

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
    let told = caller.report(&project, &agent, report).await?.value;
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

/// Returns the change of a text that may be missing: an empty one clears it, as null does. Not
/// every client has a schema for null.
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
