//! The moves that this page made and can undo, newest last. No signals, no clock.

use futures_channel::oneshot;
use tasktree_protocol::{TaskCard, TaskId};

use super::pick_up::{PickUp, Standing};

/// Maximum number of moves that can be undone one after the other; the oldest is forgotten.
pub const UNDOABLE_MOVES: usize = 50;

/// Id of a move or a deletion of this page; later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MoveId(u64);

/// Move that took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Id of the move.
    pub id: MoveId,
    /// Standing of the card before the move.
    pub before: Standing,
    /// Card after the move, in the version of the server's answer.
    pub after: PickUp,
}

#[derive(Debug)]
struct Entry {
    id: MoveId,
    task: TaskId,
    before: Standing,
    /// Card after the move; `None` until the server has answered.
    after: Option<PickUp>,
    /// Id of the command, by which a move that waits can be discarded.
    command: String,
    /// Receives the answer for an undo that began before it.
    undoing: Option<oneshot::Sender<Option<Moved>>>,
}

/// Move that is to be undone.
#[derive(Debug)]
pub(super) enum Taken {
    /// The move took effect.
    Settled(Moved),
    /// The move was not answered yet: the command, and a receiver of the move once it took effect,
    /// or of `None` if it never did.
    Pending(String, oneshot::Receiver<Option<Moved>>),
}

/// All moves of one open project.
#[derive(Debug, Default)]
pub(super) struct MoveLog {
    entries: Vec<Entry>,
    last_id: u64,
}

impl MoveLog {
    /// Records a move that is about to be sent.
    pub(super) fn begin(&mut self, pick: &PickUp, command: &str) -> MoveId {
        let id = self.next_id();
        if self.entries.len() >= UNDOABLE_MOVES {
            self.entries.remove(0);
        }
        self.entries.push(Entry {
            id,
            task: pick.task.clone(),
            before: pick.standing.clone(),
            after: None,
            command: command.to_owned(),
            undoing: None,
        });
        id
    }

    /// Forgets the moves that can be undone. Those without an answer stay until it comes.
    pub(super) fn clear(&mut self) {
        self.entries.retain(|entry| entry.after.is_none());
    }

    /// Returns an id that was not used yet.
    pub(super) fn next_id(&mut self) -> MoveId {
        self.last_id += 1;
        MoveId(self.last_id)
    }

    /// Records the server's answer to a move: the card after it, or `None` if it was refused.
    /// Returns true if somebody has begun to undo the move.
    pub(super) fn settle(&mut self, id: MoveId, card: Option<&TaskCard>) -> bool {
        let Some(at) = self.entries.iter().position(|entry| entry.id == id) else {
            return false;
        };
        let after = card.map(PickUp::of);
        if after.is_some() && self.entries[at].undoing.is_none() {
            self.entries[at].after = after;
            return false;
        }
        let entry = self.entries.remove(at);
        let Some(undoing) = entry.undoing else {
            return false;
        };
        let moved = after.map(|after| Moved {
            id,
            before: entry.before,
            after,
        });
        // The receiver may be gone with the page.
        let _ = undoing.send(moved);
        true
    }

    /// Returns the move that is undone next: the newest whose undo has not begun.
    pub(super) fn newest(&self) -> Option<MoveId> {
        let mut open = self.entries.iter().filter(|entry| entry.undoing.is_none());
        open.next_back().map(|entry| entry.id)
    }

    /// Takes a move out of the log to undo it. Returns `None` if its undo has begun before, or the
    /// move is forgotten.
    pub(super) fn take(&mut self, id: MoveId) -> Option<Taken> {
        let at = self.entries.iter().position(|entry| entry.id == id)?;
        let entry = &mut self.entries[at];
        if entry.after.is_none() {
            if entry.undoing.is_some() {
                return None;
            }
            let (sender, receiver) = oneshot::channel();
            entry.undoing = Some(sender);
            return Some(Taken::Pending(entry.command.clone(), receiver));
        }
        let entry = self.entries.remove(at);
        Some(Taken::Settled(Moved {
            id,
            before: entry.before,
            after: entry.after?,
        }))
    }

