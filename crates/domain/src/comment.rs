//! Comments on tasks. Authors change and delete their own; project managers delete any.

use tasktree_protocol::event::CommentsChanged;
use tasktree_protocol::{Comment, Event, ProjectId, TaskId};

use super::change::{Caller, EventContext};
use super::validate::Checks;
use super::{Change, person, task};
use crate::actor::Actor;
use crate::error::{Error, Result};

/// Adds a comment to a task.
pub fn add(
    change: &mut Change<'_>,
    project: &ProjectId,
    on: &TaskId,
    body: String,
) -> Result<Comment> {
    change.require(project)?;
    let found = task::find(&*change.tx, project, on)?.into_task();
    check(change, &body)?;
    let most = change.limits.comments_per_task;
    if change.tx.count_comments(project, found.number)? >= most {
        let number = found.number;
        return Err(Error::Refused(format!(
            "Task #{number} has reached the maximum number of comments ({most}). Delete one to add \
             another."
        )));
    }
    let mut comment = Comment {
        id: 0,
        task_id: found.id,
        author: author(change),
        body,
        made_at: change.now,
        edited_at: None,
        deleted_at: None,
    };
    comment.id = change.tx.add_comment(project, found.number, &comment)?;
    emit_comment(change, project, found.number, &comment)?;
    Ok(comment)
}

/// Replaces the text of a comment. Only its author may.
pub fn edit(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: u64,
    body: String,
) -> Result<Comment> {
    let (number, mut comment) = find(change, project, id)?;
    if !person::is_same(change, &comment.author, &author(change))? {
        return Err(Error::Forbidden(format!(
            "Only the author of comment {id} may edit it."
        )));
    }
    check(change, &body)?;
    if comment.body != body {
        let before = comment.clone();
        comment.body = body;
        comment.edited_at = Some(change.now);
        change.tx.put_comment(project, &before, &comment)?;
        emit_comment(change, project, number, &comment)?;
    }
    Ok(comment)
}

/// Deletes a comment. `manages` is true if the caller may delete others' comments.
pub fn delete(change: &mut Change<'_>, project: &ProjectId, id: u64, manages: bool) -> Result<()> {
    let (number, mut comment) = find(change, project, id)?;
    let is_manager = manages && !matches!(change.caller(), Caller::Agent(_));
    if !is_manager && !person::is_same(change, &comment.author, &author(change))? {
        return Err(Error::Forbidden(format!(
            "Only the author of comment {id} and people who may change the project may delete it."
        )));
    }
    let before = comment.clone();
    comment.body.clear();
    comment.deleted_at = Some(change.now);
    change.tx.put_comment(project, &before, &comment)?;
    let keep = change.limits.comments_per_task;
    change.tx.trim_deleted_comments(project, number, keep)?;
    emit_comment(change, project, number, &comment)
}

/// Returns the author of a comment: an agent even if it uses a person's token.
fn author(change: &Change<'_>) -> String {
    match change.caller() {
        Caller::Agent(agent) => Actor::agent(&agent).to_string(),
        Caller::Person | Caller::Server => change.actor().to_string(),
    }
}

/// Returns an existing comment on an existing task, with the number of the task.
fn find(change: &Change<'_>, project: &ProjectId, id: u64) -> Result<(u64, Comment)> {
    change.require(project)?;
    let comment = change.tx.comment(project, id)?;
    let comment = comment.filter(|comment| comment.deleted_at.is_none());
    let comment = comment.ok_or_else(|| Error::NotFound(format!("Comment {id} not found")))?;
    let found = task::find(&*change.tx, project, &comment.task_id)?;
    Ok((found.task.number, comment))
}

fn check(change: &Change<'_>, body: &str) -> Result<()> {
    let mut checks = Checks::default();
    checks.text("body", body, change.limits.comment_bytes);
    checks.finish()
}

fn emit_comment(
    change: &mut Change<'_>,
    project: &ProjectId,
    task: u64,
    comment: &Comment,
) -> Result<()> {
    let event = CommentsChanged {
        task_id: comment.task_id.clone(),
        id: comment.id,
        comments: change.tx.count_comments(project, task)?,
    };
    // Not part of the task's history: a thread of comments would drive out the task's own changes.
    change.emit(
        Some(project),
        Event::CommentsChanged(event),
        EventContext::default(),
    )
}
