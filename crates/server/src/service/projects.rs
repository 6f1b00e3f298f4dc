//! Operations on projects.

use tasktree_protocol::event::Notification;
use tasktree_protocol::{Project, ProjectId, ProjectStats, StreamId};

use super::{Receipt, Service, Snapshot, WriteContext};
use crate::domain::{self, NewProject, ProjectPatch, read};
use crate::error::Result;

impl Service {
    /// All projects, oldest first. The position is the system's stream's.
    pub async fn list_projects(&self) -> Result<Snapshot<Vec<Project>>> {
        self.snapshot(StreamId::system(), |rows| rows.projects())
            .await
    }

    /// One project.
    pub async fn project(&self, id: &ProjectId) -> Result<Snapshot<Project>> {
        let id = id.clone();
        self.snapshot(StreamId::project(&id), move |rows| read::project(rows, &id))
            .await
    }

    /// Makes a project.
    pub async fn create_project(
        &self,
        context: WriteContext,
        new: NewProject,
    ) -> Result<Receipt<Project>> {
        let stream = StreamId::project(&new.id);
        self.write(context, stream, move |work| {
            domain::project::create(work, new)
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
        let id = id.clone();
        let stream = StreamId::project(&id);
        self.write(context, stream, move |work| {
            domain::project::update(work, &id, patch)
        })
        .await
    }

    /// Removes a project and all that is in it.
    pub async fn delete_project(
        &self,
        context: WriteContext,
        id: &ProjectId,
    ) -> Result<Receipt<()>> {
        let id = id.clone();
        let stream = StreamId::project(&id);
        self.write(context, stream, move |work| {
            domain::project::delete(work, &id)
        })
        .await
    }

    /// Removes all tasks, agents, leases, messages and the log of a project. Its stream begins anew.
    pub async fn reset_project(
        &self,
        context: WriteContext,
        id: &ProjectId,
    ) -> Result<Receipt<()>> {
        let id = id.clone();
        let stream = StreamId::project(&id);
        self.write(context, stream, move |work| {
            domain::project::reset(work, &id)
        })
        .await
    }

    /// Counts tasks and agents.
    pub async fn stats(&self, id: &ProjectId) -> Result<Snapshot<ProjectStats>> {
        let (id, now) = (id.clone(), self.now());
        self.snapshot(StreamId::project(&id), move |rows| {
            read::stats(rows, &id, now)
        })
        .await
    }

    /// Tells something to whoever watches a project, or, without one, to all.
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
        self.write(context, stream, move |work| {
            domain::project::notify(work, project.as_ref(), notification)
        })
        .await
    }
}
