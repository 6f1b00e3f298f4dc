//! Undoing deletions, and the choice of the change that is undone next.

use tasktree_protocol::error::code;
use tasktree_protocol::{TaskId, WireError};

use super::board::BoardState;
use super::deletion_log::{Deletion, Taken};
use super::move_log::MoveId;

/// Reason why a task was not restored.
#[derive(Clone, Debug, PartialEq)]
pub enum NotRestored {
    /// It was never deleted or is restored already; the code that did so has reported it.
    Over,
    /// The server refused, or no answer came: the number of the task, and the error.
    Refused(u64, WireError),
}

/// Change of this page that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undoable {
    /// Move of a card.
    Move(MoveId),
    /// Deletion of a task.
    Deletion(MoveId),
}

impl BoardState {
    /// Returns the change that is undone next: this page's newest move or deletion.
    pub fn newest_undoable(&self) -> Option<Undoable> {
        let core = self.core()?;
        let moved = core.moves.borrow().newest();
        let deleted = core.deletions.borrow().newest();
        match deleted {
            Some(deleted) if moved.is_none_or(|moved| moved < deleted) => {
                Some(Undoable::Deletion(deleted))
            }
            _ => moved.map(Undoable::Move),
        }
    }

    /// Restores a task that this page deleted, and returns it. A deletion that was not sent yet is
    /// discarded.
    ///
    /// # Errors
    /// The reason why it was not restored.
    pub fn undo_deletion(
        &self,
        id: MoveId,
    ) -> impl Future<Output = Result<TaskId, NotRestored>> + use<> {
        // Now, and not when the future runs: pressing keys quickly undoes one change each.
        let taken = self.core().and_then(|core| {
            let taken = core.deletions.borrow_mut().take(id)?;
            if taken.answer.is_some() {
                // A command that is under way stays, and is undone once the task was deleted.
                core.unsent.discard(&taken.deletion.command);
            }
            Some(taken)
        });
        let board = *self;
        async move {
            let Taken { deletion, answer } = taken.ok_or(NotRestored::Over)?;
            if let Some(answer) = answer
                && answer.await != Ok(true)
            {
                // It was never deleted: the command was discarded or refused.
                let is_there = board.card(&deletion.task).is_some();
                return is_there.then_some(deletion.task).ok_or(NotRestored::Over);
            }
            match board.restore_task(deletion.task.clone()).await {
                Ok(()) => Ok(deletion.task),
                Err(error) => {
                    let number = deletion.number;
                    // The server may accept later what it refuses now.
                    if error.code != code::NOT_FOUND
                        && let Some(core) = board.core()
                    {
                        let is_done = true;
                        let deletion = Deletion {
                            is_done,
                            ..deletion
                        };
                        core.deletions.borrow_mut().put_back(deletion);
                    }
                    Err(NotRestored::Refused(number, error))
                }
            }
        }
    }
}
