//! Comments on tasks. Authors change and delete their own; project managers delete any.

use tasktree_protocol::event::CommentsChanged;
use tasktree_protocol::{Comment, Event, ProjectId, TaskId};

use super::validate::Checks;
use super::work::{About, Caller};
use super::{Work, person, task};
use crate::actor::Actor;
use crate::error::{Error, Result};

pub(crate) fn add(
    work: &mut Work<'_>,
    project: &ProjectId,
    on: &TaskId,
    body: String,
) -> Result<Comment> {
    work.require(project)?;
    let found = task::find(&*work.tx, project, on)?.into_task();
    check(work, &body)?;
    let most = work.limits.comments_per_task;
    if work.tx.count_comments(project, found.number)? >= most {
        let number = found.number;
        return Err(Error::Refused(format!(
            "Task #{number} has its {most} comments; delete one to write another."
        )));
    }
    let mut comment = Comment {
        id: 0,
        task_id: found.id,
        author: author(work),
        body,
        made_at: work.now,
        edited_at: None,
        deleted_at: None,
    };
    comment.id = work.tx.add_comment(project, found.number, &comment)?;
    tell(work, project, found.number, &comment)?;
    Ok(comment)
}

pub(crate) fn edit(
    work: &mut Work<'_>,
    project: &ProjectId,
    id: u64,
    body: String,
) -> Result<Comment> {
    let (number, mut comment) = find(work, project, id)?;
    if !person::is_same(work, &comment.author, &author(work))? {
        return Err(Error::Forbidden(format!(
            "Comment {id} was written by somebody else, and only its author may edit it."
        )));
    }
    check(work, &body)?;
    if comment.body != body {
        let before = comment.clone();
        comment.body = body;
        comment.edited_at = Some(work.now);
        work.tx.put_comment(project, &before, &comment)?;
        tell(work, project, number, &comment)?;
    }
    Ok(comment)
}

/// Deletes a comment. `manages` is true if the caller may delete others' comments.
pub(crate) fn delete(
    work: &mut Work<'_>,
    project: &ProjectId,
    id: u64,
    manages: bool,
) -> Result<()> {
    let (number, mut comment) = find(work, project, id)?;
    let is_manager = manages && !matches!(work.caller(), Caller::Agent(_));
    if !is_manager && !person::is_same(work, &comment.author, &author(work))? {
        return Err(Error::Forbidden(format!(
            "Comment {id} was written by somebody else; its author and people who may change the \
             project can delete it."
        )));
    }
    let before = comment.clone();
    comment.body.clear();
    comment.deleted_at = Some(work.now);
    work.tx.put_comment(project, &before, &comment)?;
    let keep = work.limits.comments_per_task;
    work.tx.trim_deleted_comments(project, number, keep)?;
    tell(work, project, number, &comment)
}

/// Returns the author of a comment: an agent even if it uses a person's token.
fn author(work: &Work<'_>) -> String {
    match work.caller() {
        Caller::Agent(agent) => Actor::agent(&agent).to_string(),
        Caller::Person | Caller::Server => work.actor().to_string(),
    }
}

/// Returns an existing comment on an existing task, with the number of the task.
fn find(work: &Work<'_>, project: &ProjectId, id: u64) -> Result<(u64, Comment)> {
    work.require(project)?;
    let comment = work.tx.comment(project, id)?;
    let comment = comment.filter(|comment| comment.deleted_at.is_none());
    let comment = comment.ok_or_else(|| Error::NotFound(format!("Comment {id} not found")))?;
    let found = task::find(&*work.tx, project, &comment.task_id)?;
    Ok((found.task.number, comment))
}

fn check(work: &Work<'_>, body: &str) -> Result<()> {
    let mut checks = Checks::default();
    checks.text("body", body, work.limits.comment_bytes);
    checks.finish()
}

fn tell(work: &mut Work<'_>, project: &ProjectId, task: u64, comment: &Comment) -> Result<()> {
    let event = CommentsChanged {
        task_id: comment.task_id.clone(),
        id: comment.id,
        comments: work.tx.count_comments(project, task)?,
    };
    // Not part of the task's history: a thread of comments would drive out the task's own changes.
    work.emit(
        Some(project),
        Event::CommentsChanged(event),
        About::default(),
    )
}
