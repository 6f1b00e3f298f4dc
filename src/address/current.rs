//! The browser's address as signals, and the ways to change it: links, calls, and the browser's own
//! "back" and "forward".
//!
//! All addresses lead to one page, and [`super::Route`] alone parses them, so the board needs no
//! further router.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, HtmlElement, MouseEvent, Url};

use super::mount::mount;
use crate::browser::listen_on_window;

/// Current address of the browser. All copies are handles to the same state.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// Path with a leading slash, as the browser escapes it.
    pub path: Signal<String>,
    /// Query after the question mark.
    pub query: Signal<String>,
    path_now: RwSignal<String>,
    query_now: RwSignal<String>,
    /// Callback that returns true to stay on the page on "back" and "forward".
    held: StoredValue<Option<Callback<(), bool>>>,
}

/// Follows the browser's address for everything below the current owner.
pub fn provide_address() -> Address {
    let path = RwSignal::new(String::new());
    let query = RwSignal::new(String::new());
    let address = Address {
        path: path.into(),
        query: query.into(),
        path_now: path,
        query_now: query,
        held: StoredValue::new(None),
    };
    address.read();
    provide_context(address);
    listen_on_window(ev::popstate, move |_| {
        if address.is_held() {
            address.stay();
        } else {
            address.read();
        }
    });
    listen_on_window(ev::click, move |event| address.follow(&event));
    address
}

/// Returns the address of the page.
///
/// # Panics
/// If [`provide_address`] was not called above.
#[must_use]
#[track_caller]
pub fn use_address() -> Address {
    expect_context()
}

impl Address {
    /// Goes to an address of this site, as a link does: it adds a history entry, and the page
    /// begins at its top.
    pub fn go(self, to: &str) {
        self.push(to);
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }

    /// Goes to an address without scrolling, for content that opens over the page.
    pub fn open(self, to: &str) {
        self.push(to);
    }

    /// Replaces the present address.
    pub fn replace(self, to: &str) {
        if let Ok(history) = window().history() {
            // It fails for an address of another site, or if a page changes it a hundred times in a
            // few seconds.
            drop(history.replace_state_with_url(&JsValue::NULL, "", Some(to)));
        }
        self.read();
    }

    /// Calls `stays` on "back" and "forward", until the current owner ends. If it returns true, the
    /// page stays at its address.
    pub fn hold(self, stays: impl Fn() -> bool + Send + Sync + 'static) {
        self.held.set_value(Some(Callback::new(move |()| stays())));
        on_cleanup(move || {
            self.held.try_set_value(None);
        });
    }

    fn is_held(self) -> bool {
        let held = self.held.try_get_value().flatten();
        held.and_then(|stays| stays.try_run(())) == Some(true)
    }

    /// Restores the page's address in the browser, after the browser has gone to another one.
    fn stay(self) {
        let (mut here, query) = (
            self.path_now.get_untracked(),
            self.query_now.get_untracked(),
        );
        if !query.is_empty() {
            here.push('?');
            here.push_str(&query);
        }
        if let Ok(history) = window().history() {
            // It fails only if a page changes its address a hundred times in a few seconds.
            drop(history.push_state_with_url(&JsValue::NULL, "", Some(&here)));
        }
    }

    fn push(self, to: &str) {
        let location = window().location();
        let is_there = Url::new_with_base(to, &location.origin().unwrap_or_default())
            .is_ok_and(|to| location.href().is_ok_and(|here| here == to.href()));
        // The same address again adds no history entry.
        if !is_there && let Ok(history) = window().history() {
            drop(history.push_state_with_url(&JsValue::NULL, "", Some(to)));
        }
        self.read();
    }

    /// Takes over the browser's address. Writing an equal value notifies nobody.
    fn read(self) {
        let location = window().location();
        let path = location.pathname().unwrap_or_default();
        let query = location.search().unwrap_or_default();
        set_if_changed(self.path_now, &path);
        set_if_changed(self.query_now, query.trim_start_matches('?'));
    }

    /// Goes to the target of a clicked link, unless the link is for the browser.
    fn follow(self, event: &MouseEvent) {
        let is_plain = event.button() == 0
            && !(event.meta_key() || event.alt_key() || event.ctrl_key() || event.shift_key());
        if !is_plain || event.default_prevented() {
            return;
        }
        let link = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| target.closest("a[href]").ok().flatten())
            .and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
        let Some(link) = link else { return };
        // A link to a part of the page contains only the fragment. The browser would resolve it
        // against the page that `<base>` names.
        let part = link.get_attribute("href").unwrap_or_default();
        if let Some(id) = part.strip_prefix('#') {
            event.prevent_default();
            show_part(id);
        } else if is_ours(&link) {
            event.prevent_default();
            self.go(&link.href());
        }
    }
}

/// Returns true if a link leads to a page of the board, in this window.
fn is_ours(link: &HtmlAnchorElement) -> bool {
    let is_marked = !link.target().is_empty()
        || link.has_attribute("download")
        || link.rel().split(' ').any(|word| word == "external");
    let path = link.pathname();
    let is_below = mount(|mount| {
        path.strip_prefix(mount)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    !is_marked && is_below && window().location().origin() == Ok(link.origin())
}

/// Scrolls to a part of the page, and focuses it.
fn show_part(id: &str) {
    let part = document()
        .get_element_by_id(id)
        .and_then(|part| part.dyn_into::<HtmlElement>().ok());
    if let Some(part) = part {
        part.scroll_into_view();
        let _ = part.focus();
    }
}

fn set_if_changed(signal: RwSignal<String>, value: &str) {
    if signal.with_untracked(|now| now != value) {
        signal.set(value.to_owned());
    }
}

#[cfg(test)]
mod tests;
