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
mod tests {
    use super::*;
    use js_sys::{Function, JSON};
    use wasm_bindgen_test::wasm_bindgen_test;

    /// HTML in the page that is removed when dropped.
    struct Part(Element);

    impl Part {
        fn new(html: &str) -> Self {
            let part = document().create_element("div").unwrap();
            part.set_inner_html(html);
            document().body().unwrap().append_child(&part).unwrap();
            Self(part)
        }
    }

    impl Drop for Part {
        fn drop(&mut self) {
            self.0.remove();
        }
    }

    /// Clicks on `#target` with the event properties in `init`. Returns true if the board handled
    /// the click; the browser never gets it.
    fn click(init: &str) -> bool {
        let click = Function::new_with_args(
            "init",
            "let taken;
            const last = event => { taken = event.defaultPrevented; event.preventDefault(); };
            addEventListener('click', last, { once: true });
            const target = document.getElementById('target');
            target.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...init }));
            return taken;",
        );
        let init = JSON::parse(init).unwrap();
        click.call1(&JsValue::NULL, &init).unwrap().is_truthy()
    }

    /// Follows the address, and restores the former one in the end.
    fn following(test: impl FnOnce(Address)) {
        let location = window().location();
        let before = location.pathname().unwrap() + &location.search().unwrap();
        let owner = Owner::new();
        owner.with(|| test(provide_address()));
        owner.cleanup();
        let history = window().history().unwrap();
        let back = history.replace_state_with_url(&JsValue::NULL, "", Some(&before));
        back.unwrap();
    }

    #[wasm_bindgen_test]
    fn a_link_of_the_board_is_followed_without_the_browser() {
        following(|address| {
            let _part = Part::new("<a href='/p/a%20b?q=x#y'><b id='target'>1</b></a>");
            assert!(click("{}"));
            assert_eq!(address.path.get_untracked(), "/p/a%20b");
            assert_eq!(address.query.get_untracked(), "q=x");
            assert_eq!(window().location().pathname().unwrap(), "/p/a%20b");
        });
    }

    #[wasm_bindgen_test]
    fn what_is_for_the_browser_is_left_to_it() {
        following(|address| {
            let before = address.path.get_untracked();
            for attributes in [
                "href='https://example.com/'",
                "href='/x' target='_blank'",
                "href='/x' download",
                "href='/x' rel='noopener external'",
                "name='x'",
            ] {
                let _part = Part::new(&format!("<a id='target' {attributes}>1</a>"));
                assert!(!click("{}"), "{attributes}");
            }
            let _part = Part::new("<a id='target' href='/x'>1</a>");
            for init in [
                r#"{"ctrlKey": true}"#,
                r#"{"metaKey": true}"#,
                r#"{"shiftKey": true}"#,
                r#"{"altKey": true}"#,
                r#"{"button": 1}"#,
            ] {
                assert!(!click(init), "{init}");
            }
            assert_eq!(address.path.get_untracked(), before);
        });
    }

    #[wasm_bindgen_test]
    fn a_link_to_a_part_of_the_page_stays_on_it_whatever_its_base_is() {
        following(|address| {
            let before = address.path.get_untracked();
            let _part = Part::new(
                "<base href='/elsewhere/'><a id='target' href='#part'>1</a><main id='part' tabindex='-1'></main>",
            );
            assert!(click("{}"));
            assert_eq!(address.path.get_untracked(), before);
            assert_eq!(document().active_element().unwrap().id(), "part");
        });
    }

    #[wasm_bindgen_test]
    fn back_is_not_followed_while_something_holds_the_page() {
        following(|address| {
            address.go("/p/a?q=1");
            let back = || {
                let history = window().history().unwrap();
                let went = history.replace_state_with_url(&JsValue::NULL, "", Some("/p/b"));
                went.unwrap();
                let event = web_sys::Event::new("popstate").unwrap();
                window().dispatch_event(&event).unwrap();
                window().location().pathname().unwrap()
            };
            let owner = Owner::new();
            owner.with(|| address.hold(|| true));
            assert_eq!(back(), "/p/a");
            assert_eq!(window().location().search().unwrap(), "?q=1");
            assert_eq!(address.path.get_untracked(), "/p/a");
            owner.cleanup();
            assert_eq!(back(), "/p/b");
            assert_eq!(address.path.get_untracked(), "/p/b");
        });
    }

    #[wasm_bindgen_test]
    fn going_where_one_is_adds_nothing_to_the_history_and_replacing_does_not_either() {
        following(|address| {
            let length = || window().history().unwrap().length().unwrap();
            let before = length();
            address.go("/p/a?q=1");
            address.go("/p/a?q=1");
            assert_eq!(length(), before + 1);
            address.replace("/p/a?q=2");
            assert_eq!(length(), before + 1);
            assert_eq!(address.query.get_untracked(), "q=2");
        });
    }
}
