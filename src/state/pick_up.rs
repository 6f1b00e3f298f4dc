//! The decision whether a picked-up card may still be put down.
//!
//! It has no signals and no clock: it compares a snapshot with the current card.

use tasktree_protocol::{Epoch, Maybe, Status, TaskCard, TaskId, TaskPatch};

/// Fields that a move writes or depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Column of the card.
    pub status: Status,
    /// Session that holds the task.
    pub session: Option<String>,
    /// Order within the column, together with the number, which never changes.
    pub priority: u32,
}

/// Snapshot of a card at pick-up, or after a move that may be undone had taken effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickUp {
    /// Id of the task.
    pub task: TaskId,
    /// Number of the task.
    pub number: u64,
    /// Version of the row; 0 from older servers, which have none.
    pub rev: u64,
    /// Epoch of the project that the person saw, if it is known.
    pub epoch: Option<Epoch>,
    /// Standing that the person saw.
    pub standing: Standing,
    /// Set if a change of this page was pending: its answer may release the session, which is then
    /// nobody else's change.
    pub is_settling: bool,
}

/// Change that overtook a card while it was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overtaken {
    /// The task was removed.
    Gone,
    /// A session claimed it.
    Claimed {
        /// Session that claimed it.
        by: String,
    },
    /// It was moved to another column.
    Moved {
        /// Column that it was moved to.
        to: Status,
    },
    /// The session that held it released it.
    Released,
    /// It has another priority, and with that another position.
    Reprioritized,
}

impl Standing {
    /// Returns the standing of a card.
    pub fn of(card: &TaskCard) -> Self {
        Self {
            status: card.status,
            session: card.session.clone(),
            priority: card.priority,
        }
    }

    /// Returns the patch that restores this standing from `now`. Equal fields are left out.
    pub fn restore_from(&self, now: &Self) -> TaskPatch {
        let mut patch = TaskPatch::default();
        if self.status != now.status {
            patch.status = Maybe::Value(self.status);
        }
        if self.session != now.session {
            patch.session = self.session.clone().into();
        }
        if self.priority != now.priority {
            patch.priority = Maybe::Value(self.priority);
        }
        patch
    }
}

impl PickUp {
    /// Takes a snapshot of a card without pending changes of this page.
    pub fn of(card: &TaskCard) -> Self {
        Self {
            task: card.id.clone(),
            number: card.number,
            rev: card.rev,
            epoch: None,
            standing: Standing::of(card),
            is_settling: false,
        }
    }

    /// Decides whether the card may be put down, given its current state.
    ///
    /// # Errors
    /// The change that a move would overwrite. A change of other fields, such as the title, is no
    /// reason to refuse.
    pub fn judge(&self, now: Option<&TaskCard>) -> Result<(), Overtaken> {
        let Some(now) = now else {
            return Err(Overtaken::Gone);
        };
        let seen = &self.standing;
        let is_same_session =
            now.session == seen.session || (self.is_settling && now.session.is_none());
        if !is_same_session
            && let Some(by) = &now.session
            && (now.status == seen.status || now.status == Status::InProgress)
        {
            return Err(Overtaken::Claimed { by: by.clone() });
        }
        if now.status != seen.status {
            return Err(Overtaken::Moved { to: now.status });
        }
        if !is_same_session {
            return Err(Overtaken::Released);
        }
        if now.priority != seen.priority {
            return Err(Overtaken::Reprioritized);
        }
        Ok(())
    }

    /// Returns true if a newer version of the row is the result of a move to `target`. The move
    /// then took effect, and only its answer was lost.
    pub fn has_become(&self, target: &Standing, now: &TaskCard) -> bool {
        // The server may end a session with the work.
        let is_expected_session = now.session == target.session || now.session.is_none();
        now.id == self.task
            && now.status == target.status
            && now.priority == target.priority
            && is_expected_session
    }
}
