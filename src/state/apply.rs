//! What a message does to a board: rows are applied in place, and what carries none asks for a fetch.

use tasktree_protocol::{AgentId, Cursor, Event, Message, TaskId, Timestamp};

use super::core::Core;
use super::delivery::intent_of;

/// What is still to be done after a message was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Applied,
    /// It said that something changed, and not what.
    Refetch,
}

/// Whether a snapshot taken at `cursor` has the message in it.
pub(super) fn is_included(message: &Message, cursor: Option<&Cursor>) -> bool {
    cursor.is_some_and(|cursor| {
        message.epoch.as_ref() == Some(&cursor.epoch)
            && message.seq.is_some_and(|seq| seq <= cursor.seq)
    })
}

/// More events than this during one fetch are not kept; another fetch follows instead.
const HEARD_LIMIT: usize = 2_000;

impl Core {
    /// A message came.
    pub(super) fn hear(&self, message: &Message) {
        // Filter first: other projects must cost nothing.
        if message.project_id.as_ref() != Some(&self.project) {
            return;
        }
        if let Event::Log(lines) = &message.event {
            self.logs.hear(message.timestamp, lines);
            if let Some(agent) = &lines.agent {
                self.heard_from(agent, message.timestamp);
            }
            self.schedule_flush();
            return;
        }
        if self.hear_of_project(&message.event) {
            return;
        }
        if message.seq.is_none() {
            self.hear_unnumbered(message);
            return;
        }
        let floor = self.sync.floor.borrow().clone();
        if is_included(message, floor.as_ref()) {
            return;
        }
        if self.fetch_is_running() {
            let mut heard = self.sync.heard.borrow_mut();
            if heard.len() < HEARD_LIMIT {
                heard.push(message.clone());
            } else {
                self.ask_for_refetch();
            }
        }
        self.apply(message, true);
    }

    /// Something happened to the project as a whole. Says whether that was it.
    fn hear_of_project(&self, event: &Event) -> bool {
        match event {
            // It may have been here before, and have been refused to us since.
            Event::ProjectCreated(_) => self.sync.wanted.set(true),
            Event::ProjectDeleted(_) | Event::ProjectReset(_) => {}
            _ => return false,
        }
        self.fetch_now();
        true
    }

    /// A message without a place in a log. From an older backend it only says that it is time to look; from ours it is an agent's
    /// sign of life.
    fn hear_unnumbered(&self, message: &Message) {
        match &message.event {
            Event::AgentStatusUpdate(agent) if !self.is_legacy() => {
                self.heard_from(&agent.id, message.timestamp);
            }
            event if event.touches_tasks() => {
                for id in event.rows().iter().map(|card| &card.id) {
                    self.flash(id, message.actor.clone());
                }
                self.ask_for_refetch();
            }
            _ => {}
        }
    }

    fn heard_from(&self, agent: &AgentId, at: Timestamp) {
        if self.agents.borrow_mut().heard(agent, at) {
            self.agents_changed.set(true);
            self.schedule_flush();
        }
    }

    /// Applies an event of the log; `live` ones flash what they touch.
    pub(super) fn apply(&self, message: &Message, live: bool) {
        let outcome = self.apply_event(message, live);
        if outcome == Outcome::Refetch {
            self.ask_for_refetch();
        }
    }

    fn apply_event(&self, message: &Message, live: bool) -> Outcome {
        match &message.event {
            Event::TaskDeleted(deleted) => {
                self.settle_cause(message, &deleted.task_id);
                self.change(|rows, changes| rows.remove(&deleted.task_id, changes));
            }
            Event::AgentStatusUpdate(agent) => {
                self.agents.borrow_mut().upsert(agent.clone());
                self.agents_changed.set(true);
                self.schedule_flush();
            }
            Event::CoordinationUpdate(update) => {
                let unknown = self.agents.borrow_mut().keep_only(&update.agents);
                self.agents_changed.set(true);
                self.schedule_flush();
                if unknown {
                    return Outcome::Refetch;
                }
            }
            Event::TasksReset(reset) if reset.tasks.is_empty() && reset.reset_count > 0 => {
                return Outcome::Refetch;
            }
            Event::TaskStatusChanged(change)
            | Event::TaskMerged(change)
            | Event::TaskCompleted(change)
            | Event::TaskQueuedForMerge(change)
            | Event::AgentSpawned(change) => {
                if let Some(agent) = &change.agent {
                    self.agents.borrow_mut().upsert(agent.clone());
                    self.agents_changed.set(true);
                }
                if change.task.is_none() {
                    return Outcome::Refetch;
                }
                self.apply_rows(message, live);
            }
            Event::TaskCreated(_) | Event::TaskUpdated(_) | Event::TasksReset(_) => {
                self.apply_rows(message, live);
            }
            Event::AgentMessages(_) | Event::FileLocksUpdate(_) | Event::PlanGenerated(_) => {}
            other if other.touches_tasks() => return Outcome::Refetch,
            _ => {}
        }
        Outcome::Applied
    }

    fn apply_rows(&self, message: &Message, live: bool) {
        for card in message.event.rows() {
            let ours = self.settle_cause(message, &card.id);
            if live && !ours {
                self.flash(&card.id, message.actor.clone());
            }
            self.upsert(card.clone());
        }
    }

    /// Drops the intent that caused the event: its row is the answer. Says whether it was one of this page's.
    fn settle_cause(&self, message: &Message, task: &TaskId) -> bool {
        let Some(cause) = &message.cause else {
            return false;
        };
        self.change(|rows, changes| rows.drop_intent(task, intent_of(cause), changes))
    }
}
