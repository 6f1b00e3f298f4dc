//! The moves and removals of the last minutes with their actors, from the events received.
//!
//! They name the person or agent in a refusal without a request to the server.

use std::collections::VecDeque;

use tasktree_protocol::TaskId;

/// Maximum number of moves that are remembered: some minutes with twenty agents at work. Older ones
/// are looked up on the server.
const REMEMBERED_MOVES: usize = 256;

/// Last moves by others, oldest first.
#[derive(Debug, Default)]
pub(super) struct Movers(VecDeque<(TaskId, String)>);

impl Movers {
    /// Records that somebody moved or removed a task.
    pub(super) fn note(&mut self, task: TaskId, actor: String) {
        if self.0.len() >= REMEMBERED_MOVES {
            self.0.pop_front();
        }
        self.0.push_back((task, actor));
    }

    /// Returns the actor that moved or removed a task last, if it is remembered.
    pub(super) fn last(&self, task: &TaskId) -> Option<&str> {
        let (_, actor) = self.0.iter().rev().find(|(moved, _)| moved == task)?;
        Some(actor)
    }
}
