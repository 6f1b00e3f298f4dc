//! The events that a gesture hears, until the board's element goes.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent, PointerEvent};

use super::BoardDrag;
use crate::components::board_view::BoardView;
use crate::listener::Listener;

impl BoardDrag {
    /// Has the board's pointer events come here, until its element goes.
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
            // Before the card that was under the pointer hears of it.
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
/// can. Touches are told to what was under the finger when it went down, even if that is no longer
/// in the document: the board alone would not hear them.
pub(super) fn hold_still(target: &Element, view: BoardView) -> Listener {
    Listener::active(target, "touchmove", move |event: Event| {
        let is_held = view.held.try_with_untracked(Option::is_some) == Some(true);
        if is_held && event.cancelable() {
            event.prevent_default();
        }
    })
}
