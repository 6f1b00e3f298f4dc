//! Copying, also on pages that are not served securely, such as by http on a local network.

use std::cell::RefCell;

use js_sys::{Function, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

use crate::browser::{Listener, before_next_paint};

thread_local! {
    /// Text that is shown to be copied by hand, and the listener that removes it.
    static SHOWN: RefCell<Option<Shown>> = const { RefCell::new(None) };
}

struct Shown {
    element: Element,
    _leaving: Listener,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.element.remove();
    }
}

/// Puts `text` on the clipboard. If the browser refuses, it returns false and shows the text,
/// selected, under the sentence `failed`, until the focus leaves it.
pub async fn copy_text(text: &str, failed: &str) -> bool {
    let is_copied = write_to_clipboard(text).await || copy_selected(text);
    if !is_copied {
        show_selected(text, failed);
    }
    is_copied
}

async fn write_to_clipboard(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    // Pages that are not served securely have none.
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Copies with the browser's own command, which takes the selection.
fn copy_selected(text: &str) -> bool {
    let focused = document()
        .active_element()
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let Some(area) = text_area(text) else {
        return false;
    };
    let _ = area.set_attribute("class", "visually-hidden");
    let Some(place) = place() else { return false };
    if place.append_child(&area).is_err() {
        return false;
    }
    area.select();
    let is_copied = command_copy();
    area.remove();
    if let Some(focused) = focused {
        // An element that is gone meanwhile needs no focus.
        let _ = focused.focus();
    }
    is_copied
}

fn command_copy() -> bool {
    let document = document();
    let command = Reflect::get(&document, &"execCommand".into())
        .ok()
        .and_then(|command| command.dyn_into::<Function>().ok());
    let done = command.and_then(|command| {
        let name = JsValue::from_str("copy");
        command.call1(&document, &name).ok()
    });
    done.is_some_and(|done| done.is_truthy())
}

fn show_selected(text: &str, failed: &str) {
    let (Some(area), Some(place)) = (text_area(text), place()) else {
        return;
    };
    let Ok(element) = document().create_element("div") else {
        return;
    };
    let Ok(sentence) = document().create_element("p") else {
        return;
    };
    sentence.set_text_content(Some(failed));
    let _ = element.set_attribute("class", "copy-by-hand");
    let _ = element.set_attribute("role", "alert");
    let _ = area.set_attribute("class", "input mono");
    let _ = area.set_attribute("aria-label", failed);
    let is_there = element.append_child(&sentence).is_ok()
        && element.append_child(&area).is_ok()
        && place.append_child(&element).is_ok();
    if !is_there {
        return;
    }
    // A listener cannot be dropped while it is called.
    let leaving = Listener::new(&area, "blur", |_| {
        before_next_paint(|| drop(SHOWN.take()));
    });
    SHOWN.set(Some(Shown {
        element,
        _leaving: leaving,
    }));
    let _ = area.focus();
    area.select();
}

fn text_area(text: &str) -> Option<HtmlTextAreaElement> {
    let area = document().create_element("textarea").ok()?;
    let area = area.dyn_into::<HtmlTextAreaElement>().ok()?;
    area.set_value(text);
    area.set_read_only(true);
    Some(area)
}

/// Returns the element to show the text in: elements outside of a modal dialog cannot have the
/// focus.
fn place() -> Option<Element> {
    let dialog = document().query_selector("dialog[open]").ok().flatten();
    dialog.or_else(|| document().body().map(JsCast::unchecked_into))
}
