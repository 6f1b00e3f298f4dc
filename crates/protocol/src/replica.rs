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

/// What a message did to the tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Tasks that are new, changed or gone.
    pub changed: Vec<TaskId>,
    /// The message says that tasks changed, but not how: fetch them again.
    pub stale: bool,
}

/// What an event does to one task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change<'a> {
    /// The row is now this one.
    Put(&'a TaskCard),
    /// The row is gone.
    Remove(&'a TaskId),
}

/// What an event does to tasks, row by row. Rows without a version are left out: they come from older backends, whose
/// identifiers are not stable.
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

/// Whether a row replaces the one that is there: it does unless it is an older version of it. A row without a version is all that an older
/// backend has.
pub fn replaces(new: &TaskCard, old: Option<&TaskCard>) -> bool {
    new.rev == 0 || old.is_none_or(|old| new.rev >= old.rev)
}

/// Whether a message says that tasks changed, but carries no rows to tell how.
pub fn is_stale_after(message: &Message) -> bool {
    match &message.event {
        // These carry what they are about, and it is no task.
        Event::AgentStatusUpdate(_) | Event::AgentRemoved(_) | Event::AgentMessages(_) => false,
        // Of a newer server: the events about the tasks that came with the plan are in the log themselves.
        Event::PlanGenerated(_) if message.seq.is_some() => false,
        Event::ProjectReset(_) => true,
        Event::TasksReset(reset) if reset.reset_count == 0 => false,
        event => event.touches_tasks() && changes(event).next().is_none(),
    }
}

impl Replica {
    /// No tasks yet.
    pub fn new(project: ProjectId) -> Self {
        Self {
            project,
            tasks: BTreeMap::new(),
            cursor: None,
        }
    }

    /// The tasks, by identifier.
    pub fn tasks(&self) -> &BTreeMap<TaskId, TaskCard> {
        &self.tasks
    }

    /// The last event that is in the tasks.
    pub fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    /// Replaces everything by a snapshot that was taken at `cursor`; `None` where the backend did not say.
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

    /// Applies a message. One that is in the tasks already, or is about another project, changes nothing.
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

    /// The tasks that one waits for: see [`blocked_by`].
    pub fn blocked_by(&self, card: &TaskCard) -> Vec<TaskId> {
        blocked_by(card, |id| self.tasks.get(id).map(|task| task.status))
    }
}

/// The dependencies of a task that are neither completed nor merged. One that does not exist (any more) does not block.
pub fn blocked_by(card: &TaskCard, status: impl Fn(&TaskId) -> Option<Status>) -> Vec<TaskId> {
    let waits = |id: &&TaskId| status(id).is_some_and(|status| !status.is_done());
    card.dependencies.iter().filter(waits).cloned().collect()
}
