//! Reads of the log.

use tasktree_protocol::{Cursor, ProjectId, StreamId, TaskId};

use super::{Service, Snapshot};
use crate::auth::{Permission, Target};
use crate::domain::read;
use crate::error::{Error, Result};
use crate::store::{ChangePage, ChangeQuery, HistoryEntry, LogPage};

impl Service {
    /// Returns the events of a stream after `after`, at most `limit` (and at most the limit
    /// `events_per_page`).
    ///
    /// # Errors
    /// `NotFound` if there is no such stream; `Trimmed` if the log no longer goes back so far.
    pub async fn read_events(
        &self,
        stream: &StreamId,
        after: u64,
        limit: usize,
    ) -> Result<LogPage> {
        self.check_stream(Permission::Read, stream)?;
        let stream = stream.clone();
        let limit = limit.min(self.limits().events_per_page);
        self.read(Target::Visible, move |rows| {
            let row = rows
                .stream(&stream)?
                .ok_or_else(|| Error::no_project(&stream))?;
            if after < row.kept_after {
                return Err(Error::Trimmed {
                    first_available: row.kept_after + 1,
                });
            }
            Ok(LogPage::new(&row, rows.events(&stream, after, limit)?))
        })
        .await
    }

    /// Returns the position of a stream; `None` if there is no such stream.
    pub async fn stream_position(&self, stream: &StreamId) -> Result<Option<Cursor>> {
        self.check_stream(Permission::Read, stream)?;
        let stream = stream.clone();
        self.read(Target::Visible, move |rows| {
            Ok(rows.stream(&stream)?.map(|row| row.cursor()))
        })
        .await
    }

    /// Returns changes of a project, newest first, at most the limit `events_per_page`.
    pub async fn changes(
        &self,
        project: &ProjectId,
        query: ChangeQuery,
    ) -> Result<Snapshot<ChangePage>> {
        let limit = query.limit.clamp(1, self.limits().events_per_page);
        let query = ChangeQuery { limit, ..query };
        self.view(project, |rows, project| read::changes(rows, project, query))
            .await
    }

    /// Returns changes that belong to no project, newest first, at most the limit
    /// `events_per_page`. For administrators.
    pub async fn server_changes(&self, query: ChangeQuery) -> Result<Snapshot<ChangePage>> {
        let everything = Target::Everything;
        self.principal().check(Permission::Administer, everything)?;
        let limit = query.limit.clamp(1, self.limits().events_per_page);
        let query = ChangeQuery { limit, ..query };
        self.snapshot(everything, StreamId::system(), move |rows| {
            rows.server_changes(&query)
        })
        .await
    }

    /// Returns the history of a task, newest first: the newest
    /// [`HISTORY_KEPT`](crate::limits::HISTORY_KEPT) entries are kept.
    pub async fn history(
        &self,
        project: &ProjectId,
        task: &TaskId,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>> {
        let (id, task) = (project.clone(), task.clone());
        let limit = limit.min(self.limits().events_per_page);
        self.read(Target::Project(project), move |rows| {
            read::history(rows, &id, &task, limit)?.all(rows)
        })
        .await
    }
}
