//! Keys that work on every page. The board handles its own.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::address::{Route, View, address_of, path_to, use_address, use_route};
use crate::browser::clock::now_ms;
use crate::browser::listen_on_window;
use crate::ui::keys::{command_key, is_plain};
use crate::ui::preference::{LetterKeys, use_preference};

/// Time after `g` in which a second key belongs to it, in milliseconds.
const SEQUENCE_MS: i64 = 1_000;

/// Listens for `?` and for `g` followed by a view's letter, until the owner ends.
pub(super) fn listen(help: RwSignal<bool>) {
    let place = use_route();
    let address = use_address();
    let letters = use_preference::<LetterKeys>();
    let began_ms = StoredValue::new(0_i64);
    listen_on_window(ev::keydown, move |event| {
        if letters.get_untracked() == LetterKeys::Off || !is_free(&event) {
            return;
        }
        let Some(key) = command_key(&event) else {
            return;
        };
        let is_second = now_ms() - began_ms.get_value() < SEQUENCE_MS;
        began_ms.set_value(if key == "g" { now_ms() } else { 0 });
        let view = match key.as_str() {
            "?" => {
                event.prevent_default();
                help.set(true);
                return;
            }
            "b" if is_second => View::BOARD,
            "a" if is_second => View::Agents,
            "l" if is_second => View::Activity,
            "i" if is_second => {
                event.prevent_default();
                event.stop_immediate_propagation();
                address.go(&address_of(&Route::Inbox));
                return;
            }
            _ => return,
        };
        if let Some(project) = place.with_untracked(|place| place.project().cloned()) {
            event.prevent_default();
            // The second key of a sequence has no other effect.
            event.stop_immediate_propagation();
            address.go(&path_to(&project, view));
        }
    });
}

/// Returns true if a key may be a command: without a modifier, and neither in a field nor in a
/// dialog.
fn is_free(event: &KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let is_typed = target.is_some_and(|target| {
        target
            .closest("input, textarea, select, [contenteditable], dialog[open]")
            .ok()
            .flatten()
            .is_some()
    });
    is_plain(event) && !is_typed && !event.default_prevented()
}
