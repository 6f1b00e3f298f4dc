//! The decision whether a card that somebody picked up may still be put down. No signals, no clock:
//! a snapshot and the card as it is now.

use tasktree_protocol::{Maybe, Status, TaskCard, TaskId, TaskPatch};

/// The fields that a move writes or depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The column.
    pub status: Status,
    /// The session that holds the task.
    pub session: Option<String>,
    /// The place within the column, together with the number, which never changes.
    pub priority: u32,
}

/// A card as it was when it was picked up, or when a move that may be undone had taken effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickUp {
    /// The task.
    pub task: TaskId,
    /// Its number.
    pub number: u64,
    /// The version of the row; 0 from backends that have none.
    pub rev: u64,
    /// The standing that the person saw.
    pub standing: Standing,
    /// Set if a change of this page was on its way: its answer may release the session, and is
    /// nobody else's doing.
    pub is_settling: bool,
}

/// A change that overtook a card while it was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overtaken {
    /// The task was removed.
    Gone,
    /// A session took it.
    Claimed {
        /// The session.
        by: String,
    },
    /// It went to another column.
    Moved {
        /// The column.
        to: Status,
    },
    /// The session that held it let go of it.
    Released,
    /// It has another priority, and with that another place.
    Reprioritized,
}

impl Standing {
    /// Returns where a card stands.
    pub fn of(card: &TaskCard) -> Self {
        Self {
            status: card.status,
            session: card.session.clone(),
            priority: card.priority,
        }
    }

    /// Returns the change that brings a card from `now` back to this standing; fields that are
    /// equal are left out.
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
    /// Takes a snapshot of a card that no change of this page is pending for.
    pub fn of(card: &TaskCard) -> Self {
        Self {
            task: card.id.clone(),
            number: card.number,
            rev: card.rev,
            standing: Standing::of(card),
            is_settling: false,
        }
    }

    /// Decides whether the card may be put down, given what it is now.
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

    /// Decides whether a newer version of the row is what a move to `target` made of it: the move
    /// took effect, and only its answer was lost.
    pub fn has_become(&self, target: &Standing, now: &TaskCard) -> bool {
        // The server may end a session with the work.
        let is_expected_session = now.session == target.session || now.session.is_none();
        now.id == self.task
            && now.status == target.status
            && now.priority == target.priority
            && is_expected_session
    }
}
