//! Records of changes, noted where rows are stored.
//!
//! A [`Recorder`] stands before the transaction of a change. Its own functions store the rows whose
//! changes are recorded (`rows.rs`), and take precedence over those of the transaction, so that no
//! rule can forget to note one. Changes of tasks are noted with their events, which name the
//! fields. What is noted is written at the end of the change.
//!
//! Not recorded are signs of life (heartbeats, renewed leases, log lines, times at which something
//! was seen), marks of persons, which are private, and what retention removes.

mod fields;
mod rows;

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use tasktree_protocol::{ProjectId, Status, StreamId, Timestamp};

use crate::error::Result;
use crate::limits::{HISTORY_KEPT, PROGRESS_RECORDED_EVERY_MS};
use crate::service::WriteContext;
use crate::store::{FieldChange, HistoryEntry, StoredAgent, Transaction};
pub(super) use fields::Fields;

/// A transaction that records what changes.
pub(crate) struct Recorder<'a> {
    rows: &'a mut dyn Transaction,
    context: &'a WriteContext,
    now: Timestamp,
    noted: Vec<(ProjectId, Noted)>,
    /// Position of the stream that the last event was emitted to.
    position: Option<(StreamId, u64)>,
    /// The agent's row that was read or stored last, which is usually the next to be stored: its
    /// values before that need no reading of their own.
    agent: RefCell<Option<(ProjectId, StoredAgent)>>,
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
}

impl<'a> Deref for Recorder<'a> {
    type Target = dyn Transaction + 'a;

    fn deref(&self) -> &Self::Target {
        self.rows
    }
}

impl DerefMut for Recorder<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.rows
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
        self.noted.push((project.clone(), noted));
    }

    /// Writes what was noted.
    pub(super) fn write(&mut self) -> Result<()> {
        for (project, noted) in std::mem::take(&mut self.noted) {
            if noted.is_progress && self.extend(&project, &noted)? {
                continue;
            }
            let seq = match noted.seq {
                Some(seq) => seq,
                None => self.position_of(&project)?,
            };
            let entry = HistoryEntry {
                seq,
                kind: noted.kind,
                timestamp: self.now,
                actor: Some(self.context.actor.to_string()),
                changed: noted.changed,
                status: noted.status,
                generation: noted.generation,
                cause: self.context.cause.clone(),
                fields: noted.fields,
            };
            let subject = noted.subject.as_str();
            self.rows.add_change(&project, subject, &entry)?;
            if noted.is_trim_due {
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
                Some(known) => known.after.clone_from(&change.after),
                None => fields.push(change.clone()),
            }
        }
        self.rows.extend_change(project, newest.id, &fields)?;
        Ok(true)
    }

    /// Returns the position of a project's stream, which has the change.
    fn position_of(&mut self, project: &ProjectId) -> Result<u64> {
        let stream = StreamId::project(project);
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
