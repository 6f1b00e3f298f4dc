//! Records of changes, noted where rows are stored.
//!
//! A [`Recorder`] stands before the transaction of a change. Rules read through it, and write only
//! by its own functions: those that store the rows whose changes are recorded (`rows.rs`), and the
//! others, each named with the reason why it leaves no record (`unrecorded.rs`). So no rule can
//! forget to note a change, and a new statement that writes is in one of the two. Changes of tasks
//! are noted with their events, which name the fields. What is noted is written at the end of the
//! change.
//!
//! Records belong to a project, or to the server: tokens, people, settings, and which projects were
//! removed.

mod diff;
mod fields;
mod rows;
mod unrecorded;

use std::cell::RefCell;
use std::ops::Deref;

use tasktree_protocol::{ProjectId, Status, StreamId, Timestamp};

use crate::error::Result;
use crate::limits::{HISTORY_KEPT, PROGRESS_RECORDED_EVERY_MS};
use crate::service::WriteContext;
use crate::store::{FieldChange, HistoryEntry, Read, StoredAgent, Transaction};
pub(super) use fields::Fields;

/// A transaction that records what changes.
pub(crate) struct Recorder<'a> {
    rows: &'a mut dyn Transaction,
    context: &'a WriteContext,
    now: Timestamp,
    /// Changes with their projects; none for those of the server.
    noted: Vec<(Option<ProjectId>, Noted)>,
    /// Position of the stream that the last event was emitted to.
    position: Option<(StreamId, u64)>,
    /// The agent's row that was read or stored last, which is usually the next to be stored: its
    /// values before that need no reading of their own.
    agent: RefCell<Option<(ProjectId, StoredAgent)>>,
    /// The change that is recorded now, where that is not the one under way.
    earlier: Option<Earlier>,
}

/// A change whose records are written later than it was made.
#[derive(Clone, Debug)]
pub(super) struct Earlier {
    pub(super) at: Timestamp,
    pub(super) actor: String,
    /// Position of its event.
    pub(super) seq: u64,
}

/// A change that is to be recorded.
#[derive(Debug, Default)]
pub(super) struct Noted {
    /// The thing that changed: `task:7`, `agent:ada`, ...
    pub(super) subject: String,
    /// Type of the change.
    pub(super) kind: String,
    /// Names of the fields that the event names.
    pub(super) changed: Vec<String>,
    /// A task's status after it.
    pub(super) status: Option<Status>,
    /// Generation of the claim.
    pub(super) generation: Option<u64>,
    /// Values before and after.
    pub(super) fields: Vec<FieldChange>,
    /// True where the subject keeps only its newest records, and has had some more by now.
    pub(super) is_trim_due: bool,
    /// True for a report that becomes part of the record of the last one, if that is young.
    pub(super) is_progress: bool,
    /// Position of its event; none where no event tells it.
    pub(super) seq: Option<u64>,
    /// The change that it is part of, where that is not the one under way; set by the recorder.
    pub(super) earlier: Option<Earlier>,
}

/// Readings only: what writes is a function of the recorder.
impl<'a> Deref for Recorder<'a> {
    type Target = dyn Read + 'a;

    fn deref(&self) -> &Self::Target {
        &*self.rows
    }
}

impl<'a> Recorder<'a> {
    pub(super) fn new(
        rows: &'a mut dyn Transaction,
        context: &'a WriteContext,
        now: Timestamp,
    ) -> Self {
        Self {
            rows,
            context,
            now,
            noted: Vec::new(),
            position: None,
            agent: RefCell::new(None),
            earlier: None,
        }
    }

    /// Takes the next position of a stream.
    pub(super) fn advance(&mut self, stream: &StreamId) -> Result<crate::store::StreamRow> {
        let row = self.rows.advance_stream(stream)?;
        self.position = Some((stream.clone(), row.seq));
        Ok(row)
    }

    /// Notes a change of a project.
    pub(super) fn note(&mut self, project: &ProjectId, noted: Noted) {
        let noted = Noted {
            earlier: self.earlier.clone(),
            ..noted
        };
        self.noted.push((Some(project.clone()), noted));
    }

    /// Records what is noted from now on as part of an earlier change; with none, as part of the
    /// one under way.
    pub(super) fn record_as(&mut self, earlier: Option<Earlier>) {
        self.earlier = earlier;
    }

    /// Notes a change of something that belongs to no project.
    pub(super) fn note_of_server(&mut self, noted: Noted) {
        self.noted.push((None, noted));
    }

    /// Writes what was noted.
    pub(super) fn write(&mut self) -> Result<()> {
        for (project, noted) in std::mem::take(&mut self.noted) {
            if let Some(project) = &project
                && noted.is_progress
                && self.extend(project, &noted)?
            {
                continue;
            }
            let (timestamp, actor, cause) = match &noted.earlier {
                Some(earlier) => (earlier.at, earlier.actor.clone(), None),
                None => {
                    let context = self.context;
                    (self.now, context.actor.to_string(), context.cause.clone())
                }
            };
            let seq = match noted.earlier.map(|earlier| earlier.seq).or(noted.seq) {
                Some(seq) => seq,
                None => self.position_of(project.as_ref())?,
            };
            let entry = HistoryEntry {
                seq,
                kind: noted.kind,
                timestamp,
                actor: Some(actor),
                changed: noted.changed,
                status: noted.status,
                generation: noted.generation,
                cause,
                fields: noted.fields,
            };
            let subject = noted.subject.as_str();
            match &project {
                Some(project) => self.rows.add_change(project, subject, &entry)?,
                None => self.rows.add_server_change(subject, &entry)?,
            }
            if let Some(project) = project.filter(|_| noted.is_trim_due) {
                self.rows.trim_changes(&project, subject, HISTORY_KEPT)?;
            }
        }
        Ok(())
    }

    /// Adds a report to the newest record of its subject, where that is a young one of the same
    /// kind and by the same actor: its values after are the new ones then. Returns false for
    /// another.
    fn extend(&mut self, project: &ProjectId, noted: &Noted) -> Result<bool> {
        let newest = self.rows.newest_change(project, &noted.subject)?;
        let Some(newest) = newest else {
            return Ok(false);
        };
        let age = self.now.unix_millis(0) - newest.entry.timestamp.unix_millis(0);
        let is_same = newest.entry.kind == noted.kind
            && newest.entry.actor.as_deref() == Some(self.context.actor.as_str());
        if !is_same || !(0..PROGRESS_RECORDED_EVERY_MS).contains(&age) {
            return Ok(false);
        }
        let mut fields = newest.entry.fields;
        for change in &noted.fields {
            match fields.iter_mut().find(|known| known.field == change.field) {
                Some(known) => {
                    known.after.clone_from(&change.after);
                    // It leads from another text to the first one.
                    known.diff.clear();
                }
                None => fields.push(change.clone()),
            }
        }
        self.rows.extend_change(project, newest.id, &fields)?;
        Ok(true)
    }

    /// Returns the position of a project's stream, or of the system's, which has the change.
    fn position_of(&mut self, project: Option<&ProjectId>) -> Result<u64> {
        let stream = project.map_or_else(StreamId::system, StreamId::project);
        if let Some((known, seq)) = &self.position
            && *known == stream
        {
            return Ok(*seq);
        }
        let seq = self.rows.stream(&stream)?.map_or(0, |row| row.seq);
        self.position = Some((stream, seq));
        Ok(seq)
    }
}
