//! Markdown as views. No HTML string reaches the page: raw HTML is shown as text, and links lead
//! only to web pages and mail addresses.

mod cjk;
mod elements;
mod links;
pub mod rest;
mod writer;

use leptos::prelude::*;
use pulldown_cmark::{Event, Options, Parser, TagEnd};

use self::cjk::Marked;
pub use self::links::safe_link;
use self::rest::Rest;
use self::writer::Writer;

/// Number of views created from a text before somebody requests all of it: 64,000 of them at once
/// block the page for seconds.
const MOST_VIEWS: usize = 2_000;

/// Text written in Markdown. Of a very long one the beginning is shown, with a button for all.
#[component]
pub fn Markdown(
    /// Text to show.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let is_whole = RwSignal::new(false);
    let shown = move || {
        let part = text.with(|text| render(text, 0, MOST_VIEWS));
        let rest = part.next.map(|from| view! { <Rest text from is_whole /> });
        (part.views, rest)
    };
    view! { <div class="markdown" dir="auto">{shown}</div> }
}

/// Views of a part of a text.
struct Rendered {
    views: Vec<AnyView>,
    /// Position at which the text continues; `None` at its end.
    next: Option<usize>,
}

/// Creates about `most` views of a text, starting after `from` events of the parser. Tags that are
/// open there are opened again.
fn render(text: &str, from: usize, most: usize) -> Rendered {
    let options =
        Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES;
    let marked = Marked::new(text);
    let mut writer = Writer::new(&marked);
    let mut events = Parser::new_ext(&marked.text, options).enumerate();
    for (_, event) in events.by_ref().take(from) {
        writer.skip(event);
    }
    writer.reopened = writer.open.len() - 1;
    let mut next = None;
    for (at, event) in events {
        let ends_block = matches!(&event, Event::End(end) if is_block(*end));
        writer.take(event);
        // Preferably between two blocks or entries; but a single one may be longer than the limit.
        if writer.made >= most && (ends_block || writer.made >= most.saturating_mul(2)) {
            next = Some(at + 1);
            break;
        }
    }
    Rendered {
        views: writer.finish(),
        next,
    }
}

/// Returns true for the end of a tag that has lines of its own.
const fn is_block(end: TagEnd) -> bool {
    !matches!(
        end,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image
            | TagEnd::TableCell
    )
}

#[cfg(test)]
mod tests;
