//! What a person is doing on the board just now: which card has the focus, which one is in the hand, which menu is open.
//!
//! None of it is the project's state, and none of it is changed by messages: a change that comes from elsewhere never moves the focus.

use futures_channel::oneshot;
use leptos::prelude::*;
use tasktree_protocol::{AgentId, Status, TaskId};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::board_motion::Departures;
use super::new_task::{NewTaskDraft, use_new_task};
use crate::state::PickUp;
use crate::ui::{before_next_paint, focus_in_place, focus_next, is_focus_lost};

/// With what a card was picked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// Mouse, pen or finger.
    Pointer,
    /// The space bar.
    Keyboard,
}

/// A card in the hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The card as it was when it was picked up.
    pub pick: PickUp,
    /// Over which column it is; none where dropping it changes nothing.
    pub over: Option<Status>,
    /// How it is held.
    pub hand: Hand,
}

impl Held {
    /// Puts a card that was just picked up into a hand, over its own column.
    pub fn new(pick: PickUp, hand: Hand) -> Self {
        Self {
            over: Some(pick.standing.status),
            pick,
            hand,
        }
    }

    /// Returns the column where it was picked up.
    pub fn from(&self) -> Status {
        self.pick.standing.status
    }
}

/// A task that an agent works on, until the person says whether to take it from the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// The task.
    pub task: TaskId,
    /// Its number.
    pub number: u64,
    /// The agent.
    pub holder: AgentId,
}

/// Answer to the question whether to take a task from its agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// The person takes it.
    Yes,
    /// The person does not, or was asked something else, or has left the board.
    No,
    /// The task was removed meanwhile.
    Gone,
}

/// The handle to all of it, a context of everything in and over the board.
#[derive(Clone, Copy, Debug)]
pub struct BoardView {
    /// The card that the arrow keys start from.
    pub focused: RwSignal<Option<TaskId>>,
    /// The card in the hand.
    pub held: RwSignal<Option<Held>>,
    /// The task that the person is asked about.
    pub asking: RwSignal<Option<Asking>>,
    /// Hears what the person says.
    asked: StoredValue<Option<oneshot::Sender<Taking>>, LocalStorage>,
    /// Where the pointer is that holds it, in pixels of the window.
    pub pointer: RwSignal<(f64, f64)>,
    /// The one card that Tab reaches: the focused one, or the first where that one is not on the board.
    pub stop: RwSignal<Option<TaskId>>,
    /// The task whose merge is shown.
    pub merging: RwSignal<Option<TaskId>>,
    /// The task that is being added.
    pub new_task: NewTaskDraft,
    /// The column that a narrow window shows.
    pub tab: RwSignal<Status>,
    /// Whether the focus was last seen in the focused card: a card that moves is made anew, and takes the focus along.
    within: StoredValue<bool>,
    /// Cards that have just left a column.
    pub(super) departed: StoredValue<Departures>,
}

/// The board view of the surroundings; makes one for everything below where there is none yet, so that the board and the
/// drawer over it share it whichever is made first.
pub fn use_board_view() -> BoardView {
    use_context::<BoardView>().unwrap_or_else(provide_board_view)
}

/// Makes a board view for everything below.
pub fn provide_board_view() -> BoardView {
    let new_task = use_new_task();
    // A form that somebody was writing in is there again; another was done with.
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
        new_task,
        tab: RwSignal::new(Status::Unclaimed),
        within: StoredValue::new(false),
        departed: StoredValue::default(),
    };
    provide_context(view);
    view
}

impl BoardView {
    /// Asks whether a task is to be taken from the agent that works on it.
    pub fn ask_to_take(&self, about: Asking) -> impl Future<Output = Taking> + use<> {
        let (sender, answer) = oneshot::channel();
        // Where the board was left there is nobody to ask, and the task stays the agent's.
        self.asked.try_set_value(Some(sender));
        self.asking.try_set(Some(about));
        async move { answer.await.unwrap_or(Taking::No) }
    }

    /// Takes the answer to the question that is open, if one is.
    pub fn settle_taking(&self, answer: Taking) {
        self.asking.set(None);
        if let Some(asked) = self.asked.try_update_value(Option::take).flatten() {
            // Nobody may wait for it any more.
            let _ = asked.send(answer);
        }
    }

    /// Closes the form for a new task, and keeps what is in it. The focus stays near, at what opens it again.
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

    /// Moves the focus to a card, and scrolls to it. The card is mounted for it where it is not.
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

    /// Gives the focus to a card when what lay over it has gone, by whatever way: by its button, or by "back". Whoever has put it elsewhere
    /// by then keeps it.
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

    /// Gives the focus to the focused card, or to the one that took its place, if the element that
    /// had it is gone.
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

    /// Notes that the focus is now at `target`.
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

    /// Gives the focus back to the focused card, where its element was made anew and the focus fell to the page.
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

    /// Whether that card is in the hand.
    pub fn holds(&self, task: &TaskId) -> bool {
        self.held
            .with(|held| held.as_ref().is_some_and(|held| held.pick.task == *task))
    }
}

/// The task of the card that `element` is in.
pub fn task_of(element: &Element) -> Option<TaskId> {
    let card = element.closest("[data-task]").ok().flatten()?;
    card.get_attribute("data-task").map(TaskId::from)
}

/// The mounted card of a task.
pub fn card_element(task: &TaskId) -> Option<HtmlElement> {
    let cards = document().query_selector_all("[data-task]").ok()?;
    // Compared here rather than in a selector: a task's identifier may hold any letter.
    (0..cards.length())
        .filter_map(|index| cards.get(index)?.dyn_into::<HtmlElement>().ok())
        .find(|card| card.get_attribute("data-task").as_deref() == Some(task.as_str()))
}
