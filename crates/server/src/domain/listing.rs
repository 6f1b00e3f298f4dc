//! The tasks of a project in their order, encoded part by part, so that a long list is never whole in memory.
//!
//! Which tasks there are, in which order, and which hold others up is read first, in one state; the rows come part by part after that, each as it is
//! then. So a row may be newer than the position of the list, and never older: whoever goes on with the events after that position ends up
//! with what is there.

use serde::Serialize;
use tasktree_protocol::task::sort_key;
use tasktree_protocol::{ProjectId, TaskId};

use super::read;
use crate::error::Result;
use crate::limits::ANSWER_PART_BYTES;
use crate::store::{Read, TaskPlace};

/// Extent to which each task is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The whole task.
    Full,
    /// Without long texts.
    Card,
}

/// The tasks of a project, in their order.
#[derive(Debug)]
pub(crate) struct Order {
    places: Vec<TaskPlace>,
    /// By number: whether others wait for it.
    open: Vec<bool>,
}

/// Start of a part of the list.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct From {
    index: usize,
    /// True where there is an entry before it.
    has_entries: bool,
}

/// A part of the list, in JSON.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) bytes: Vec<u8>,
    /// Start of the next; none after the last.
    pub(crate) next: Option<From>,
}

/// Reads which tasks there are.
pub(crate) fn order(rows: &dyn Read, project: &ProjectId) -> Result<Order> {
    read::require(rows, project)?;
    let mut places = rows.task_order(project)?;
    let last = places.iter().map(|place| place.number).max().unwrap_or(0);
    let mut open = vec![false; usize::try_from(last).unwrap_or(0) + 1];
    for place in &places {
        if let Some(open) = usize::try_from(place.number)
            .ok()
            .and_then(|at| open.get_mut(at))
        {
            *open = !place.status.is_done();
        }
    }
    places.sort_by_key(|place| sort_key(place.priority, place.number));
    Ok(Order { places, open })
}

impl Order {
    fn is_open(&self, project: &ProjectId, task: &TaskId) -> bool {
        let number = task
            .number_in(project)
            .and_then(|number| usize::try_from(number).ok());
        let open = number.and_then(|number| self.open.get(number));
        open.copied().unwrap_or(false)
    }

    /// Encodes the tasks from there on until the part is large enough. All parts together are an array.
    pub(crate) fn part(
        &self,
        rows: &dyn Read,
        project: &ProjectId,
        form: Form,
        from: From,
    ) -> Result<Part> {
        let mut array = Array {
            bytes: Vec::new(),
            at: from,
        };
        if from.index == 0 {
            array.bytes.push(b'[');
        }
        let places = self.places.get(from.index..).unwrap_or_default();
        match form {
            Form::Full => rows.tasks_at(project, places, &mut |task| {
                let task = task.map(|mut task| {
                    let open = |id: &&TaskId| self.is_open(project, id);
                    task.blocked_by = task.dependencies.iter().filter(open).cloned().collect();
                    task
                });
                array.add(task)
            })?,
            Form::Card => rows.cards_at(project, places, &mut |card| array.add(card))?,
        }
        let next = (array.at.index < self.places.len()).then_some(array.at);
        if next.is_none() {
            array.bytes.push(b']');
        }
        Ok(Part {
            bytes: array.bytes,
            next,
        })
    }
}

/// An array under way.
struct Array {
    bytes: Vec<u8>,
    at: From,
}

impl Array {
    /// Adds an entry, unless its row has gone meanwhile; says whether there is room for another.
    fn add(&mut self, entry: Option<impl Serialize>) -> Result<bool> {
        self.at.index += 1;
        if let Some(entry) = entry {
            if self.at.has_entries {
                self.bytes.push(b',');
            }
            self.at.has_entries = true;
            serde_json::to_writer(&mut self.bytes, &entry)?;
        }
        Ok(self.bytes.len() < ANSWER_PART_BYTES)
    }
}
