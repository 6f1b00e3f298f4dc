//! The events of a gesture, handled until the board's element is removed.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent, PointerEvent};

use super::BoardDrag;
use crate::browser::Listener;
use crate::components::board::view::BoardView;

impl BoardDrag {
    /// Listens to the board's pointer events until its element is removed.
    pub fn listen(self) {
        let listeners = StoredValue::new_local(Vec::new());
        Effect::new(move |_| {
            let board = self.board.get();
            listeners.set_value(board.map_or_else(Vec::new, |board| self.listeners(&board)));
        });
    }

    fn listeners(self, board: &Element) -> Vec<Listener> {
        let pointer = |kind, heard: fn(&Self, &PointerEvent)| {
            Listener::new(board, kind, move |event| {
                if let Some(event) = event.dyn_ref() {
                    heard(&self, event);
                }
            })
        };
        vec![
            pointer("pointerdown", Self::press),
            pointer("pointermove", Self::moved),
            pointer("pointerup", Self::release),
            pointer("pointercancel", Self::canceled),
            pointer("lostpointercapture", Self::capture_lost),
            Listener::new(board, "contextmenu", move |event| self.context_menu(&event)),
            // Before the card under the pointer receives it.
            Listener::capturing(board, "click", move |event| {
                if let Some(event) = event.dyn_ref::<MouseEvent>() {
                    self.click(event);
                }
            }),
            hold_still(board, self.view),
        ]
    }
}

/// Keeps a finger that holds a card from scrolling the page; only a listener that is not passive
/// can.
///
/// Touches go to the element that was under the finger at first, even if it is no longer in the
/// document, so a listener on the board alone would miss them.
pub(super) fn hold_still(target: &Element, view: BoardView) -> Listener {
    Listener::active(target, "touchmove", move |event: Event| {
        let is_held = view.held.try_with_untracked(Option::is_some) == Some(true);
        if is_held && event.cancelable() {
            event.prevent_default();
        }
    })
}
