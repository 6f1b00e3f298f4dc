//! The key that undoes moves: Ctrl+Z, on a Mac Cmd+Z, outside of text fields.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::ui::keys::{is_text_field, is_undo};

/// Returns true for the key that undoes a move. Dialogs, menus and fields with text have their own
/// undo.
pub(super) fn is_asked_for(event: &KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    is_undo(event)
        && !event.default_prevented()
        && !target.is_some_and(|target| is_text_field(&target))
        && matches!(
            document().query_selector("dialog[open], .menu:popover-open"),
            Ok(None)
        )
}
