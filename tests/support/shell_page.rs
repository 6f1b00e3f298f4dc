//! A part of the shell in a page, with everything that it depends on.

// Every test binary has its own copy of this module and uses a part of it.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic
)]

use leptos::prelude::*;
use tasktree_board::address::provide_address;
use tasktree_board::app::App;
use tasktree_board::i18n::{I18n, Locale};
use tasktree_board::net::provide_websocket;
use tasktree_board::state::{
    provide_board, provide_freshness, provide_notifications, provide_projects,
};
use tasktree_board::ui::{
    Announcer, MenuHost, ToastHost, provide_clock, provide_menu, provide_toasts,
};
use tasktree_protocol::ProjectId;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::support::{PROJECT, Page, mount};

/// Guard that ends the page's contexts: handlers and futures may keep them for longer.
pub struct Ended(Owner);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.cleanup();
    }
}

/// Mounts the result of `part`, below the contexts of the page and with the project open.
pub fn open(locale: Locale, part: impl FnOnce() -> AnyView + 'static) -> Page<Ended> {
    mount(move || {
        let owner = Owner::new();
        owner.set();
        provide_context(I18n::new(locale));
        provide_toasts();
        provide_menu();
        provide_websocket(None);
        provide_freshness();
        provide_clock(Signal::stored(true));
        provide_projects();
        provide_notifications();
        provide_board(ProjectId::from(PROJECT));
        provide_address();
        let part = StoredValue::new_local(Some(part));
        let view = view! {
            <>
                {part.try_update_value(Option::take).flatten().map(|part| part())}
                <ToastHost dismiss_label="Dismiss"/>
                <MenuHost/>
                <Announcer/>
            </>
        };
        (Ended(owner), view)
    })
}

/// Mounts the whole app.
pub fn open_app() -> Page<Ended> {
    open_app_below(|| ())
}

/// Mounts the whole app below the contexts that `provide` sets.
pub fn open_app_below(provide: impl FnOnce() + 'static) -> Page<Ended> {
    mount(move || {
        let owner = Owner::new();
        owner.set();
        provide();
        (Ended(owner), view! { <App/> })
    })
}

pub fn all(page: &Page<Ended>, selector: &str) -> Vec<HtmlElement> {
    let found = page.root.query_selector_all(selector).unwrap();
    (0..found.length())
        .map(|index| found.get(index).unwrap().unchecked_into())
        .collect()
}

pub fn find(page: &Page<Ended>, selector: &str) -> Option<HtmlElement> {
    all(page, selector).into_iter().next()
}

pub fn one(page: &Page<Ended>, selector: &str) -> HtmlElement {
    find(page, selector).unwrap_or_else(|| panic!("{selector} is on the page"))
}

pub fn text(element: &Element) -> String {
    element.text_content().unwrap_or_default()
}

/// Types into a field, as a person would.
pub fn fill(field: &HtmlElement, typed: &str) {
    let field: &HtmlInputElement = field.unchecked_ref();
    field.set_value(typed);
    let event = web_sys::Event::new("input").unwrap();
    field.dispatch_event(&event).unwrap();
}
