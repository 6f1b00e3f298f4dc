//! Tests of texts as they are shown.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use super::{MOST_VIEWS, Markdown, render, safe_link};
use crate::i18n::{I18n, Locale};

/// Shows a text in an element of its own, until the handle is dropped.
pub(super) fn mounted(text: &str) -> (HtmlElement, impl Sized + use<>) {
    let root: HtmlElement = document().create_element("div").unwrap().unchecked_into();
    document().body().unwrap().append_child(&root).unwrap();
    let text = text.to_owned();
    let handle = mount_to(root.clone(), move || {
        provide_context(I18n::new(Locale::En));
        view! { <Markdown text=Signal::stored(text) /> }
    });
    (root, handle)
}

/// Shows a text, and returns the result of `look`.
fn shown<T>(text: &str, look: impl FnOnce(&HtmlElement) -> T) -> T {
    let (root, mounted) = mounted(text);
    let seen = look(&root);
    drop(mounted);
    root.remove();
    seen
}

fn html(text: &str) -> String {
    shown(text, |root| {
        let html = root.first_element_child().unwrap().inner_html();
        html.replace("<!---->", "").replace("<!>", "")
    })
}

#[wasm_bindgen_test]
fn emphasis_beside_punctuation_of_these_scripts_is_emphasis() {
    for (text, expected) in [
        (
            "**注意：**先迁移。",
            "<p><strong>注意：</strong>先迁移。</p>",
        ),
        (
            "这里**（重要）**不能省略。",
            "<p>这里<strong>（重要）</strong>不能省略。</p>",
        ),
        (
            "**“保存”**无效，**已修复。**请重试。",
            "<p><strong>“保存”</strong>无效，<strong>已修复。</strong>请重试。</p>",
        ),
        (
            "*（斜体）*与~~（删除）~~也要",
            "<p><em>（斜体）</em>与<del>（删除）</del>也要</p>",
        ),
        (
            "**한국어(강조)**는",
            "<p><strong>한국어(강조)</strong>는</p>",
        ),
        (
            "**日本語の「強調」**は",
            "<p><strong>日本語の「強調」</strong>は</p>",
        ),
        ("`**（甲）**乙`", "<p><code>**（甲）**乙</code></p>"),
        ("**bold.** English", "<p><strong>bold.</strong> English</p>"),
    ] {
        assert_eq!(html(text), expected);
    }
}

#[wasm_bindgen_test]
fn lines_end_where_they_were_ended_and_no_space_comes_between_letters() {
    assert_eq!(html("Steps:\nopen\nmove"), "<p>Steps:<br>open<br>move</p>");
    assert_eq!(html("第一行\n第二行"), "<p>第一行<br>第二行</p>");
}

#[wasm_bindgen_test]
fn addresses_in_a_text_are_links_and_in_code_they_are_not() {
    let link = |to: &str, words: &str| {
        format!(
            "<a href=\"{to}\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">{words}</a>"
        )
    };
    let there = link("https://example.org/a_b_c", "https://example.org/a_b_c");
    assert_eq!(
        html("见https://example.org/a_b_c。"),
        format!("<p>见{there}。</p>")
    );
    assert_eq!(
        html("`https://example.org`"),
        "<p><code>https://example.org</code></p>"
    );
    let named = link("https://example.org", "https://other.example");
    assert_eq!(
        html("[https://other.example](https://example.org)"),
        format!("<p>{named}</p>")
    );
}

#[wasm_bindgen_test]
fn a_very_long_text_is_shown_in_part_until_all_of_it_is_asked_for() {
    let text = "- `a` *b*\n".repeat(8_000);
    let elements = |root: &HtmlElement| root.query_selector_all("*").unwrap().length();
    shown(&text, |root| {
        assert!(
            (elements(root) as usize) < MOST_VIEWS + 20,
            "{}",
            elements(root)
        );
        let rest = root.query_selector(".markdown-rest").unwrap().unwrap();
        assert!(rest.text_content().unwrap().contains("80,000"));
    });
    let whole = render(&text, 0, usize::MAX);
    assert_eq!((whole.views.len(), whole.next), (1, None));
    assert!(html("short").find("markdown-rest").is_none());
}

#[wasm_bindgen_test]
fn links_lead_only_to_web_pages_and_mail() {
    assert_eq!(
        safe_link(" HTTPS://example.org/a "),
        Some("HTTPS://example.org/a")
    );
    assert_eq!(
        safe_link("mailto:a@example.org"),
        Some("mailto:a@example.org")
    );
    for address in [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "/p/other",
        "",
    ] {
        assert_eq!(safe_link(address), None, "{address:?}");
    }
}
