//! Records of changes, taken where rows are stored.
//!
//! A [`Recorder`] wraps the transaction of a change. Rules read through it, and write only by its
//! own functions: those that store the rows whose changes are recorded (`rows.rs`), and the others,
//! each named with the reason why it leaves no record (`unrecorded.rs`). So no rule can forget to
//! record a change, and a new statement that writes is in one of the two. Changes of tasks are
//! recorded with their events, which name the fields. The records are written at the end of the
//! change.
//!
//! Records belong to a project, or to the server: tokens, people, settings, and removals of
//! projects.

mod diff;
mod fields;
mod rows;
mod touched;
mod unrecorded;

use std::cell::RefCell;
use std::ops::Deref;

use tasktree_protocol::{ProjectId, Status, StreamId, Timestamp};

use super::author::Author;
use crate::error::Result;
use crate::limits::{HISTORY_KEPT, PROGRESS_RECORDED_EVERY_MS};
use crate::store::{FieldChange, HistoryEntry, Read, StoredAgent, Transaction};
pub(super) use fields::Fields;
pub(crate) use touched::{Clash, Clashes, Touched, TouchedLeases, TouchedRows, TouchedTask};

/// A transaction that records changes.
pub struct Recorder<'a> {
    rows: &'a mut dyn Transaction,
    author: Author<'a>,
    now: Timestamp,
    /// Changes with their projects; none for those of the server.
    noted: Vec<(Option<ProjectId>, Noted)>,
    /// Stream of the last emitted event, with its position.
    position: Option<(StreamId, u64)>,
    /// Agent's row that was last read or stored.
    ///
    /// It is usually the next to be stored, which then needs no read of its previous values.
    agent: RefCell<Option<(ProjectId, StoredAgent)>>,
    /// Change to attribute records to, if not the current one.
    earlier: Option<Earlier>,
    /// Rows that were stored.
    touched: Touched,
}

impl std::fmt::Debug for Recorder<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Recorder")
            .field("author", &self.author)
            .finish_non_exhaustive()
    }
}

/// A change whose records are written later than the change.
#[derive(Clone, Debug)]
pub(super) struct Earlier {
    pub(super) at: Timestamp,
    pub(super) actor: String,
    /// Position of its event.
    pub(super) seq: u64,
}

/// A change to record.
#[derive(Debug, Default)]
pub(super) struct Noted {
    /// Subject of the change: `task:7`, `agent:ada`, ...
    pub(super) subject: String,
    /// Type of the change.
    pub(super) kind: String,
    /// Names of the changed fields as in the event.
    pub(super) changed: Vec<String>,
    /// Status of a task after the change.
    pub(super) status: Option<Status>,
    /// Generation of the claim.
    pub(super) generation: Option<u64>,
    /// Values before and after.
    pub(super) fields: Vec<FieldChange>,
    /// True if the subject keeps only its newest records and it is time to trim them.
    pub(super) is_trim_due: bool,
    /// True for a report that is merged into the previous record, if that is recent.
    pub(super) is_progress: bool,
    /// Position of its event; none without an event.
    pub(super) seq: Option<u64>,
    /// Change that it is part of, if not the current one; set by the recorder.
    pub(super) earlier: Option<Earlier>,
}

/// Reads only: writes are functions of the recorder.
impl<'a> Deref for Recorder<'a> {
    type Target = dyn Read + 'a;

    fn deref(&self) -> &Self::Target {
        &*self.rows
    }
}

impl<'a> Recorder<'a> {
    pub(super) fn new(rows: &'a mut dyn Transaction, author: Author<'a>, now: Timestamp) -> Self {
        Self {
            rows,
            author,
            now,
            noted: Vec::new(),
            position: None,
            agent: RefCell::new(None),
            earlier: None,
            touched: Touched::new(),
        }
    }

    /// Takes the next position of a stream.
    pub(super) fn advance(&mut self, stream: &StreamId) -> Result<crate::store::StreamRow> {
        let row = self.rows.advance_stream(stream)?;
        self.position = Some((stream.clone(), row.seq));
        Ok(row)
    }

    /// Returns the rows of a project that were stored, to add to them.
    pub(super) fn touch(&mut self, project: &ProjectId) -> &mut TouchedRows {
        self.touched.entry(project.clone()).or_default()
    }

    /// Returns the rows that were stored since the last call.
    pub(super) fn take_touched(&mut self) -> Touched {
        std::mem::take(&mut self.touched)
    }

    /// Records a change of a project.
    pub(super) fn note(&mut self, project: &ProjectId, noted: Noted) {
        let noted = Noted {
            earlier: self.earlier.clone(),
            ..noted
        };
        self.noted.push((Some(project.clone()), noted));
    }

    /// Attributes further records to an earlier change, or with none to the current one.
    pub(super) fn record_as(&mut self, earlier: Option<Earlier>) {
        self.earlier = earlier;
    }

    /// Records a change that belongs to no project.
    pub(super) fn note_of_server(&mut self, noted: Noted) {
        self.noted.push((None, noted));
    }

    /// Writes the records.
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
                    let Author { actor, cause } = self.author;
                    (self.now, actor.to_string(), cause.map(str::to_owned))
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

    /// Merges a report into the newest record of its subject, replacing that record's later values.
    ///
    /// Only if that record is recent, of the same kind and by the same actor, and says more than
    /// that nothing changed in the end; returns false otherwise.
    fn extend(&mut self, project: &ProjectId, noted: &Noted) -> Result<bool> {
        let newest = self.rows.newest_change(project, &noted.subject)?;
        let Some(newest) = newest else {
            return Ok(false);
        };
        let age = self.now.unix_millis(0) - newest.entry.timestamp.unix_millis(0);
        let is_same = newest.entry.kind == noted.kind
            && newest.entry.actor.as_deref() == Some(self.author.actor.as_str());
        if !is_same || !(0..PROGRESS_RECORDED_EVERY_MS).contains(&age) {
            return Ok(false);
        }
        let mut fields = newest.entry.fields;
        for change in &noted.fields {
            match fields.iter_mut().find(|known| known.field == change.field) {
                Some(known) => {
                    known.after.clone_from(&change.after);
                    // Its edits lead to the first text from another one.
                    known.diff.clear();
                }
                None => fields.push(change.clone()),
            }
        }
        fields.retain(|field| field.before != field.after);
        if fields.is_empty() {
            return Ok(false);
        }
        self.rows.extend_change(project, newest.id, &fields)?;
        Ok(true)
    }

    /// Returns the position of a project's stream, or else of the system's, at the change.
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
