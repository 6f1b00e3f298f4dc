//! Menus and panels.

use super::{all, focused, press};
use crate::support::{Page, mount, settle, until};
use leptos::prelude::*;
use tasktree_board::ui::{Handler, Menu, MenuHost, MenuItem, Popover, provide_menu};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};

#[wasm_bindgen_test]
async fn a_menu_is_worked_by_arrows_and_gives_the_focus_back() {
    let chosen = RwSignal::new(None::<&str>);
    let page: Page<Menu> = mount(move || {
        let menu = provide_menu();
        let open = move |event: web_sys::MouseEvent| {
            let anchor: Element = event.current_target().unwrap().unchecked_into();
            let item = |label: &'static str| MenuItem {
                label: label.to_owned(),
                on_select: Handler::new(move || chosen.set(Some(label))),
                ..MenuItem::default()
            };
            let refused = MenuItem {
                refused: Some("It waits for #3".to_owned()),
                ..item("refused")
            };
            menu.toggle(
                &anchor,
                "Choose",
                vec![item("first"), refused, item("last")],
            );
        };
        (
            menu,
            view! { <button class="opener" on:click=open>"Open"</button><MenuHost/> },
        )
    });
    let opener = all(&page, ".opener").remove(0);
    opener.focus().unwrap();
    opener.click();
    until("the first line has the focus", || {
        focused().text_content().as_deref() == Some("first")
    })
    .await;
    press("ArrowUp");
    assert_eq!(focused().text_content().unwrap(), "last");
    press("ArrowDown");
    press("ArrowDown");
    let refused = focused();
    assert_eq!(
        refused.get_attribute("aria-disabled").as_deref(),
        Some("true")
    );
    refused.unchecked_ref::<HtmlElement>().click();
    settle().await;
    assert_eq!(
        chosen.get_untracked(),
        None,
        "what is refused cannot be chosen"
    );
    press("End");
    focused().unchecked_ref::<HtmlElement>().click();
    settle().await;
    assert_eq!(chosen.get_untracked(), Some("last"));
    assert_eq!(focused(), *opener.unchecked_ref::<Element>());
    opener.click();
    until("the menu is open again", || {
        focused().text_content().as_deref() == Some("first")
    })
    .await;
    press("Escape");
    settle().await;
    assert_eq!(focused(), *opener.unchecked_ref::<Element>());
    assert!(all(&page, ".menu-item").is_empty());
}

#[wasm_bindgen_test]
async fn a_panel_that_grows_while_it_is_open_is_placed_anew() {
    const STYLE: &str =
        ".popover { position: fixed; margin: 0; inset: auto; padding: 0; border: 0 }
        .low { position: fixed; bottom: 60px; left: 20px }";
    let page = mount(|| {
        let height = RwSignal::new(40);
        let trigger = || "open".into_any();
        let view = view! {
            <style>{STYLE}</style>
            <Popover class="low" name="Panel" trigger panel_class="grows">
                <div style:height=move || format!("{}px", height.get())></div>
            </Popover>
        };
        (height, view)
    });
    let of = |selector: &str| all(&page, selector)[0].get_bounding_client_rect();
    settle().await;
    all(&page, ".low")[0].click();
    until("it is under its button", || {
        of(".grows").height() > 39.0 && of(".grows").top() > of(".low").bottom()
    })
    .await;
    page.value.set(300);
    until("it is over it, where there is room", || {
        of(".grows").height() > 299.0 && of(".grows").bottom() < of(".low").top()
    })
    .await;
}
