//! Whose key it is: what the browser and the system do with modifiers stays theirs.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent};

/// Kinds of `<input>` in which nobody types.
const NOT_TYPED: [&str; 9] = [
    "button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit",
];

/// Whether a key is pressed without Alt, Control, Meta and AltGraph: with one of them it belongs to the browser, the system or the
/// layout, unless it is one of the few that the page documents.
pub fn is_plain(event: &KeyboardEvent) -> bool {
    let is_modified = event.alt_key()
        || event.ctrl_key()
        || event.meta_key()
        || event.get_modifier_state("AltGraph");
    !is_modified
}

/// Whether a key is plain, and Shift is not down either: for Escape, which opens the task manager of some browsers with it.
pub fn is_bare(event: &KeyboardEvent) -> bool {
    is_plain(event) && !event.shift_key()
}

/// Whether that is the key for undoing: Ctrl+Z, on a Mac Cmd+Z.
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

/// Whether the keyboard is a Mac's.
pub fn is_mac() -> bool {
    let platform = window().navigator().platform().unwrap_or_default();
    platform.starts_with("Mac") || platform.starts_with("iP")
}

/// Whether somebody types there, so that undoing is about the text.
pub fn is_text_field(element: &Element) -> bool {
    if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        return !NOT_TYPED.contains(&input.type_().as_str());
    }
    matches!(
        element.closest("textarea, [contenteditable]:not([contenteditable=false])"),
        Ok(Some(_))
    )
}
