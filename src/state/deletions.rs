//! The tasks that this page deleted and can restore, newest last.

use futures_channel::oneshot;
use tasktree_protocol::error::code;
use tasktree_protocol::{TaskId, WireError};

use super::board::BoardState;
use super::move_log::{MoveId, UNDOABLE_MOVES};

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

#[derive(Debug)]
struct Deletion {
    id: MoveId,
    task: TaskId,
    number: u64,
    /// Id of the command, by which a deletion that waits can be discarded.
    command: String,
    is_done: bool,
    /// Receives the answer for an undo that began before it: true if the task was deleted.
    undoing: Option<oneshot::Sender<bool>>,
}

/// Deletion that is to be undone.
#[derive(Debug)]
struct Taken {
    deletion: Deletion,
    /// Answer of the server, if it has not come yet.
    answer: Option<oneshot::Receiver<bool>>,
}

/// All deletions of one open project.
#[derive(Debug, Default)]
pub(super) struct DeletionLog(Vec<Deletion>);

impl DeletionLog {
    /// Records a deletion that is about to be sent.
    pub(super) fn begin(&mut self, id: MoveId, task: TaskId, number: u64, command: String) {
        if self.0.len() >= UNDOABLE_MOVES {
            self.0.remove(0);
        }
        self.0.push(Deletion {
            id,
            task,
            number,
            command,
            is_done: false,
            undoing: None,
        });
    }

    /// Records the server's answer to a deletion. Returns true if somebody has begun to undo it.
    pub(super) fn settle(&mut self, command: &str, was_deleted: bool) -> bool {
        let Some(at) = self.0.iter().position(|it| it.command == command) else {
            return false;
        };
        if was_deleted && self.0[at].undoing.is_none() {
            self.0[at].is_done = true;
            return false;
        }
        let Some(undoing) = self.0.remove(at).undoing else {
            return false;
        };
        // The receiver may be gone with the page.
        let _ = undoing.send(was_deleted);
        true
    }

    /// Forgets the deletions that can be undone. Those without an answer stay until it comes.
    pub(super) fn clear(&mut self) {
        self.0.retain(|it| !it.is_done);
    }

    fn newest(&self) -> Option<MoveId> {
        let mut open = self.0.iter().filter(|it| it.undoing.is_none());
        open.next_back().map(|it| it.id)
    }

    fn take(&mut self, id: MoveId) -> Option<Taken> {
        let at = self.0.iter().position(|it| it.id == id)?;
        let found = &mut self.0[at];
        if found.is_done {
            return Some(Taken {
                deletion: self.0.remove(at),
                answer: None,
            });
        }
        if found.undoing.is_some() {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        found.undoing = Some(sender);
        Some(Taken {
            deletion: Deletion {
                undoing: None,
                task: found.task.clone(),
                command: found.command.clone(),
                ..*found
            },
            answer: Some(receiver),
        })
    }

    fn put_back(&mut self, deletion: Deletion) {
        let at = self.0.partition_point(|it| it.id < deletion.id);
        self.0.insert(at, deletion);
    }

    /// Removes the deletion of a task that was restored in another way.
    pub(super) fn forget(&mut self, task: &TaskId) {
        self.0.retain(|it| it.task != *task || !it.is_done);
    }
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
