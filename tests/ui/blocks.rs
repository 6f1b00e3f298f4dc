//! The building blocks: messages, menus, dialogs and the theme.

mod copying;
mod dialogs;
mod menus;
mod messages;
mod theme;

use crate::support::Page;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

fn all<T>(page: &Page<T>, selector: &str) -> Vec<HtmlElement> {
    let found = page.root.query_selector_all(selector).unwrap();
    (0..found.length())
        .map(|index| found.get(index).unwrap().unchecked_into())
        .collect()
}

#[wasm_bindgen(module = "/tests/support/input.js")]
extern "C" {
    fn drag_mouse(from: &Element, to: &Element, x: f64, y: f64);
    #[wasm_bindgen(js_name = press)]
    fn press_with(key: &str, alt: bool, composing: bool);
}

fn press(key: &str) {
    press_with(key, false, false);
}

fn focused() -> Element {
    document().active_element().unwrap()
}
