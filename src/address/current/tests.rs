//! Tests of links, "back" and calls.

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
