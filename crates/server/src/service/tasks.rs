//! Operations on tasks.

use tasktree_protocol::event::TasksReset;
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{NewTask, ProjectId, Task, TaskCard, TaskId, TaskPatch};

use super::{Receipt, Service, Snapshot, WriteContext, idempotency, unstoppable};
use crate::auth::{Permission, Target};
use crate::domain::task::UndoPart;
use crate::domain::{self, Plan, PlanReceipt, TaskEdit, Undoable, Undone, read};
use crate::error::Result;

impl Service {
    /// Returns all tasks of a project, sorted by [`tasktree_protocol::task::sort_key`].
    pub async fn list_tasks(&self, project: &ProjectId) -> Result<Snapshot<Vec<Task>>> {
        self.view(project, read::tasks).await
    }

    /// Returns all tasks of a project without their long texts.
    pub async fn list_cards(&self, project: &ProjectId) -> Result<Snapshot<Vec<TaskCard>>> {
        self.view(project, read::cards).await
    }

    /// Returns one task. A task is named by its id (`3-alpha`) or its number (`3`), here and
    /// everywhere.
    pub async fn task(&self, project: &ProjectId, task: &TaskId) -> Result<Snapshot<Task>> {
        let task = task.clone();
        self.view(project, move |rows, project| {
            read::task(rows, project, &task)
        })
        .await
    }

    /// Returns the numbers of those tasks that block their dependents.
    pub async fn open_tasks(&self, project: &ProjectId, tasks: Vec<TaskId>) -> Result<Vec<u64>> {
        let open = self.view(project, move |rows, project| {
            read::open_tasks(rows, project, &tasks)
        });
        Ok(open.await?.value)
    }

    /// Returns the numbers of the ready tasks that depend on a task, at most `limit`.
    pub async fn unlocked_by(
        &self,
        project: &ProjectId,
        task: u64,
        limit: usize,
    ) -> Result<Vec<u64>> {
        let ready = self.view(project, move |rows, project| {
            read::unlocked_by(rows, project, task, limit)
        });
        Ok(ready.await?.value)
    }

    /// Returns a task that was written, even if it was removed since, to complete an answer about
    /// it.
    pub(crate) async fn written_task(&self, project: &ProjectId, number: u64) -> Result<Task> {
        let id = project.clone();
        self.read(Target::Project(project), move |rows| {
            read::task_even_removed(rows, &id, number)
        })
        .await
    }

    /// Creates a task.
    pub async fn create_task(
        &self,
        context: WriteContext,
        project: &ProjectId,
        new: NewTask,
    ) -> Result<Receipt<Task>> {
        self.change(
            context,
            Permission::Change,
            project,
            move |change, project| domain::task::create(change, project, new),
        )
        .await
    }

    /// Changes fields of a task; with `if_rev` only if the row has that version.
    pub async fn update_task(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
        patch: TaskPatch,
        if_rev: Option<u64>,
    ) -> Result<Receipt<Task>> {
        let edit = TaskEdit {
            patch,
            if_rev,
            ..TaskEdit::default()
        };
        self.edit_task(context, project, task, edit).await
    }

    /// Changes a task by a request, as its [`TaskEdit`] says.
    pub async fn edit_task(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
        edit: TaskEdit,
    ) -> Result<Receipt<Task>> {
        let task = task.clone();
        self.change(
            context,
            Permission::Change,
            project,
            move |change, project| domain::task::update(change, project, &task, edit),
        )
        .await
    }

    /// Returns the newest `limit` claims of a task, newest first.
    pub async fn attempts(
        &self,
        project: &ProjectId,
        task: &TaskId,
        limit: usize,
    ) -> Result<Snapshot<Vec<Attempt>>> {
        let task = task.clone();
        self.view(project, move |rows, project| {
            read::attempts(rows, project, &task, limit)
        })
        .await
    }

    /// Removes a task. It can be restored, and its number is not given again.
    pub async fn delete_task(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
    ) -> Result<Receipt<()>> {
        self.delete_version(context, project, task, None).await
    }

    /// Removes a task as [`Service::delete_task`] does; with `if_rev` only if the row has that
    /// version.
    pub async fn delete_version(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
        if_rev: Option<u64>,
    ) -> Result<Receipt<()>> {
        let task = task.clone();
        self.change(
            context,
            Permission::Destroy,
            project,
            move |change, project| domain::task::delete(change, project, &task, if_rev),
        )
        .await
    }

