//! Picking a card up with a mouse, a pen or a finger, and putting it down on a column.
//!
//! ```text
//! idle --press a card--> pressed --mouse: 5 px, finger: 250 ms without 8 px of movement--> dragging --release--> idle
//!                           |                                                                  |
//!                           +--release, or the finger scrolls--> idle        Escape, cancel ---+
//! ```
//! Order in a column follows from priority and number, so a drop chooses a column and nothing else.

mod edges;

use gloo_timers::callback::Timeout;
use leptos::ev;
use leptos::html;
use leptos::html::ElementExt;
use leptos::prelude::*;
use tasktree_protocol::{Status, TaskId};
use wasm_bindgen::convert::FromWasmAbi;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{AddEventListenerOptions, Element, Event, MouseEvent, PointerEvent};

use super::board_view::{BoardView, Hand, Held, task_of};

/// A mouse that moved this far with a card under it drags the card, in pixels.
const DRAG_THRESHOLD: f64 = 5.0;
/// A finger that rests this long on a card picks it up, in milliseconds.
const LONG_PRESS_MS: u32 = 250;
/// A resting finger may tremble this far, in pixels; more is a scroll.
const TOUCH_SLOP: f64 = 8.0;
/// Says where a card is.
type StatusOf = Box<dyn Fn(&TaskId) -> Option<Status>>;
/// Hears which card was dropped on which column.
type Dropped = Box<dyn Fn(TaskId, Status)>;

struct Pressed {
    pointer: i32,
    task: TaskId,
    from: Status,
    start: (f64, f64),
    touch: bool,
    #[expect(dead_code, reason = "dropping it ends the wait")]
    long_press: Option<Timeout>,
}

/// The gesture on one board. Its methods are the handlers of the board's pointer events.
#[derive(Clone, Copy)]
pub struct BoardDrag {
    view: BoardView,
    board: NodeRef<html::Div>,
    pressed: StoredValue<Option<Pressed>, LocalStorage>,
    /// The click that follows a release must not open the card.
    swallow_click: StoredValue<bool>,
    status_of: StoredValue<StatusOf, LocalStorage>,
    dropped: StoredValue<Dropped, LocalStorage>,
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
    /// A gesture on `board` that asks `status_of` where a card is and calls `dropped` where it was put on another column.
    pub fn new(
        view: BoardView,
        board: NodeRef<html::Div>,
        status_of: impl Fn(&TaskId) -> Option<Status> + 'static,
        dropped: impl Fn(TaskId, Status) + 'static,
    ) -> Self {
        Self {
            view,
            board,
            pressed: StoredValue::new_local(None),
            swallow_click: StoredValue::new(false),
            status_of: StoredValue::new_local(Box::new(status_of)),
            dropped: StoredValue::new_local(Box::new(dropped)),
        }
    }

    /// Has the board's pointer events come here, until its element goes.
    pub fn listen(self) {
        let listeners = StoredValue::new_local(None);
        Effect::new(move |_| {
            let Some(board) = self.board.get() else {
                return;
            };
            let board: Element = board.into();
            listeners.set_value(Some((
                board.on(ev::pointerdown, move |event| self.press(&event)),
                board.on(ev::pointermove, move |event| self.moved(&event)),
                board.on(ev::pointerup, move |event| self.release(&event)),
                board.on(ev::pointercancel, move |_| self.cancel()),
                board.on(ev::contextmenu, move |event| self.context_menu(&event)),
            )));
        });
        // Before the card that was under the pointer hears of it.
        let capture = AddEventListenerOptions::new();
        capture.set_capture(true);
        self.listen_with("click", capture, move |event: MouseEvent| {
            self.click(&event);
        });
        self.hold_still_under_a_dragging_finger();
    }

