//! Operations on comments.

use tasktree_protocol::{Comment, ProjectId, TaskId};

use super::{Receipt, Service, Snapshot, WriteContext};
use crate::auth::{Permission, Target};
use crate::domain::{comment, read};
use crate::error::Result;

impl Service {
    /// Returns the comments on a task, oldest first; deleted ones are included without their text.
    pub async fn comments(
        &self,
        project: &ProjectId,
        task: &TaskId,
    ) -> Result<Snapshot<Vec<Comment>>> {
        let task = task.clone();
        self.view(project, move |rows, project| {
            read::comments(rows, project, &task)?.all(rows)
        })
        .await
    }

    /// Adds a comment to a task.
    pub async fn add_comment(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
        body: String,
    ) -> Result<Receipt<Comment>> {
        let (task, needs) = (task.clone(), Permission::Change);
        self.change(context, needs, project, move |change, project| {
            comment::add(change, project, &task, body)
        })
        .await
    }

    /// Changes the text of the principal's own comment.
    pub async fn edit_comment(
        &self,
        context: WriteContext,
        project: &ProjectId,
        id: u64,
        body: String,
    ) -> Result<Receipt<Comment>> {
        let needs = Permission::Change;
        self.change(context, needs, project, move |change, project| {
            comment::edit(change, project, id, body)
        })
        .await
    }

    /// Deletes the principal's own comment, or anybody's if the principal may manage the project.
    pub async fn delete_comment(
        &self,
        context: WriteContext,
        project: &ProjectId,
        id: u64,
    ) -> Result<Receipt<()>> {
        let needs = Permission::Change;
        let manages = self
            .principal()
            .check(Permission::Manage, Target::Project(project))
            .is_ok();
        self.change(context, needs, project, move |change, project| {
            comment::delete(change, project, id, manages)
        })
        .await
    }
}