    /// Restores a removed task.
    pub async fn restore_task(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
    ) -> Result<Receipt<Task>> {
        let task = task.clone();
        self.change(
            context,
            Permission::Destroy,
            project,
            move |change, project| domain::task::restore(change, project, &task),
        )
        .await
    }

    /// Sets all tasks except merged ones back to unclaimed, and ends the agents that worked on
    /// them. It can be undone.
    pub async fn reset_agent_tasks(
        &self,
        context: WriteContext,
        project: &ProjectId,
    ) -> Result<Receipt<TasksReset>> {
        let of = Target::Project(project);
        self.principal().check(Permission::Destroy, of)?;
        // Tasks of an import in progress are not shown yet.
        let _importing = self.inner.importing.lock().await;
        self.finish_reset(project).await?;
        self.change(
            context,
            Permission::Destroy,
            project,
            domain::task::reset_all,
        )
        .await
    }

    /// Returns the changes that can be undone in a project, newest first.
    pub async fn list_undos(&self, project: &ProjectId) -> Result<Snapshot<Vec<Undoable>>> {
        self.view(project, domain::task::list_undos).await
    }

    /// Undoes a reset of all tasks. Anything that has changed since stays as it is.
    pub async fn undo(
        &self,
        context: WriteContext,
        project: &ProjectId,
        undo: &str,
    ) -> Result<Receipt<Undone>> {
        let of = Target::Project(project);
        self.principal().check(Permission::Destroy, of)?;
        self.finish_reset(project).await?;
        let (id, undo) = (project.clone(), undo.to_owned());
        let name = undo.clone();
        let is_small = self.read(of, move |rows| {
            domain::task::is_small_undo(rows, &id, &name)
        });
        if is_small.await? {
            return self
                .change(
                    context,
                    Permission::Destroy,
                    project,
                    move |change, project| domain::task::undo(change, project, &undo),
                )
                .await;
        }
        let (service, project) = (self.clone(), project.clone());
        unstoppable(async move { service.undo_in_parts(context, project, undo).await }).await
    }

    /// Undoes a reset of many tasks in parts, between which others write.
    async fn undo_in_parts(
        &self,
        mut context: WriteContext,
        project: ProjectId,
        undo: String,
    ) -> Result<Receipt<Undone>> {
        self.sign(&mut context);
        let (again, now, limits) = (context.clone(), self.unset_now(), self.limits().clone());
        let answered = self
            .read(Target::Project(&project), move |rows| {
                idempotency::is_answered(rows, &again, now, &limits)
            })
            .await?;
        let mut all = UndoPart::before(!answered);
        while all.more {
            let step = WriteContext {
                idempotency: None,
                ..context.clone()
            };
            let undo = undo.clone();
            let part = self.change(step, Permission::Destroy, &project, move |change, id| {
                domain::task::undo_part(change, id, &undo)
            });
            all.then(part.await?.value);
        }
        self.change(context, Permission::Destroy, &project, move |change, id| {
            change.require(id)?;
            Ok(all.finish(id))
        })
        .await
    }

    /// Writes the rows of a reset of all tasks that are shown already but not written yet.
    async fn finish_reset(&self, project: &ProjectId) -> Result<()> {
        while self.settle_reset(project).await? {}
        Ok(())
    }

    /// Writes one part of those rows; returns true while there is more.
    pub(super) async fn settle_reset(&self, project: &ProjectId) -> Result<bool> {
        let id = project.clone();
        let pending = self.read(Target::Project(project), move |rows| {
            Ok(rows.pending_reset(&id)?.is_some())
        });
        if !pending.await? {
            return Ok(false);
        }
        let part = self.change(
            WriteContext::server(),
            Permission::Destroy,
            project,
            domain::task::settle_part,
        );
        Ok(part.await?.value)
    }

    /// Stores a plan, and creates its tasks in order: a later one may depend on an earlier one.
    pub async fn store_plan(
        &self,
        context: WriteContext,
        project: &ProjectId,
        plan: Plan,
    ) -> Result<Receipt<PlanReceipt>> {
        self.change(
            context,
            Permission::Change,
            project,
            move |change, project| domain::plan::store(change, project, plan),
        )
        .await
    }
}
