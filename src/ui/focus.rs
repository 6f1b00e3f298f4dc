//! Where the focus goes when what had it goes away. Left to itself it falls to the page, and who uses the keyboard begins anew.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

use super::before_next_paint;

/// Returns true if what had the focus is gone, so that nothing has it. Browsers leave it with a
/// dialog that was closed until the next paint.
pub fn is_focus_lost() -> bool {
    document().active_element().is_none_or(|active| {
        active.tag_name() == "BODY" || matches!(active.closest("dialog:not([open])"), Ok(Some(_)))
    })
}

/// Puts the focus on the first `selector` below `place`, once what is being changed there is in the document. Whoever has put it elsewhere by
/// then keeps it.
pub fn focus_next(place: Option<Element>, selector: &'static str) {
    before_next_paint(move || {
        if !is_focus_lost() {
            return;
        }
        let found = place
            .and_then(|place| place.query_selector(selector).ok().flatten())
            .and_then(|element| element.dyn_into::<HtmlElement>().ok());
        if let Some(element) = found {
            // What cannot take the focus leaves it where it is.
            let _ = element.focus();
        }
    });
}

/// Takes the focus to the main part of the page when the current owner ends, where it is then in what matches `selector` and goes with it.
pub fn hand_on_focus(selector: &'static str) {
    on_cleanup(move || {
        let is_inside = |active: Element| matches!(active.closest(selector), Ok(Some(_)));
        if document().active_element().is_some_and(is_inside) {
            focus_next(document().document_element(), "#main");
        }
    });
}

/// Gives the focus back to what has it now, where that is taken out of the document and put back in
/// while the present effects run, as a row is that moves among others.
pub fn keep_focus() {
    // The page itself has nothing to be given back, and focusing it would have the browser lay it
    // out.
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

/// Puts the focus on an element, and scrolls nothing.
pub fn focus_in_place(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // What cannot take the focus leaves it where it is.
    let _ = element.focus_with_options(&options);
}
