//! The rest of a very long text, slice by slice: the page answers and paints between two of them.

use leptos::html;
use leptos::prelude::*;

use super::render;
use crate::browser::before_next_paint;
use crate::i18n::use_i18n;
use crate::ui::{Button, ButtonLook, KeyedList, focus_in_place};

/// Number of views that are created in one frame: a few milliseconds of work.
pub(super) const SLICE_VIEWS: usize = 250;

/// Rest of a text after `from`, once all of it is requested; until then, the button that requests
/// it.
#[component]
pub fn Rest(
    /// Whole text.
    text: Signal<String>,
    /// Position at which the rest begins.
    from: usize,
    /// Set when all of the text is requested.
    is_whole: RwSignal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let size = move || i18n.number(text.with(|text| text.chars().count()) as u64);
    let slices = RwSignal::new(Vec::<usize>::new());
    let next = RwSignal::new(Some(from));
    let takes_focus = StoredValue::new(false);
    let go_on = move || {
        // The text may be gone by then.
        if let Some(Some(start)) = next.try_get_untracked() {
            slices.try_update(|slices| slices.push(start));
        }
    };
    // A text that has changed is shown as far as the former one.
    if is_whole.get_untracked() {
        before_next_paint(go_on);
    }
    let slice = move |start: usize| {
        let part = text.with_untracked(|text| render(text, start, SLICE_VIEWS));
        next.set(part.next);
        if part.next.is_some() {
            before_next_paint(go_on);
        }
        let element = NodeRef::<html::Div>::new();
        element.on_load(move |slice| {
            // The focused button is gone; reading continues here.
            if takes_focus.get_value() {
                takes_focus.set_value(false);
                focus_in_place(&slice);
            }
        });
        view! { <div node_ref=element class="markdown-slice" tabindex="-1">{part.views}</div> }
    };
    let ask = move |_| {
        takes_focus.set_value(true);
        is_whole.set(true);
        go_on();
    };
    view! {
        <KeyedList each=move || slices.get() key=usize::clone children=slice />
        {move || {
            if !is_whole.get() {
                let label = move || i18n.t(|s| (s.task.show_all)(&size()));
                view! {
                    <div class="markdown-rest">
                        <Button look=ButtonLook::Quiet label on_click=ask />
                    </div>
                }
                .into_any()
            } else if next.with(Option::is_some) {
                view! { <p class="markdown-rest" role="status">{i18n.t(|s| s.common.loading)}</p> }
                    .into_any()
            } else {
                ().into_any()
            }
        }}
    }
}

#[cfg(test)]
mod tests {
    use gloo_timers::future::TimeoutFuture;
    use wasm_bindgen::JsCast;
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::HtmlElement;

    use super::super::MOST_VIEWS;
    use super::super::tests::mounted;
    use super::*;

    /// Longest time until all slices of a text must be shown, in milliseconds.
    const PATIENCE_MS: u32 = 20_000;

    /// Shows a text, requests all of it, and waits until it is shown.
    async fn whole(text: &str, look: impl FnOnce(&HtmlElement)) {
        let (root, mounted) = mounted(text);
        let find = |selector| root.query_selector(selector).unwrap();
        let button: HtmlElement = find(".markdown-rest button").unwrap().unchecked_into();
        button.focus().unwrap();
        button.click();
        let mut waited = 0;
        while find(".markdown-rest").is_some() {
            assert!(waited < PATIENCE_MS, "it does not end");
            TimeoutFuture::new(5).await;
            waited += 5;
        }
        look(&root);
        drop(mounted);
        root.remove();
    }

    fn count(root: &web_sys::Element, selector: &str) -> usize {
        root.query_selector_all(selector).unwrap().length() as usize
    }

    #[wasm_bindgen_test]
    async fn all_of_a_long_list_comes_in_bounded_slices_with_its_numbers_and_the_focus() {
        const ENTRIES: usize = 3_000;
        let entries: Vec<String> = (1..=ENTRIES)
            .map(|n| format!("{n}. entry {n} `a`\n"))
            .collect();
        whole(&entries.concat(), |root| {
            assert_eq!(count(root, "li"), ENTRIES);
            let items = root.query_selector_all("li").unwrap();
            for at in [0, ENTRIES / 2, ENTRIES - 1] {
                let item: web_sys::HtmlLiElement =
                    items.get(at as u32).unwrap().dyn_into().unwrap();
                let list = item.parent_element().unwrap();
                let first: usize = list.get_attribute("start").unwrap().parse().unwrap();
                let before = (0..list.children().length())
                    .position(|child| list.children().item(child).as_ref() == Some(&item))
                    .unwrap();
                assert_eq!(first + before, at + 1, "{:?}", item.text_content());
            }
            let slices = root.query_selector_all(".markdown-slice").unwrap();
            assert!(slices.length() > 4);
            for at in 0..slices.length() {
                let slice: HtmlElement = slices.get(at).unwrap().unchecked_into();
                let made = count(&slice, "*");
                assert!(made > 0 && made < SLICE_VIEWS + 20, "{made}");
            }
            let focused = document().active_element();
            assert_eq!(focused, root.query_selector(".markdown-slice").unwrap());
        })
        .await;
    }

    #[wasm_bindgen_test]
    async fn a_paragraph_a_table_and_nested_lists_lose_nothing_where_they_are_cut() {
        let words: Vec<String> = (0..MOST_VIEWS).map(|n| format!("*w{n}* x")).collect();
        let rows: Vec<String> = (0..600).map(|n| format!("| r{n} | `c` |\n")).collect();
        let nested: Vec<String> = (0..600)
            .map(|n| format!("- o{n}\n  1. i{n} **b**\n"))
            .collect();
        let text = format!(
            "{}\n\n| a | b |\n|-|-|\n{}\n{}\n> end",
            words.join(" "),
            rows.concat(),
            nested.concat()
        );
        whole(&text, |root| {
            let said = root.text_content().unwrap();
            for name in ["w0", "w1999", "r0", "r599", "o0", "o599", "i599", "end"] {
                assert!(said.contains(name), "{name}");
            }
            assert_eq!(count(root, "em"), MOST_VIEWS);
            assert_eq!(count(root, "td"), 2 * 601);
            assert_eq!(count(root, "li"), 2 * 600);
            assert_eq!(count(root, "ul:empty, ol:empty, li:empty, table:empty"), 0);
            assert_eq!(count(root, "blockquote"), 1);
        })
        .await;
    }
}
