//! The person's interaction with the board: the focused card, the held card, the open menu.
//!
//! None of it is the project's state, and no message changes it: a change by somebody else never
//! moves the focus.

use futures_channel::oneshot;
use leptos::prelude::*;
use tasktree_protocol::{AgentId, Status, TaskId};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::motion::Departures;
use super::new_task::{NewTaskDraft, use_new_task};
use crate::browser::before_next_paint;
use crate::state::PickUp;
use crate::ui::{focus_in_place, focus_next, is_focus_lost};

/// Means by which a card was picked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// Mouse, pen or finger.
    Pointer,
    /// Space bar.
    Keyboard,
}

/// Card that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Snapshot of the card at pick-up.
    pub pick: PickUp,
    /// Column under the card; `None` if a drop there changes nothing.
    pub over: Option<Status>,
    /// Means by which it is held.
    pub hand: Hand,
}

impl Held {
    /// Creates a held card that was just picked up, over its own column.
    pub fn new(pick: PickUp, hand: Hand) -> Self {
        Self {
            over: Some(pick.standing.status),
            pick,
            hand,
        }
    }

    /// Returns the column in which it was picked up.
    pub fn from(&self) -> Status {
        self.pick.standing.status
    }
}

/// Question whether to take a task from the agent that works on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Id of the task.
    pub task: TaskId,
    /// Number of the task.
    pub number: u64,
    /// Agent that works on it.
    pub holder: AgentId,
}

/// Answer to the question whether to take a task from its agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// The person takes it.
    Yes,
    /// The person does not take it, was asked something else, or has left the board.
    No,
    /// The task was removed meanwhile.
    Gone,
}

/// Handle to the interaction state, a context of everything in and over the board.
#[derive(Clone, Copy, Debug)]
pub struct BoardView {
    /// Card that the arrow keys start from.
    pub focused: RwSignal<Option<TaskId>>,
    /// Card that is held.
    pub held: RwSignal<Option<Held>>,
    /// Question that is open.
    pub asking: RwSignal<Option<Asking>>,
    /// Sender of the person's answer.
    asked: StoredValue<Option<oneshot::Sender<Taking>>, LocalStorage>,
    /// Position of the pointer that holds the card, in pixels of the window.
    pub pointer: RwSignal<(f64, f64)>,
    /// Card that Tab reaches: the focused one, or the first if that one is not on the board.
    pub stop: RwSignal<Option<TaskId>>,
    /// Task whose merge is shown.
    pub merging: RwSignal<Option<TaskId>>,
    /// Task whose agent is being answered in its card.
    pub replying: RwSignal<Option<TaskId>>,
    /// Draft of a new task.
    pub new_task: NewTaskDraft,
    /// Column that a narrow window shows.
    pub tab: RwSignal<Status>,
    /// Set if the focus was last seen in the focused card: a card that moves gets a new element,
    /// which takes the focus along.
    within: StoredValue<bool>,
    /// Cards that have just left a column.
    pub(super) departed: StoredValue<Departures>,
}

/// Returns the board view, or creates one for everything below if there is none yet. The board and
/// the drawer over it share it, whichever is created first.
pub fn use_board_view() -> BoardView {
    use_context::<BoardView>().unwrap_or_else(provide_board_view)
}

/// Creates a board view for everything below.
pub fn provide_board_view() -> BoardView {
    let new_task = use_new_task();
    // A form with a draft opens again; an empty one stays closed.
    new_task
        .is_open
        .update(|is_open| *is_open &= !untrack(|| new_task.is_empty()));
    let view = BoardView {
        focused: RwSignal::new(None),
        held: RwSignal::new(None),
        asking: RwSignal::new(None),
        asked: StoredValue::new_local(None),
        pointer: RwSignal::new((0.0, 0.0)),
        stop: RwSignal::new(None),
        merging: RwSignal::new(None),
        replying: RwSignal::new(None),
        new_task,
        tab: RwSignal::new(Status::Unclaimed),
        within: StoredValue::new(false),
        departed: StoredValue::default(),
    };
    provide_context(view);
    view
}