    /// Puts back a move that could not be undone for a temporary reason.
    pub(super) fn put_back(&mut self, moved: Moved) {
        let at = self
            .entries
            .partition_point(|entry| entry.id.0 < moved.id.0);
        self.entries.insert(
            at,
            Entry {
                id: moved.id,
                task: moved.after.task.clone(),
                before: moved.before,
                after: Some(moved.after),
                command: String::new(),
                undoing: None,
            },
        );
    }

    /// Takes the card that an undone move left. Earlier moves of the task that ended at its present
    /// standing get its version.
    pub(super) fn rebase(&mut self, card: &TaskCard) {
        let standing = Standing::of(card);
        let earlier = self.entries.iter_mut().filter(|it| it.task == card.id);
        for after in earlier.filter_map(|entry| entry.after.as_mut()) {
            if after.standing == standing {
                after.rev = card.rev;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tasktree_protocol::{ProjectId, Status};
    use wasm_bindgen_test::wasm_bindgen_test;

    fn card(number: u64, status: Status, rev: u64) -> TaskCard {
        TaskCard {
            id: TaskId::new(number, &ProjectId::from("p1")),
            number,
            status,
            rev,
            ..TaskCard::default()
        }
    }

    fn moved(log: &mut MoveLog, number: u64, to: Status, rev: u64) -> MoveId {
        let id = log.begin(&PickUp::of(&card(number, Status::Unclaimed, rev - 1)), "c");
        assert!(!log.settle(id, Some(&card(number, to, rev))));
        id
    }

    #[wasm_bindgen_test]
    fn the_newest_move_is_undone_first_and_each_once() {
        let mut log = MoveLog::default();
        let first = moved(&mut log, 1, Status::UpNext, 2);
        let second = moved(&mut log, 2, Status::UpNext, 2);
        assert_eq!(log.newest(), Some(second));
        assert!(matches!(log.take(second), Some(Taken::Settled(_))));
        assert!(log.take(second).is_none());
        assert_eq!(log.newest(), Some(first));
        assert!(log.take(first).is_some());
        assert_eq!(log.newest(), None);
    }

    #[wasm_bindgen_test]
    fn a_move_that_is_undone_before_its_answer_is_handed_over_with_it() {
        let mut log = MoveLog::default();
        let id = log.begin(&PickUp::of(&card(1, Status::Unclaimed, 1)), "c1");
        let Some(Taken::Pending(command, mut answer)) = log.take(id) else {
            panic!("it is pending");
        };
        assert_eq!(command, "c1");
        assert!(log.take(id).is_none());
        assert_eq!(log.newest(), None);
        assert!(log.settle(id, Some(&card(1, Status::UpNext, 2))));
        let after = answer.try_recv().unwrap().flatten().unwrap().after;
        assert_eq!((after.standing.status, after.rev), (Status::UpNext, 2));
    }

    #[wasm_bindgen_test]
    fn a_refused_move_is_not_undone() {
        let mut log = MoveLog::default();
        let id = log.begin(&PickUp::of(&card(1, Status::Unclaimed, 1)), "c1");
        assert!(!log.settle(id, None));
        assert_eq!(log.newest(), None);
    }

    #[wasm_bindgen_test]
    fn a_move_that_could_not_be_undone_keeps_its_turn() {
        let mut log = MoveLog::default();
        let first = moved(&mut log, 1, Status::UpNext, 2);
        let second = moved(&mut log, 2, Status::UpNext, 2);
        let Some(Taken::Settled(it)) = log.take(first) else {
            panic!("it is settled");
        };
        log.put_back(it);
        assert_eq!(log.newest(), Some(second));
    }

    #[wasm_bindgen_test]
    fn only_the_last_fifty_moves_are_kept() {
        let mut log = MoveLog::default();
        let first = moved(&mut log, 1, Status::UpNext, 2);
        for number in 2..=UNDOABLE_MOVES as u64 + 1 {
            moved(&mut log, number, Status::UpNext, 2);
        }
        assert!(log.take(first).is_none());
    }
}
