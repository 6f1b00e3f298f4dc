//! Picking a card up with a mouse, a pen or a finger, and putting it down on a column.
//!
//! ```text
//! idle --press a card--> pressed --mouse: 5 px, finger: 250 ms within 8 px--> dragging
//!                           |                                                    |
//!                           +--release, or the finger scrolls--> idle            |
//! idle <--release, Escape, cancel, the card is gone------------------------------+
//! ```
//! Order in a column follows from priority and number, so a drop chooses a column and nothing else.
//! The gesture knows the card by its id: its element may be unmounted, or created again elsewhere,
//! while it is held. Its handlers change one state, and are in one piece so that every step of the
//! figure can be read beside the others.

mod edges;
mod listeners;

use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{Status, TaskId};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent, PointerEvent};

use self::listeners::hold_still;
use super::view::{BoardView, Hand, Held, task_of};
use crate::browser::Listener;
use crate::state::PickUp;

/// Distance that a pressed mouse moves before it drags the card, in pixels.
const DRAG_THRESHOLD: f64 = 5.0;
/// Time that a finger rests on a card before it picks the card up, in milliseconds.
const LONG_PRESS_MS: u32 = 250;
/// Distance that a resting finger may move, in pixels; more is a scroll.
const TOUCH_SLOP: f64 = 8.0;

struct Pressed {
    pointer: i32,
    task: TaskId,
    start: (f64, f64),
    touch: bool,
    #[expect(dead_code, reason = "dropping it ends the wait")]
    long_press: Option<Timeout>,
    #[expect(dead_code, reason = "dropping it lets the finger scroll again")]
    still: Option<Listener>,
}

/// Takes the snapshot of a card; `None` if it may not be moved.
type TakeSnapshot = Box<dyn Fn(&TaskId) -> Option<PickUp>>;

/// Callbacks of a gesture.
struct Hooks {
    pick_up: TakeSnapshot,
    /// Called with the card that was dropped on another column.
    dropped: Box<dyn Fn(PickUp, Status)>,
    /// Called when a card returns to its column although the person did not choose that.
    put_back: Box<dyn Fn(&Held)>,
}

/// Gesture on one board. Its methods are the handlers of the board's pointer events.
#[derive(Clone, Copy)]
pub struct BoardDrag {
    view: BoardView,
    board: NodeRef<html::Div>,
    pressed: StoredValue<Option<Pressed>, LocalStorage>,
    /// Set if the click that follows a release must not open the card.
    swallow_click: StoredValue<bool>,
    hooks: StoredValue<Hooks, LocalStorage>,
}

impl std::fmt::Debug for BoardDrag {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("BoardDrag")
            .field("view", &self.view)
            .finish_non_exhaustive()
    }
}

impl BoardDrag {
    /// Creates a gesture on `board`. It calls `pick_up` for the snapshot of a card, `dropped` after
    /// a drop on another column, and `put_back` if the browser ended the gesture.
    pub fn new(
        view: BoardView,
        board: NodeRef<html::Div>,
        pick_up: impl Fn(&TaskId) -> Option<PickUp> + 'static,
        dropped: impl Fn(PickUp, Status) + 'static,
        put_back: impl Fn(&Held) + 'static,
    ) -> Self {
        Self {
            view,
            board,
            pressed: StoredValue::new_local(None),
            swallow_click: StoredValue::new(false),
            hooks: StoredValue::new_local(Hooks {
                pick_up: Box::new(pick_up),
                dropped: Box::new(dropped),
                put_back: Box::new(put_back),
            }),
        }
    }

    /// Handles a pointer that was pressed.
    pub fn press(&self, event: &PointerEvent) {
        self.swallow_click.set_value(false);
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        // On a Mac, a press with Control opens the context menu, and its release may never arrive.
        let is_plain = event.button() == 0 && event.is_primary() && !event.ctrl_key();
        let Some(target) = target.filter(|target| is_plain && !is_control(target)) else {
            return;
        };
        let Some(task) = task_of(&target).filter(|task| self.snapshot(task).is_some()) else {
            return;
        };
        let touch = event.pointer_type() == "touch";
        let drag = *self;
        let start = at(event);
        self.view.pointer.set(start);
        self.pressed.set_value(Some(Pressed {
            pointer: event.pointer_id(),
            task,
            start,
            touch,
            long_press: touch.then(|| Timeout::new(LONG_PRESS_MS, move || drag.begin())),
            still: touch.then(|| hold_still(&target, self.view)),
        }));
    }

    /// Follows the pointer.
    pub fn moved(&self, event: &PointerEvent) {
        let at = at(event);
        let pressed = self.pressed.try_with_value(|pressed| {
            let pressed = pressed
                .as_ref()
                .filter(|pressed| pressed.pointer == event.pointer_id())?;
            let distance = (at.0 - pressed.start.0).hypot(at.1 - pressed.start.1);
            Some((distance, pressed.touch))
        });
        let Some((distance, touch)) = pressed.flatten() else {
            return;
        };
        if !touch && event.buttons() == 0 {
            // The button was released unseen: beyond the window, or over a dialog of the browser.
            self.interrupt();
        } else if self.is_dragging() {
            event.prevent_default();
            self.view.pointer.set(at);
            self.look_under(at);
        } else if touch && distance > TOUCH_SLOP {
            self.pressed.set_value(None);
        } else if !touch && distance > DRAG_THRESHOLD {
            self.view.pointer.set(at);
            self.begin();
            self.look_under(at);
        }
    }

