//! Long lists, read part by part.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use tasktree_protocol::{ProjectId, StreamId, TaskId};

use super::{Service, Snapshot};
use crate::auth::{Permission, Target};
use crate::domain::listing::{self, Entries, From, PlaceKey};
use crate::domain::task_list::{self, Form, Me, Selection};
use crate::domain::{project, question, read};
use crate::error::Result;
use crate::store::{QuestionFilter, Read, TrashedProject};

/// The unread rest of a list. It is read on demand, so that a slow reader holds nothing up.
pub struct Rest {
    service: Service,
    /// Project of the list; `None` for a list of everything that the caller reaches.
    project: Option<ProjectId>,
    entries: Arc<dyn Entries>,
    from: From,
}

/// A part of a list, and the rest after it.
#[derive(Debug)]
pub struct ListPart {
    /// JSON: all parts together are an array.
    pub bytes: Vec<u8>,
    /// The rest of the list; `None` after the last part.
    pub rest: Option<Rest>,
    /// Place of the last entry, if the limit of a selection left out others.
    pub last: Option<PlaceKey>,
}

impl Service {
    /// Reads the entries of a list, with its position, and the first part of them.
    ///
    /// Parts have about [`ANSWER_PART_BYTES`](crate::limits::ANSWER_PART_BYTES). The position is
    /// that of the list and of its first part; rows of later parts may be newer.
    async fn list<E: Entries>(
        &self,
        project: Option<&ProjectId>,
        entries: impl FnOnce(&dyn Read) -> Result<E> + Send + 'static,
    ) -> Result<Snapshot<ListPart>> {
        let (service, id) = (self.clone(), project.cloned());
        let stream = project.map_or_else(StreamId::system, StreamId::project);
        self.snapshot(target(project), stream, move |rows| {
            let rest = Rest {
                service,
                project: id,
                entries: Arc::new(entries(rows)?),
                from: From::default(),
            };
            rest.part(rows)
        })
        .await
    }

    /// Returns selected tasks of a project, sorted by [`tasktree_protocol::task::sort_key`], in
    /// parts.
    ///
    /// # Errors
    /// As for every read.
    pub async fn tasks_in_parts(
        &self,
        project: &ProjectId,
        form: Form,
        selection: Selection,
    ) -> Result<Snapshot<ListPart>> {
        let (id, now) = (project.clone(), self.now());
        let me = Me {
            person: self.principal.person().map(|person| person.id.clone()),
            agent: self.principal.agent(),
        };
        self.list(Some(project), move |rows| {
            task_list::tasks(rows, &id, form, &selection, (&me, now))
        })
        .await
    }

    /// Returns the agents of a project as [`Service::list_agents`] does, in parts.
    ///
    /// # Errors
    /// As for every read.
    pub async fn agents_in_parts(&self, project: &ProjectId) -> Result<Snapshot<ListPart>> {
        let (id, now) = (project.clone(), self.now());
        self.list(Some(project), move |rows| read::agents(rows, &id, now))
            .await
    }

    /// Returns the projects in reach as [`Service::list_projects`] does, in parts.
    ///
    /// # Errors
    /// As for every read.
    pub async fn projects_in_parts(&self) -> Result<Snapshot<ListPart>> {
        let scope = self.principal().scope().clone();
        self.list(None, move |rows| read::projects(rows, &scope))
            .await
    }

    /// Returns the projects in the trash as [`Service::list_trash`] does, in parts, each
    /// state as `view` shows it.
    ///
    /// # Errors
    /// As for every read.
    pub async fn trash_in_parts<T: Serialize + 'static>(
        &self,
        view: fn(TrashedProject) -> T,
    ) -> Result<Snapshot<ListPart>> {
        let scope = self.principal().scope().clone();
        self.list(None, move |rows| project::list_trash(rows, scope, view))
            .await
    }

    /// Returns the comments on a task as [`Service::comments`] does, in parts.
    ///
    /// # Errors
    /// As for every read.
    pub async fn comments_in_parts(
        &self,
        project: &ProjectId,
        task: &TaskId,
    ) -> Result<Snapshot<ListPart>> {
        let (id, task) = (project.clone(), task.clone());
        self.list(Some(project), move |rows| read::comments(rows, &id, &task))
            .await
    }

    /// Returns the history of a task as [`Service::history`] does, in parts.
    ///
    /// # Errors
    /// As for every read.
    pub async fn history_in_parts(
        &self,
        project: &ProjectId,
        task: &TaskId,
        limit: usize,
    ) -> Result<Snapshot<ListPart>> {
        let (id, task) = (project.clone(), task.clone());
        let limit = limit.min(self.limits().events_per_page);
        self.list(Some(project), move |rows| {
            read::history(rows, &id, &task, limit)
        })
        .await
    }

    /// Returns questions as [`Service::questions`] does, in parts.
    ///
    /// # Errors
    /// As for every read.
    pub async fn questions_in_parts(
        &self,
        project: &ProjectId,
        filter: QuestionFilter,
        limit: usize,
    ) -> Result<Snapshot<ListPart>> {
        let id = project.clone();
        let limit = limit.min(self.limits().questions_per_page);
        let reader = self.reader_of_answers(project);
        self.list(Some(project), move |rows| {
            question::list(rows, &id, &filter, limit, reader)
        })
        .await
    }

    /// Returns the reader of questions, with their right to read answered ones.
    pub(super) fn reader_of_answers(&self, project: &ProjectId) -> question::Reader {
        let principal = self.principal().clone();
        let may_edit = principal
            .check(Permission::Change, Target::Project(project))
            .is_ok();
        question::Reader {
            principal,
            may_edit,
        }
    }
}

fn target(project: Option<&ProjectId>) -> Target<'_> {
    project.map_or(Target::Visible, Target::Project)
}

impl Rest {
    /// Reads the next part.
    ///
    /// # Errors
    /// As for every read.
    pub async fn next(self) -> Result<ListPart> {
        let (service, project) = (self.service.clone(), self.project.clone());
        let of = target(project.as_ref());
        service.read(of, move |rows| self.part(rows)).await
    }

    fn part(mut self, rows: &dyn Read) -> Result<ListPart> {
        let part = listing::part(&*self.entries, rows, self.from)?;
        let last = self.entries.last();
        let rest = part.next.map(|from| {
            self.from = from;
            self
        });
        Ok(ListPart {
            bytes: part.bytes,
            rest,
            last,
        })
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Rest")
            .field("project", &self.project)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}
