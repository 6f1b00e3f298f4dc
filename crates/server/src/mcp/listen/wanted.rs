//! Resources that a client follows, and the events that change them.

use std::collections::{BTreeMap, BTreeSet};

use tasktree_protocol::Message;
use tasktree_protocol::event::Event;

use crate::hub::Encoded;
use crate::mcp::resources::Address;

/// Resources of one project that a client follows.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Addresses of the board as the client writes them.
    boards: BTreeSet<String>,
    /// Addresses of tasks by number.
    tasks: BTreeMap<u64, BTreeSet<String>>,
}

/// Changes since the last notice.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Addresses of resources.
    pub(super) uris: BTreeSet<String>,
    /// True if the list of resources changed.
    pub(super) list: bool,
}

impl Wanted {
    /// Adds a resource, with its address as the client writes it.
    pub(super) fn add(&mut self, address: &Address, uri: &str) {
        let uris = match address {
            Address::Board(_) => &mut self.boards,
            Address::Task(_, number) => self.tasks.entry(*number).or_default(),
        };
        uris.insert(uri.to_owned());
    }

    /// Notes that everything may have changed.
    pub(super) fn note_all(&self, changes: &mut Changes) {
        changes.uris.extend(self.boards.iter().cloned());
        changes.uris.extend(self.tasks.values().flatten().cloned());
        changes.list = true;
    }

    /// Notes the changes of an event.
    pub(super) fn note(&self, event: &Encoded, changes: &mut Changes) {
        let Ok(message) = serde_json::from_slice::<Message>(&event.v1) else {
            self.note_all(changes);
            return;
        };
        let Some(project) = &message.project_id else {
            return;
        };
        let mut numbers: BTreeSet<u64> = message
            .event
            .rows()
            .iter()
            .map(|card| card.number)
            .collect();
        match &message.event {
            Event::TasksReset(_) | Event::PlanGenerated(_) | Event::ProjectReset(_) => {
                self.note_all(changes);
                return;
            }
            Event::TaskCreated(_) => changes.list = true,
            Event::TaskDeleted(task) => {
                changes.list = true;
                numbers.extend(task.task_id.number_in(project));
            }
            Event::CommentsChanged(comments) => {
                numbers.extend(comments.task_id.number_in(project));
            }
            _ => {}
        }
        if numbers.is_empty() {
            return;
        }
        let of_tasks = numbers.iter().filter_map(|number| self.tasks.get(number));
        changes.uris.extend(of_tasks.flatten().cloned());
        changes.uris.extend(self.boards.iter().cloned());
    }
}