    /// Puts the card down at the position of the release.
    pub fn release(&self, event: &PointerEvent) {
        self.forget_click_soon();
        if !self.is_mine(event) {
            return;
        }
        self.pressed.set_value(None);
        if !self.is_dragging() {
            return;
        }
        self.swallow_click.set_value(true);
        // The element under the pointer may have scrolled or changed since it last moved.
        self.look_under(at(event));
        let held = self.view.held.get_untracked();
        self.view.held.set(None);
        if let Some(held) = held
            && let Some(over) = held.over.filter(|over| *over != held.from())
        {
            self.hooks
                .try_with_value(|hooks| (hooks.dropped)(held.pick, over));
        }
    }

    /// Ends the gesture without a drop; the card stays in its column.
    pub fn cancel(&self) {
        let pointer = self
            .pressed
            .try_update_value(|pressed| Some(pressed.take()?.pointer))
            .flatten();
        if !self.is_dragging() {
            return;
        }
        self.view.held.set(None);
        self.swallow_click.set_value(true);
        if let (Some(pointer), Some(board)) = (pointer, self.board.get_untracked()) {
            // It fails if the browser has taken the pointer away already.
            let _ = board.release_pointer_capture(pointer);
        }
    }

    /// Ends the gesture because the browser took the pointer away, for instance to scroll, and
    /// reports that.
    fn interrupt(&self) {
        let held = self.view.held.try_get_untracked().flatten();
        let held = held.filter(|held| held.hand == Hand::Pointer);
        self.cancel();
        self.forget_click_soon();
        if let Some(held) = held {
            self.hooks.try_with_value(|hooks| (hooks.put_back)(&held));
        }
    }

    /// Handles a pointer that the browser took away.
    pub fn canceled(&self, event: &PointerEvent) {
        if self.is_mine(event) {
            self.interrupt();
        }
    }

    /// Handles an element's loss of a pointer's capture.
    pub fn capture_lost(&self, event: &PointerEvent) {
        // The card under a finger loses the capture too, when the board takes it at the pick-up.
        let is_boards = event.target() == event.current_target();
        if is_boards && self.is_mine(event) && self.is_dragging() {
            self.interrupt();
        }
    }

    /// Handles a click in the capture phase: the one that ends a drag is not a click.
    pub fn click(&self, event: &MouseEvent) {
        // Enter and Space click without a pointer: those clicks have no count.
        if event.detail() != 0 && self.swallow_click.try_get_value() == Some(true) {
            self.swallow_click.set_value(false);
            event.stop_propagation();
            event.prevent_default();
        }
    }

    /// Suppresses the context menu of a long press in favor of the drag.
    pub fn context_menu(&self, event: &Event) {
        if self
            .pressed
            .try_with_value(|pressed| pressed.as_ref().is_some_and(|pressed| pressed.touch))
            .unwrap_or_default()
        {
            event.prevent_default();
        }
    }

    /// Stops suppressing the click. The click of this release, if there is one, comes before any
    /// timer; a later click is unrelated.
    fn forget_click_soon(&self) {
        let swallow_click = self.swallow_click;
        spawn_local(async move {
            TimeoutFuture::new(0).await;
            swallow_click.try_update_value(|swallow| *swallow = false);
        });
    }

    fn snapshot(&self, task: &TaskId) -> Option<PickUp> {
        self.hooks
            .try_with_value(|hooks| (hooks.pick_up)(task))
            .flatten()
    }

    fn is_mine(&self, event: &PointerEvent) -> bool {
        // When the board is removed, the browser reports a lost pointer after the state is gone.
        let is_mine = self.pressed.try_with_value(|pressed| {
            pressed
                .as_ref()
                .is_some_and(|pressed| pressed.pointer == event.pointer_id())
        });
        is_mine.unwrap_or_default()
    }

    fn is_dragging(&self) -> bool {
        let is_dragging = self.view.held.try_with_untracked(|held| {
            held.as_ref().is_some_and(|held| held.hand == Hand::Pointer)
        });
        is_dragging.unwrap_or_default()
    }

    fn begin(&self) {
        let pressed = self.pressed.try_with_value(|pressed| {
            let pressed = pressed.as_ref()?;
            Some((pressed.pointer, pressed.task.clone()))
        });
        let Some(Some((pointer, task))) = pressed else {
            return;
        };
        // From here on the person relies on the card's present state, and not on that at the press.
        let Some(pick) = self.snapshot(&task) else {
            self.pressed.set_value(None);
            return;
        };
        if let Some(board) = self.board.get_untracked() {
            // The moves must reach the board wherever the pointer goes, even if the card's element
            // disappears. It fails for a pointer that is up already.
            let _ = board.set_pointer_capture(pointer);
        }
        self.view.focused.set(Some(task));
        self.view.held.set(Some(Held::new(pick, Hand::Pointer)));
        self.scroll_at_edges();
    }

    fn look_under(&self, (x, y): (f64, f64)) {
        #[expect(clippy::cast_possible_truncation, reason = "window coordinates fit")]
        let under = document().element_from_point(x as f32, y as f32);
        let over = under
            .and_then(|under| under.closest("[data-drop]").ok().flatten())
            .and_then(|column| column.get_attribute("data-drop"))
            .and_then(|name| Status::from_name(&name));
        if self
            .view
            .held
            .with_untracked(|held| held.as_ref().is_some_and(|held| held.over != over))
        {
            self.view.held.update(|held| {
                if let Some(held) = held {
                    held.over = over;
                }
            });
        }
    }
}

/// Returns the position of a pointer, in pixels of the window.
fn at(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}

fn is_control(element: &Element) -> bool {
    matches!(
        element.closest("button, input, select, textarea, .task-card-reply, [role=menu]"),
        Ok(Some(_))
    )
}
