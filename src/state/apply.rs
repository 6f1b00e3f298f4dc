//! Applying messages to a board: rows are updated in place; a message without rows requests a
//! fetch.

use tasktree_protocol::replica::{self, Change};
use tasktree_protocol::{AgentId, Event, Message, TaskId, Timestamp};

use super::cells::write;
use super::core::Core;
use super::delivery::intent_of;
use super::pick_up::Standing;

impl Core {
    /// Processes a message of any stream.
    pub(super) fn on_message(&self, message: &Message) {
        // Filter first: messages of other projects must cost nothing.
        if message.project_id.as_ref() != Some(&self.project) {
            return;
        }
        if let Event::Log(lines) = &message.event {
            self.logs.append(message.timestamp, lines);
            if let Some(agent) = &lines.agent {
                self.mark_heard(agent, message.timestamp);
            }
            self.schedule_flush();
            return;
        }
        if self.on_project_event(&message.event) {
            return;
        }
        if message.seq.is_none() {
            self.on_ephemeral(message);
            return;
        }
        self.on_event(message);
    }

    /// Handles an event of the project as a whole. Returns true if `event` was one.
    fn on_project_event(&self, event: &Event) -> bool {
        match event {
            // The project may have existed before, and the server may have refused it to us since.
            Event::ProjectCreated(_) => self.snapshot_wanted(false),
            Event::ProjectDeleted(_) | Event::ProjectReset(_) => self.fetch_now(),
            _ => return false,
        }
        self.logs.clear();
        true
    }

    /// Handles a message without a position in a log. From an older server it only means that a
    /// fetch is due; from ours it is an agent's heartbeat.
    fn on_ephemeral(&self, message: &Message) {
        match &message.event {
            Event::AgentStatusUpdate(agent) if !self.is_legacy() => {
                self.mark_heard(&agent.id, message.timestamp);
            }
            event if event.touches_tasks() => {
                for id in event.rows().iter().map(|card| &card.id) {
                    self.flash(id, message.actor.clone());
                }
                self.fetch_soon();
            }
            _ => {}
        }
    }

    fn mark_heard(&self, agent: &AgentId, at: Timestamp) {
        if self.agents.borrow_mut().heard(agent, at) {
            self.agents_changed.set(true);
            self.schedule_flush();
        }
    }

    /// Applies an event to the tasks; a new one flashes those that it touches. [`replica`] defines
    /// the effect of an event on tasks, here as in every other client.
    pub(super) fn apply_to_tasks(&self, message: &Message, is_new: bool) {
        for change in replica::changes(&message.event) {
            match change {
                Change::Put(card) => {
                    let is_ours = self.settle_cause(message, &card.id);
                    if is_new && !is_ours {
                        self.flash(&card.id, message.actor.clone());
                    }
                    let known = self.rows.borrow().truth(&card.id).map(Standing::of);
                    if !is_ours && known.is_some_and(|known| known != Standing::of(card)) {
                        self.note_mover(&card.id, message);
                    }
                    self.upsert(card.clone());
                }
                Change::Remove(id) => {
                    if !self.settle_cause(message, id) {
                        self.note_mover(id, message);
                    }
                    self.change(|rows, changes| rows.remove(id, changes));
                }
            }
        }
        if replica::is_stale_after(message) {
            self.fetch_soon();
        }
    }

    fn note_mover(&self, task: &TaskId, message: &Message) {
        if let Some(actor) = &message.actor {
            self.movers.borrow_mut().note(task.clone(), actor.clone());
        }
    }

    /// Replaces the leases by those of an event.
    pub(super) fn apply_to_leases(&self, message: &Message) {
        if let Event::FileLocksUpdate(locks) = &message.event {
            write(&self.signals.leases, locks.leases.clone());
        }
    }

    /// Applies an event to the agents. If it names agents that are not known here, they are
    /// fetched.
    pub(super) fn apply_to_agents(&self, message: &Message) {
        let mut agents = self.agents.borrow_mut();
        let is_missing = match &message.event {
            // An older server names all agents; ours names those that changed, whose rows follow.
            Event::CoordinationUpdate(update) if self.is_legacy() => {
                agents.keep_only(&update.agents)
            }
            Event::CoordinationUpdate(_) => return,
            Event::TasksReset(reset) => {
                for name in &reset.killed_sessions {
                    agents.remove(&name.as_str().into());
                }
                false
            }
            Event::AgentRemoved(removed) => {
                agents.remove(&removed.id);
                false
            }
            event => {
                let Some(agent) = event.agent() else {
                    return;
                };
                agents.upsert(agent.clone());
                false
            }
        };
        drop(agents);
        self.agents_changed.set(true);
        self.schedule_flush();
        if is_missing {
            self.fetch_soon();
        }
    }

    /// Drops the intent that caused the event, since the event's row is its answer. Returns true if
    /// the intent was one of this page's.
    fn settle_cause(&self, message: &Message, task: &TaskId) -> bool {
        let Some(cause) = &message.cause else {
            return false;
        };
        self.change(|rows, changes| rows.drop_intent(task, intent_of(cause), changes))
    }
}
