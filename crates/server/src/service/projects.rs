//! Operations on projects.

use tasktree_protocol::event::Notification;
use tasktree_protocol::project::{NewProject, ProjectPatch};
use tasktree_protocol::{Project, ProjectId, ProjectStats, StreamId};

use super::{Receipt, Service, Snapshot, WriteContext};
use crate::auth::{Permission, Target};
use crate::domain::{self, Unchanged, read};
use crate::error::Result;
use crate::store::TrashedProject;

impl Service {
    /// Returns all projects in reach, oldest first. The position is that of the system's stream.
    pub async fn list_projects(&self) -> Result<Snapshot<Vec<Project>>> {
        let scope = self.principal().scope().clone();
        self.snapshot(Target::Visible, StreamId::system(), move |rows| {
            read::projects(rows, &scope)?.all(rows)
        })
        .await
    }

    /// Returns one project.
    pub async fn project(&self, id: &ProjectId) -> Result<Snapshot<Project>> {
        self.view(id, read::project).await
    }

    /// Creates a project. A principal who is bound to a project cannot create one.
    pub async fn create_project(
        &self,
        context: WriteContext,
        new: NewProject,
    ) -> Result<Receipt<Project>> {
        self.principal()
            .check(Permission::Manage, Target::Everything)?;
        let stream = StreamId::project(&new.id);
        self.write(context, Permission::Manage, stream, move |change| {
            domain::project::create(change, new)
        })
        .await
    }

    /// Changes fields of a project.
    pub async fn update_project(
        &self,
        context: WriteContext,
        id: &ProjectId,
        patch: ProjectPatch,
    ) -> Result<Receipt<Project>> {
        self.edit_project(context, id, patch, Unchanged::default())
            .await
    }

    /// Changes fields of a project for a request that sends read-only fields back.
    pub async fn edit_project(
        &self,
        context: WriteContext,
        id: &ProjectId,
        patch: ProjectPatch,
        unchanged: Unchanged,
    ) -> Result<Receipt<Project>> {
        self.change(context, Permission::Manage, id, move |change, id| {
            domain::project::update(change, id, patch, &unchanged)
        })
        .await
    }

    /// Returns states of projects in reach that can be restored from the trash, newest first.
    pub async fn list_trash(&self) -> Result<Snapshot<Vec<TrashedProject>>> {
        let scope = self.principal().scope().clone();
        self.snapshot(Target::Visible, StreamId::system(), move |rows| {
            domain::project::list_trash(rows, scope, |kept| kept)?.all(rows)
        })
        .await
    }

    /// Restores a removed or reset project: the state of that key, or without one the newest.
    pub async fn restore_project(
        &self,
        context: WriteContext,
        id: &ProjectId,
        key: Option<String>,
    ) -> Result<Receipt<Project>> {
        self.change(context, Permission::Destroy, id, move |change, id| {
            domain::project::restore(change, id, key.as_deref())
        })
        .await
    }

    /// Removes a project with its contents. It can be restored.
    pub async fn delete_project(
        &self,
        context: WriteContext,
        id: &ProjectId,
    ) -> Result<Receipt<()>> {
        self.change(context, Permission::Destroy, id, domain::project::delete)
            .await
    }

    /// Removes all tasks, agents, leases, messages and the log of a project.
    ///
    /// Its stream starts a new epoch. The project can be restored as it was.
    pub async fn reset_project(
        &self,
        context: WriteContext,
        id: &ProjectId,
    ) -> Result<Receipt<()>> {
        self.change(context, Permission::Destroy, id, domain::project::reset)
            .await
    }

    /// Counts tasks and agents.
    pub async fn stats(&self, id: &ProjectId) -> Result<Snapshot<ProjectStats>> {
        self.view(id, read::stats).await
    }

    /// Sends a notification to the subscribers of a project, or, without one, to all.
    pub async fn notify(
        &self,
        context: WriteContext,
        project: Option<&ProjectId>,
        notification: Notification,
    ) -> Result<Receipt<()>> {
        let project = project.cloned();
        let stream = project
            .as_ref()
            .map_or_else(StreamId::system, StreamId::project);
        self.write(context, Permission::Change, stream, move |change| {
            domain::project::notify(change, project.as_ref(), notification)
        })
        .await
    }
}
