//! Recovery of the focus when the focused element disappears. Otherwise it falls to the page, and
//! people who use the keyboard have to start over.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

use crate::browser::before_next_paint;

/// Returns true if the focused element is gone, so that nothing has the focus. Browsers leave it
/// with a closed dialog until the next paint.
pub fn is_focus_lost() -> bool {
    document().active_element().is_none_or(|active| {
        active.tag_name() == "BODY" || matches!(active.closest("dialog:not([open])"), Ok(Some(_)))
    })
}

/// Focuses the first `selector` below `place`, once the current changes are in the document. Does
/// nothing if the focus has been placed elsewhere by then.
pub fn focus_next(place: Option<Element>, selector: &'static str) {
    before_next_paint(move || {
        if !is_focus_lost() {
            return;
        }
        let found = place
            .and_then(|place| place.query_selector(selector).ok().flatten())
            .and_then(|element| element.dyn_into::<HtmlElement>().ok());
        if let Some(element) = found {
            // An element that cannot take the focus changes nothing.
            let _ = element.focus();
        }
    });
}

/// Moves the focus to the main part of the page if a focused `selector` disappears with the current
/// owner.
pub fn hand_on_focus(selector: &'static str) {
    on_cleanup(move || {
        let is_inside = |active: Element| matches!(active.closest(selector), Ok(Some(_)));
        if document().active_element().is_some_and(is_inside) {
            focus_next(document().document_element(), "#main");
        }
    });
}

/// Returns the focus to the focused element if the present effects remove and reinsert it, as
/// happens to a row that moves among others.
pub fn keep_focus() {
    // The page itself needs no focus, and focusing it would make the browser compute its layout.
    let is_element = |active: &Element| active.tag_name() != "BODY";
    let Some(active) = document().active_element().filter(is_element) else {
        return;
    };
    queue_microtask(move || {
        if is_focus_lost()
            && active.is_connected()
            && let Ok(element) = active.dyn_into::<HtmlElement>()
        {
            focus_in_place(&element);
        }
    });
}

/// Focuses an element without scrolling.
pub fn focus_in_place(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // An element that cannot take the focus changes nothing.
    let _ = element.focus_with_options(&options);
}