    /// Listens to the board's element with options that views do not have.
    fn listen_with<E: FromWasmAbi + 'static>(
        self,
        name: &'static str,
        options: AddEventListenerOptions,
        heard: impl Fn(E) + 'static,
    ) {
        let heard = StoredValue::new_local(Closure::<dyn Fn(E)>::new(heard));
        Effect::new(move |_| {
            let Some(board) = self.board.get() else {
                return;
            };
            heard.with_value(|heard| {
                // It fails for no name and no option.
                let _ = board.add_event_listener_with_callback_and_add_event_listener_options(
                    name,
                    heard.as_ref().unchecked_ref(),
                    &options,
                );
            });
        });
    }

    /// A pointer went down.
    pub fn press(&self, event: &PointerEvent) {
        self.swallow_click.set_value(false);
        let Some(target) = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
        else {
            return;
        };
        if event.button() != 0 || !event.is_primary() || is_control(&target) {
            return;
        }
        let Some(task) = task_of(&target) else { return };
        let Some(from) = self.status_of.with_value(|status_of| status_of(&task)) else {
            return;
        };
        let touch = event.pointer_type() == "touch";
        let drag = *self;
        let long_press = touch.then(|| Timeout::new(LONG_PRESS_MS, move || drag.begin()));
        let start = (f64::from(event.client_x()), f64::from(event.client_y()));
        self.view.pointer.set(start);
        let pointer = event.pointer_id();
        self.pressed.set_value(Some(Pressed {
            pointer,
            task,
            from,
            start,
            touch,
            long_press,
        }));
    }

    /// The pointer moved.
    pub fn moved(&self, event: &PointerEvent) {
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
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
        if self.is_dragging() {
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

    /// The pointer went up.
    pub fn release(&self, event: &PointerEvent) {
        // The click of this release, if there is one, comes before any timer; a later click is another's.
        let swallow_click = self.swallow_click;
        Timeout::new(0, move || {
            swallow_click.try_update_value(|swallow| *swallow = false);
        })
        .forget();
        if !self.is_mine(event) {
            return;
        }
        self.pressed.set_value(None);
        if !self.is_dragging() {
            return;
        }
        self.swallow_click.set_value(true);
        let held = self.view.held.get_untracked();
        self.view.held.set(None);
        if let Some(Held {
            task,
            over: Some(over),
            from,
            ..
        }) = held
            && over != from
        {
            self.dropped.try_with_value(|dropped| dropped(task, over));
        }
    }

    /// The browser took the pointer away, for instance to scroll, or Escape was pressed.
    pub fn cancel(&self) {
        self.pressed.set_value(None);
        if self.is_dragging() {
            self.swallow_click.set_value(true);
            self.view.held.set(None);
        }
    }

    /// A click, in the capture phase: the one that ends a drag is none.
    pub fn click(&self, event: &MouseEvent) {
        // Enter and Space click without a pointer: those clicks have no count.
        if event.detail() != 0 && self.swallow_click.try_get_value() == Some(true) {
            self.swallow_click.set_value(false);
            event.stop_propagation();
            event.prevent_default();
        }
    }

    /// The menu that a long press asks for gives way to the drag.
    pub fn context_menu(&self, event: &MouseEvent) {
        if self
            .pressed
            .try_with_value(|pressed| pressed.as_ref().is_some_and(|pressed| pressed.touch))
            .unwrap_or_default()
        {
            event.prevent_default();
        }
    }

    fn is_mine(&self, event: &PointerEvent) -> bool {
        // The browser tells of a pointer that it takes away with its element, when the board is gone already.
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
        let held = self.pressed.try_with_value(|pressed| {
            let Pressed {
                task,
                from,
                pointer,
                ..
            } = pressed.as_ref()?;
            if let Some(board) = self.board.get_untracked() {
                // The moves must reach the board wherever the pointer goes. It fails for a pointer that is up already.
                let _ = board.set_pointer_capture(*pointer);
            }
            Some(Held {
                task: task.clone(),
                from: *from,
                over: Some(*from),
                hand: Hand::Pointer,
            })
        });
        let Some(Some(held)) = held else { return };
        self.view.held.set(Some(held));
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

    /// A finger that holds a card must not scroll the page; only a listener that is not passive can say so.
    fn hold_still_under_a_dragging_finger(self) {
        let active = AddEventListenerOptions::new();
        active.set_passive(false);
        self.listen_with("touchmove", active, move |event: Event| {
            if self.view.held.try_with_untracked(Option::is_some) == Some(true)
                && event.cancelable()
            {
                event.prevent_default();
            }
        });
    }
}

fn is_control(element: &Element) -> bool {
    matches!(
        element.closest("button, input, select, textarea, [role=menu]"),
        Ok(Some(_))
    )
}
