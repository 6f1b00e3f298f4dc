//! Applying a project's events to a set of tasks.

use std::collections::BTreeMap;

use crate::{Cursor, Event, Message, ProjectId, Status, StreamId, TaskCard, TaskId};

/// The tasks of one project: a snapshot, and the events since then.
#[derive(Clone, Debug, PartialEq)]
pub struct Replica {
    project: ProjectId,
    tasks: BTreeMap<TaskId, TaskCard>,
    cursor: Option<Cursor>,
}

/// Effect of a message on the tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Tasks that were created, changed or removed.
    pub changed: Vec<TaskId>,
    /// True if tasks changed in a way that the message does not describe: fetch them again.
    pub stale: bool,
}

/// Effect of an event on one task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change<'a> {
    /// New content of the row.
    Put(&'a TaskCard),
    /// Removal of the row.
    Remove(&'a TaskId),
}

/// Returns an event's changes, row by row. Rows without a version are left out: they come from
/// older backends, whose identifiers are not stable.
pub fn changes(event: &Event) -> impl Iterator<Item = Change<'_>> {
    let removed = match event {
        Event::TaskDeleted(deleted) => Some(Change::Remove(&deleted.task_id)),
        _ => None,
    };
    event
        .rows()
        .iter()
        .filter(|card| card.rev > 0)
        .map(Change::Put)
        .chain(removed)
}

/// Returns true if a row replaces the stored one: it does unless it is an older version of it. A
/// row without a version always replaces it, because older backends have no versions.
pub fn replaces(new: &TaskCard, old: Option<&TaskCard>) -> bool {
    new.rev == 0 || old.is_none_or(|old| new.rev >= old.rev)
}

/// Returns true if a message says that tasks changed, but carries no rows that show how.
pub fn is_stale_after(message: &Message) -> bool {
    match &message.event {
        // These carry their own subject, which is not a task.
        Event::AgentStatusUpdate(_) | Event::AgentRemoved(_) | Event::AgentMessages(_) => false,
        // From a newer server: the events about the plan's tasks are in the log themselves.
        Event::PlanGenerated(_) if message.seq.is_some() => false,
        Event::ProjectReset(_) => true,
        Event::TasksReset(reset) if reset.reset_count == 0 => false,
        event => event.touches_tasks() && changes(event).next().is_none(),
    }
}

impl Replica {
    /// Creates a replica without tasks.
    pub fn new(project: ProjectId) -> Self {
        Self {
            project,
            tasks: BTreeMap::new(),
            cursor: None,
        }
    }

    /// Returns the tasks, by identifier.
    pub fn tasks(&self) -> &BTreeMap<TaskId, TaskCard> {
        &self.tasks
    }

    /// Returns the position of the last applied event.
    pub fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    /// Replaces everything with a snapshot taken at `cursor`; `None` if the backend sent no
    /// position.
    pub fn apply_snapshot(
        &mut self,
        cards: impl IntoIterator<Item = TaskCard>,
        cursor: Option<Cursor>,
    ) {
        self.tasks = cards
            .into_iter()
            .map(|card| (card.id.clone(), card))
            .collect();
        self.cursor = cursor;
    }

    /// Applies a message. One that was applied already, or is about another project, changes
    /// nothing.
    pub fn apply(&mut self, message: &Message) -> Applied {
        if message.project_id.as_ref() != Some(&self.project) {
            return Applied::default();
        }
        if let Some(seq) = message.seq
            && message.stream() == StreamId::project(&self.project)
            && let Some(cursor) = &mut self.cursor
        {
            if message
                .epoch
                .as_ref()
                .is_some_and(|epoch| *epoch != cursor.epoch)
            {
                return Applied {
                    changed: Vec::new(),
                    stale: true,
                };
            }
            if seq <= cursor.seq {
                return Applied::default();
            }
            cursor.seq = seq;
        }
        let mut applied = Applied {
            changed: Vec::new(),
            stale: is_stale_after(message),
        };
        if matches!(
            message.event,
            Event::ProjectReset(_) | Event::ProjectDeleted(_)
        ) {
            self.cursor = None;
            applied.changed = std::mem::take(&mut self.tasks).into_keys().collect();
        }
        for change in changes(&message.event) {
            match change {
                Change::Put(card) if replaces(card, self.tasks.get(&card.id)) => {
                    self.tasks.insert(card.id.clone(), card.clone());
                    applied.changed.push(card.id.clone());
                }
                Change::Put(_) => {}
                Change::Remove(id) => {
                    if self.tasks.remove(id).is_some() {
                        applied.changed.push(id.clone());
                    }
                }
            }
        }
        applied
    }

    /// Returns the dependencies that block a task: see [`blocked_by`].
    pub fn blocked_by(&self, card: &TaskCard) -> Vec<TaskId> {
        blocked_by(card, |id| self.tasks.get(id).map(|task| task.status))
    }
}

/// Returns the dependencies of a task that are neither completed nor merged. One that does not
/// exist (any more) does not block.
pub fn blocked_by(card: &TaskCard, status: impl Fn(&TaskId) -> Option<Status>) -> Vec<TaskId> {
    let waits = |id: &&TaskId| status(id).is_some_and(|status| !status.is_done());
    card.dependencies.iter().filter(waits).cloned().collect()
}
