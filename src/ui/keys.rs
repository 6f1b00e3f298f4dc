//! The keys that are the page's own: keys with modifiers stay with the browser and the system.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent};

/// Kinds of `<input>` in which nobody types.
const NOT_TYPED: [&str; 9] = [
    "button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit",
];

/// Returns true for a key without Alt, Control, Meta and AltGraph. With one of them it belongs to
/// the browser, the system or the layout, unless it is one of the few that the page documents.
pub fn is_plain(event: &KeyboardEvent) -> bool {
    let is_modified = event.alt_key()
        || event.ctrl_key()
        || event.meta_key()
        || event.get_modifier_state("AltGraph");
    !is_modified
}

/// Returns true for a plain key without Shift: Shift+Escape opens the task manager of some
/// browsers.
pub fn is_bare(event: &KeyboardEvent) -> bool {
    is_plain(event) && !event.shift_key()
}

/// Returns true for the key that undoes: Ctrl+Z, on a Mac Cmd+Z.
pub fn is_undo(event: &KeyboardEvent) -> bool {
    let (command, other) = if is_mac() {
        (event.meta_key(), event.ctrl_key())
    } else {
        (event.ctrl_key(), event.meta_key())
    };
    let key = event.key();
    // A layout without Latin letters says where the key lies.
    let is_z = key.eq_ignore_ascii_case("z") || (!key.is_ascii() && event.code() == "KeyZ");
    is_z && command && !(other || event.alt_key() || event.shift_key() || event.is_composing())
}

/// Returns true on a Mac and its relatives.
pub fn is_mac() -> bool {
    let platform = window().navigator().platform().unwrap_or_default();
    platform.starts_with("Mac") || platform.starts_with("iP")
}

/// Returns true for an element in which somebody types, so that undoing is about its text.
pub fn is_text_field(element: &Element) -> bool {
    if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        return !NOT_TYPED.contains(&input.type_().as_str());
    }
    matches!(
        element.closest("textarea, [contenteditable]:not([contenteditable=false])"),
        Ok(Some(_))
    )
}
