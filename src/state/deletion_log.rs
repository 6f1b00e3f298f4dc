//! The log of deletions of this page that can be undone.

use futures_channel::oneshot;
use tasktree_protocol::TaskId;

use super::move_log::{MoveId, UNDOABLE_MOVES};

/// Deletion of a task by this page.
#[derive(Debug)]
pub(super) struct Deletion {
    pub(super) id: MoveId,
    pub(super) task: TaskId,
    pub(super) number: u64,
    /// Id of the command, by which a deletion that waits can be discarded.
    pub(super) command: String,
    pub(super) is_done: bool,
    /// Receives the answer for an undo that began before it: true if the task was deleted.
    pub(super) undoing: Option<oneshot::Sender<bool>>,
}

/// Deletion that is to be undone.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) deletion: Deletion,
    /// Answer of the server, if it has not come yet.
    pub(super) answer: Option<oneshot::Receiver<bool>>,
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

    /// Returns the newest deletion that nobody has begun to undo.
    pub(super) fn newest(&self) -> Option<MoveId> {
        let mut open = self.0.iter().filter(|it| it.undoing.is_none());
        open.next_back().map(|it| it.id)
    }

    /// Takes a deletion that is to be undone; `None` if that has begun or is done.
    pub(super) fn take(&mut self, id: MoveId) -> Option<Taken> {
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

    /// Puts back a deletion whose undo was refused.
    pub(super) fn put_back(&mut self, deletion: Deletion) {
        let at = self.0.partition_point(|it| it.id < deletion.id);
        self.0.insert(at, deletion);
    }

    /// Removes the deletion of a task that was restored in another way.
    pub(super) fn forget(&mut self, task: &TaskId) {
        self.0.retain(|it| it.task != *task || !it.is_done);
    }
}
