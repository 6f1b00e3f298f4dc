//! The elements of a text, each with its content.

use leptos::prelude::*;
use pulldown_cmark::{CodeBlockKind, HeadingLevel, Tag, TagEnd};

use super::cjk::Marked;
use super::links::safe_link;

/// Returns a link to an external page.
pub(super) fn anchor(address: String, children: Vec<AnyView>) -> AnyView {
    view! { <a href=address target="_blank" rel="noopener noreferrer nofollow">{children}</a> }
        .into_any()
}

/// Returns the element of a tag with its content.
pub(super) fn wrap(
    tag: &Tag<'_>,
    end: TagEnd,
    children: Vec<AnyView>,
    marked: &Marked<'_>,
) -> AnyView {
    match tag {
        Tag::Paragraph => view! { <p>{children}</p> }.into_any(),
        Tag::Heading { level, .. } => heading(*level, children),
        Tag::BlockQuote(_) => view! { <blockquote>{children}</blockquote> }.into_any(),
        Tag::CodeBlock(kind) => {
            let language = match kind {
                CodeBlockKind::Fenced(language) if !language.is_empty() => {
                    Some(marked.clean(language).into_owned())
                }
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
        // Images are not fetched: a text from elsewhere must not make this browser send requests.
        Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
            match safe_link(&marked.clean(dest_url)) {
                Some(address) => anchor(address.to_owned(), children),
                None => children.into_any(),
            }
        }
        Tag::Table(_) => view! { <table>{children}</table> }.into_any(),
        Tag::TableHead | Tag::TableRow => view! { <tr>{children}</tr> }.into_any(),
        Tag::TableCell => view! { <td>{children}</td> }.into_any(),
        Tag::HtmlBlock if end == TagEnd::HtmlBlock => view! { <pre>{children}</pre> }.into_any(),
        _ => children.into_any(),
    }
}

/// Returns a heading below the drawer's own, which is of the second level.
fn heading(level: HeadingLevel, children: Vec<AnyView>) -> AnyView {
    match level {
        HeadingLevel::H1 => view! { <h3>{children}</h3> }.into_any(),
        HeadingLevel::H2 => view! { <h4>{children}</h4> }.into_any(),
        HeadingLevel::H3 => view! { <h5>{children}</h5> }.into_any(),
        _ => view! { <h6>{children}</h6> }.into_any(),
    }
}
