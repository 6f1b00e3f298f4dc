//! Operations on tasks.

use tasktree_protocol::event::TasksReset;
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{AgentId, NewTask, ProjectId, Task, TaskCard, TaskId, TaskPatch};

use super::{Receipt, Service, Snapshot, WriteContext};
use crate::auth::Permission;
use crate::domain::{self, Plan, PlanReceipt, Undoable, Undone, read};
use crate::error::Result;

impl Service {
    /// All tasks of a project, sorted by [`tasktree_protocol::task::sort_key`].
    pub async fn list_tasks(&self, project: &ProjectId) -> Result<Snapshot<Vec<Task>>> {
        self.view(project, read::tasks).await
    }

    /// The same without long texts.
    pub async fn list_cards(&self, project: &ProjectId) -> Result<Snapshot<Vec<TaskCard>>> {
        self.view(project, read::cards).await
    }

    /// One task. A task is named by its id (`3-alpha`) or its number (`3`), here and everywhere.
    pub async fn task(&self, project: &ProjectId, task: &TaskId) -> Result<Snapshot<Task>> {
        let task = task.clone();
        self.view(project, move |rows, project| {
            read::task(rows, project, &task)
        })
        .await
    }

    /// Makes a task.
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
            move |work, project| domain::task::create(work, project, new),
        )
        .await
    }

    /// Changes fields of a task. With `if_rev` only where the row has that version.
    pub async fn update_task(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
        patch: TaskPatch,
        if_rev: Option<u64>,
    ) -> Result<Receipt<Task>> {
        self.take_task(context, project, task, patch, if_rev, None)
            .await
    }

    /// Changes fields of a task, and takes it from the agent `from` where that one holds it.
    pub async fn take_task(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
        patch: TaskPatch,
        if_rev: Option<u64>,
        from: Option<AgentId>,
    ) -> Result<Receipt<Task>> {
        let task = task.clone();
        self.change(
            context,
            Permission::Change,
            project,
            move |work, project| {
                domain::task::update(work, project, &task, patch, if_rev, from.as_ref())
            },
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

    /// Removes a task. It can be brought back, and its number is not given again.
    pub async fn delete_task(
        &self,
        context: WriteContext,
        project: &ProjectId,
        task: &TaskId,
    ) -> Result<Receipt<()>> {
        self.delete_version(context, project, task, None).await
    }

    /// Removes a task as [`Service::delete_task`] does; with `if_rev` only where the row has that
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
            move |work, project| domain::task::delete(work, project, &task, if_rev),
        )
        .await
    }

    /// Brings a removed task back.
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
            move |work, project| domain::task::restore(work, project, &task),
        )
        .await
    }

    /// Puts all tasks but merged ones back to unclaimed, and ends the agents that worked on them. It can be undone.
    pub async fn reset_agent_tasks(
        &self,
        context: WriteContext,
        project: &ProjectId,
    ) -> Result<Receipt<TasksReset>> {
        self.change(
            context,
            Permission::Destroy,
            project,
            domain::task::reset_all,
        )
        .await
    }

    /// What can be undone in a project, the newest first.
    pub async fn list_undos(&self, project: &ProjectId) -> Result<Snapshot<Vec<Undoable>>> {
        self.view(project, domain::task::list_undos).await
    }

    /// Undoes a reset of all tasks. What has changed since stays as it is.
    pub async fn undo(
        &self,
        context: WriteContext,
        project: &ProjectId,
        undo: &str,
    ) -> Result<Receipt<Undone>> {
        let undo = undo.to_owned();
        self.change(
            context,
            Permission::Destroy,
            project,
            move |work, project| domain::task::undo(work, project, &undo),
        )
        .await
    }

    /// Stores a plan, and makes its tasks in order: a later one may depend on an earlier one.
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
            move |work, project| domain::plan::store(work, project, plan),
        )
        .await
    }
}