impl BoardView {
    /// Asks whether to take a task from the agent that works on it.
    pub fn ask_to_take(&self, about: Asking) -> impl Future<Output = Taking> + use<> {
        let (sender, answer) = oneshot::channel();
        // If the board was left there is nobody to ask, and the task stays the agent's.
        self.asked.try_set_value(Some(sender));
        self.asking.try_set(Some(about));
        async move { answer.await.unwrap_or(Taking::No) }
    }

    /// Answers the open question, if there is one.
    pub fn settle_taking(&self, answer: Taking) {
        self.asking.set(None);
        if let Some(asked) = self.asked.try_update_value(Option::take).flatten() {
            // The receiver may be gone.
            let _ = asked.send(answer);
        }
    }

    /// Closes the form for a new task, and keeps its draft. The focus stays near, on the button
    /// that opens it again.
    pub fn stop_adding(&self) {
        self.new_task.is_open.set(false);
        focus_next(
            document()
                .query_selector(".board-empty, .column")
                .ok()
                .flatten(),
            ".icon-button, .button",
        );
    }

    /// Moves the focus to a card, and scrolls to it. The card is mounted first if necessary.
    pub fn focus(&self, task: &TaskId) {
        // The answer to a command may come after the board was left.
        if self.focused.try_set(Some(task.clone())).is_some() {
            return;
        }
        self.within.try_update_value(|within| *within = true);
        let view = *self;
        // A card that was far away is mounted first.
        before_next_paint(move || view.restore_focus(true));
    }

    /// Moves the focus to a card after an overlay has closed, by its button or by "back". Does
    /// nothing if the focus has been placed elsewhere by then.
    pub fn fall_back_to(&self, task: &TaskId) {
        if self.focused.try_set(Some(task.clone())).is_some() {
            return;
        }
        self.within.try_update_value(|within| *within = true);
        let view = *self;
        before_next_paint(move || {
            if is_focus_lost() {
                view.restore_focus(true);
            }
        });
    }

    /// Moves the focus to the focused card, or to its replacement, if the element that had the
    /// focus is gone.
    pub fn reclaim_focus(&self) {
        let view = *self;
        before_next_paint(move || {
            if is_focus_lost()
                && view
                    .within
                    .try_update_value(|within| *within = true)
                    .is_some()
            {
                view.restore_focus(true);
            }
        });
    }

    /// Records that the focus is now at `target`.
    pub fn focus_seen(&self, target: Option<&Element>) {
        match target.and_then(task_of) {
            Some(task) => {
                self.within.set_value(true);
                if self
                    .focused
                    .with_untracked(|focused| focused.as_ref() != Some(&task))
                {
                    self.focused.set(Some(task));
                }
            }
            None => self.within.set_value(false),
        }
    }

    /// Returns the focus to the focused card if its element was created again and the focus fell to
    /// the page.
    pub fn restore_focus(&self, scroll: bool) {
        if self.within.try_get_value() != Some(true) {
            return;
        }
        let Some(Some(task)) = self.focused.try_get_untracked() else {
            return;
        };
        let Some(card) = card_element(&task) else {
            return;
        };
        if scroll {
            let _ = card.focus();
        } else if is_focus_lost() {
            focus_in_place(&card);
        }
    }

    /// Returns true if that card is held.
    pub fn holds(&self, task: &TaskId) -> bool {
        self.held
            .with(|held| held.as_ref().is_some_and(|held| held.pick.task == *task))
    }
}

/// Returns the task of the card that contains `element`.
pub fn task_of(element: &Element) -> Option<TaskId> {
    let card = element.closest("[data-task]").ok().flatten()?;
    card.get_attribute("data-task").map(TaskId::from)
}

/// Returns the mounted card of a task.
pub fn card_element(task: &TaskId) -> Option<HtmlElement> {
    let cards = document().query_selector_all("[data-task]").ok()?;
    // Compared here rather than in a selector: a task's id may contain any character.
    (0..cards.length())
        .filter_map(|index| cards.get(index)?.dyn_into::<HtmlElement>().ok())
        .find(|card| card.get_attribute("data-task").as_deref() == Some(task.as_str()))
}
