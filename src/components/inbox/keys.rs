//! The keys of the inbox.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::detail::task_address;
use super::marks::use_marks;
use super::view::InboxView;
use crate::address::use_address;
use crate::browser::listen_on_window;
use crate::ui::keys::{command_key, is_bare};
use crate::ui::preference::{LetterKeys, use_preference};

/// Listens to the keys of the inbox until the owner ends.
pub(super) fn listen(inbox: InboxView) {
    let marks = use_marks();
    let address = use_address();
    let letters = use_preference::<LetterKeys>();
    listen_on_window(ev::keydown, move |event| {
        if !is_free(&event) {
            return;
        }
        let Some(key) = command_key(&event) else {
            return;
        };
        let is_letter = key.chars().count() == 1;
        if is_letter && letters.get_untracked() == LetterKeys::Off {
            return;
        }
        match key.as_str() {
            "j" | "ArrowDown" => {
                inbox.step(1);
            }
            "k" | "ArrowUp" => {
                inbox.step(-1);
            }
            "e" => marks.toggle_done(inbox),
            "s" => marks.toggle_snooze(inbox),
            "r" if focus_answer(inbox) => {}
            "Enter" if is_on_row(&event) => {
                let Some(item) = inbox.item.get_untracked() else {
                    return;
                };
                address.go(&task_address(&item));
            }
            "Escape" if inbox.is_reading.get_untracked() => inbox.is_reading.set(false),
            digit if choose_answer(digit) => {}
            _ => return,
        }
        event.prevent_default();
    });
}

/// Returns true for a plain key outside of fields, dialogs and menus.
fn is_free(event: &KeyboardEvent) -> bool {
    let elsewhere = "input, textarea, select, dialog, [popover], [contenteditable]";
    let is_elsewhere = target(event).is_some_and(|target| is_within(&target, elsewhere));
    let has_dialog = document().query_selector("dialog[open], .menu:popover-open");
    is_bare(event) && !event.default_prevented() && !is_elsewhere && matches!(has_dialog, Ok(None))
}

/// Returns true for a key on a row or on nothing in particular. Enter on a button is for it.
fn is_on_row(event: &KeyboardEvent) -> bool {
    target(event).is_none_or(|target| {
        is_within(&target, ".inbox-row") || !is_within(&target, "a, button, summary")
    })
}

fn target(event: &KeyboardEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

fn is_within(element: &Element, place: &str) -> bool {
    matches!(element.closest(place), Ok(Some(_)))
}

/// Moves the focus to the field for an answer, if there is one.
fn focus_answer(inbox: InboxView) -> bool {
    let field = document().query_selector(".inbox-detail .answer-box textarea");
    let field = field
        .ok()
        .flatten()
        .and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if field.is_some() {
        inbox.is_reading.set(true);
    }
    field.is_some_and(|field| field.focus().is_ok())
}

/// Chooses the proposed answer with that number, if there is one.
fn choose_answer(digit: &str) -> bool {
    let Some(at) = digit
        .parse::<u32>()
        .ok()
        .and_then(|digit| digit.checked_sub(1))
    else {
        return false;
    };
    let options = document().query_selector_all(".inbox-detail .answer-options .button");
    let option = options.ok().and_then(|options| options.get(at));
    let option = option.and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if let Some(option) = &option {
        option.click();
    }
    option.is_some()
}
