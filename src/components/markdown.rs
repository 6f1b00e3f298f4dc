//! Markdown as views. No HTML string reaches the page: raw HTML is shown as the text that it is, and links lead only to
//! web pages and mail addresses.

use leptos::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Blocks nested deeper than this are shown at this depth, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 24;

/// A text written in Markdown.
#[component]
pub fn Markdown(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! { <div class="markdown" dir="auto">{move || text.with(|text| render(text))}</div> }
}

/// The address, if it is one that a reader can follow without harm.
pub fn safe_link(address: &str) -> Option<&str> {
    let address = address.trim();
    let scheme = address.split_once(':')?.0;
    ["http", "https", "mailto"]
        .iter()
        .any(|allowed| scheme.eq_ignore_ascii_case(allowed))
        .then_some(address)
}

fn render(text: &str) -> Vec<AnyView> {
    let options =
        Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES;
    // The tags that are open, each with what it holds so far; the first is the document.
    let mut open: Vec<(Option<Tag<'_>>, Vec<AnyView>)> = vec![(None, Vec::new())];
    let mut too_deep = 0_usize;
    for event in Parser::new_ext(text, options) {
        let done = match event {
            Event::Start(_) if open.len() >= MAX_DEPTH => {
                too_deep += 1;
                continue;
            }
            Event::Start(tag) => {
                open.push((Some(tag), Vec::new()));
                continue;
            }
            Event::End(_) if too_deep > 0 => {
                too_deep -= 1;
                continue;
            }
            Event::End(end) => match open.pop() {
                Some((Some(tag), children)) => wrap(&tag, end, children),
                _ => continue,
            },
            Event::Code(code) => view! { <code>{code.into_string()}</code> }.into_any(),
            Event::SoftBreak => " ".into_any(),
            Event::HardBreak => view! { <br /> }.into_any(),
            Event::Rule => view! { <hr /> }.into_any(),
            Event::TaskListMarker(done) => {
                view! { <input type="checkbox" disabled=true prop:checked=done /> }.into_any()
            }
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => text.into_string().into_any(),
        };
        if let Some((_, children)) = open.last_mut() {
            children.push(done);
        }
    }
    open.into_iter()
        .next()
        .map(|(_, children)| children)
        .unwrap_or_default()
}

fn wrap(tag: &Tag<'_>, end: TagEnd, children: Vec<AnyView>) -> AnyView {
    match tag {
        Tag::Paragraph => view! { <p>{children}</p> }.into_any(),
        Tag::Heading { level, .. } => heading(*level, children),
        Tag::BlockQuote(_) => view! { <blockquote>{children}</blockquote> }.into_any(),
        Tag::CodeBlock(kind) => {
            let language = match kind {
                CodeBlockKind::Fenced(language) if !language.is_empty() => Some(language.to_string()),
                _ => None,
            };
            view! { <pre data-language=language><code>{children}</code></pre> }.into_any()
        }
        Tag::List(Some(start)) => view! { <ol start=start.to_string()>{children}</ol> }.into_any(),
        Tag::List(None) => view! { <ul>{children}</ul> }.into_any(),
        Tag::Item => view! { <li>{children}</li> }.into_any(),
        Tag::Emphasis => view! { <em>{children}</em> }.into_any(),
        Tag::Strong => view! { <strong>{children}</strong> }.into_any(),
        Tag::Strikethrough => view! { <del>{children}</del> }.into_any(),
        // Pictures are not fetched: a text from elsewhere should not make this browser call there.
        Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => match safe_link(dest_url) {
            Some(address) => view! {
                <a href=address.to_owned() target="_blank" rel="noopener noreferrer nofollow">{children}</a>
            }
            .into_any(),
            None => children.into_any(),
        },
        Tag::Table(_) => view! { <table>{children}</table> }.into_any(),
        Tag::TableHead | Tag::TableRow => view! { <tr>{children}</tr> }.into_any(),
        Tag::TableCell => view! { <td>{children}</td> }.into_any(),
        Tag::HtmlBlock if end == TagEnd::HtmlBlock => view! { <pre>{children}</pre> }.into_any(),
        _ => children.into_any(),
    }
}

/// A heading below the drawer's own, which is a second-level one.
fn heading(level: HeadingLevel, children: Vec<AnyView>) -> AnyView {
    match level {
        HeadingLevel::H1 => view! { <h3>{children}</h3> }.into_any(),
        HeadingLevel::H2 => view! { <h4>{children}</h4> }.into_any(),
        HeadingLevel::H3 => view! { <h5>{children}</h5> }.into_any(),
        _ => view! { <h6>{children}</h6> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::safe_link;
    use wasm_bindgen_test::wasm_bindgen_test;

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
}
