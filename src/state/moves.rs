//! Moves of cards: based on the version that was seen at pick-up, and undone in the version that
//! they left.

use std::rc::Rc;

use futures_channel::oneshot;
use tasktree_protocol::error::code;
use tasktree_protocol::{AgentId, Command, Maybe, Status, TaskCard, TaskId, TaskPatch, WireError};

use super::board::BoardState;
use super::core::Core;
use super::delivery::Attempt;
use super::intents::{Done, Intent, bound_to, outcome};
use super::move_log::{MoveId, Moved, Taken};
use super::pick_up::{Overtaken, PickUp, Standing};
use super::rows::Overlay;
use crate::net::new_command_id;

/// Reason why a move was not undone.
#[derive(Clone, Debug, PartialEq)]
pub enum NotUndone {
    /// It never took effect or was undone before; the code that did so has reported it.
    Over,
    /// The task has changed since.
    Overtaken(PickUp, Overtaken),
    /// The server refused it, or no answer came.
    Refused(PickUp, WireError),
}

impl BoardState {
    /// Takes a snapshot of a card that is picked up. Returns `None` if the board has no such card.
    pub fn pick_up(&self, id: &TaskId) -> Option<PickUp> {
        let core = self.core()?;
        let pick = core.rows.borrow().pick_up(id)?;
        let epoch = core.sync.epoch.borrow().clone();
        Some(PickUp { epoch, ..pick })
    }

    /// Decides whether a card that was picked up may be put down now.
    ///
    /// # Errors
    /// The change that a drop would overwrite.
    pub fn judge(&self, pick: &PickUp) -> Result<(), Overtaken> {
        pick.judge(self.card(&pick.task).as_ref())
    }

    /// Moves a task, in its current state, to a column at once; see [`Self::put_down`].
    pub fn move_task(
        &self,
        id: TaskId,
        status: Status,
    ) -> impl Future<Output = Result<(), WireError>> + use<> {
        let put = self
            .pick_up(&id)
            .map(|pick| self.put_down(&pick, status, None));
        async move {
            match put {
                Some((_, answer)) => answer.await,
                None => Err(WireError::new(
                    code::NOT_FOUND,
                    format!("There is no task {id} on the board."),
                )),
            }
        }
    }

    /// Puts a card down in a column at once. Returns the id of the move, by which it is undone, and
    /// the server's answer, which need not be awaited.
    ///
    /// If somebody else has moved, claimed or removed the task since the pick-up, their change
    /// stands (code `conflict` or `not_found`); a change of its other fields is no reason to
    /// refuse. A task that an agent works on is moved only if `take` names that agent (code
    /// `claimed`).
    pub fn put_down(
        &self,
        pick: &PickUp,
        status: Status,
        take: Option<AgentId>,
    ) -> (
        Option<MoveId>,
        impl Future<Output = Result<(), WireError>> + use<>,
    ) {
        let patch = TaskPatch {
            status: Maybe::Value(status),
            ..TaskPatch::default()
        };
        let target = Standing {
            status,
            ..pick.standing.clone()
        };
        self.stand(pick, patch, target, take)
    }

    /// Gives a task to an agent at once, which claims it. Returns the same as [`Self::put_down`].
    pub fn give(
        &self,
        pick: &PickUp,
        agent: &AgentId,
    ) -> (
        Option<MoveId>,
        impl Future<Output = Result<(), WireError>> + use<>,
    ) {
        let patch = TaskPatch {
            status: Maybe::Value(Status::InProgress),
            session: Maybe::Value(agent.to_string()),
            ..TaskPatch::default()
        };
        let target = Standing {
            status: Status::InProgress,
            session: Some(agent.to_string()),
            ..pick.standing.clone()
        };
        self.stand(pick, patch, target, None)
    }

    fn stand(
        &self,
        pick: &PickUp,
        patch: TaskPatch,
        target: Standing,
        take: Option<AgentId>,
    ) -> (
        Option<MoveId>,
        impl Future<Output = Result<(), WireError>> + use<>,
    ) {
        let (id, done) = match self.core() {
            Some(core) => {
                let command = new_command_id();
                let id = core.moves.borrow_mut().begin(pick, &command);
                let done = core.change_standing(&command, pick, patch, target, take, Some(id));
                (Some(id), Some(done))
            }
            None => (None, None),
        };
        (id, async move { outcome(done).await.map(drop) })
    }

    /// Undoes a move: restores status, session and priority, unless somebody has changed one of
    /// them since. A task that an agent works on is moved back only if `take` names that agent.
    ///
    /// # Errors
    /// The reason why it was not undone.
    pub fn undo_move(
        &self,
        id: MoveId,
        take: Option<AgentId>,
    ) -> impl Future<Output = Result<Moved, NotUndone>> + use<> {
        // Now, and not when the future runs: pressing keys quickly undoes one move each.
        let begun = self.core().and_then(|core| {
            let taken = core.moves.borrow_mut().take(id)?;
            // Its turn ends when the board shows it undone: only then can the move before it be
            // compared with the board.
            let (turn, ended) = oneshot::channel::<()>();
            let before = core.undo_turn.replace(Some(ended));
            Some((taken, before, turn))
        });
        let board = *self;
        async move {
            let (taken, before, turn) = begun.ok_or(NotUndone::Over)?;
            if let Some(before) = before {
                // An error means that it has ended.
                let _ = before.await;
            }
            let moved = match taken {
                Taken::Settled(moved) => moved,
                Taken::Pending(command, answer) => {
                    // A command that is under way stays, and is undone once it took effect.
                    if let Some(core) = board.core() {
                        core.unsent.discard(&command);
                    }
                    answer.await.ok().flatten().ok_or(NotUndone::Over)?
                }
            };
            let core = board.core().ok_or(NotUndone::Over)?;
            core.undo(moved, take, turn).await
        }
    }
}

impl Core {
    /// Changes the standing of a card, based on the version of the snapshot.
    fn change_standing(
        self: &Rc<Self>,
        command: &str,
        seen: &PickUp,
        patch: TaskPatch,
        target: Standing,
        take: Option<AgentId>,
        makes_move: Option<MoveId>,
    ) -> Done {
        let (task, seen) = (seen.task.clone(), seen.clone());
        let update = Command::UpdateTask {
            project_id: self.project.clone(),
            task: task.clone(),
            patch: patch.clone(),
            if_rev: Some(seen.rev).filter(|rev| *rev > 0),
            take,
            bound: bound_to(seen.epoch.clone()),
        };
        let intent = Intent {
            command: update,
            overlay: Some((task, Overlay::Patch(Box::new(patch)))),
            is_mergeable: Box::new(move |now, attempt| {
                let now = TaskCard::from(now);
                seen.judge(Some(&now)).is_ok()
                    || (attempt == Attempt::Repeated && seen.has_become(&target, &now))
            }),
            makes_move,
        };
        self.intend(command, intent)
    }

    /// Records the outcome of a move in the log. Returns true if the move is being undone.
    pub(super) fn settle_move(&self, id: Option<MoveId>, card: Option<&TaskCard>) -> bool {
        id.is_some_and(|id| self.moves.borrow_mut().settle(id, card))
    }

    async fn undo(
        self: Rc<Self>,
        moved: Moved,
        take: Option<AgentId>,
        turn: oneshot::Sender<()>,
    ) -> Result<Moved, NotUndone> {
        let after = moved.after.clone();
        let now = self.rows.borrow().view(&after.task).cloned();
        after
            .judge(now.as_ref())
            .map_err(|what| NotUndone::Overtaken(after.clone(), what))?;
        let patch = moved.before.restore_from(&after.standing);
        let target = moved.before.clone();
        let done = self.change_standing(&new_command_id(), &after, patch, target, take, None);
        drop(turn);
        match outcome(Some(done)).await {
            Ok(card) => {
                if let Some(card) = card {
                    self.moves.borrow_mut().rebase(&card);
                }
                Ok(moved)
            }
            Err(error) => Err(match overtaken_by(&after, &error) {
                Some(what) => NotUndone::Overtaken(after, what),
                None => {
                    // The server may accept later what it refuses now.
                    self.moves.borrow_mut().put_back(moved);
                    NotUndone::Refused(after, error)
                }
            }),
        }
    }
}

/// Returns the change that overtook the snapshot, if the server refused a request because of one.
pub fn overtaken_by(seen: &PickUp, error: &WireError) -> Option<Overtaken> {
    match error.code.as_str() {
        code::NOT_FOUND => Some(Overtaken::Gone),
        code::CONFLICT => seen.judge(Some(&error.current_row()?)).err(),
        _ => None,
    }
}
