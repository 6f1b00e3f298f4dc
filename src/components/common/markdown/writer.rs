//! The builder of views from the events of a parser.

use leptos::prelude::*;
use pulldown_cmark::{Event, Tag, TagEnd};

use super::cjk::Marked;
use super::elements::{anchor, wrap};
use super::links::{find_links, target};

/// Greatest depth of nested blocks: deeper ones are shown at this depth, so that no text can
/// exhaust the stack.
const MAX_DEPTH: usize = 24;

/// Builder of views from the events of a parser.
pub(super) struct Writer<'a> {
    marked: &'a Marked<'a>,
    /// Open tags, each with its content so far; the first is the document.
    pub(super) open: Vec<(Option<Tag<'a>>, Vec<AnyView>)>,
    too_deep: usize,
    /// Number of the outermost tags that were open before the first event that counts.
    pub(super) reopened: usize,
    /// Unfinished text: the parser splits it at each character that might have been markup.
    text: String,
    /// Number of views created so far.
    pub(super) made: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(marked: &'a Marked<'a>) -> Self {
        Self {
            marked,
            open: vec![(None, Vec::new())],
            too_deep: 0,
            reopened: 0,
            text: String::new(),
            made: 0,
        }
    }

    /// Processes an event without creating views of it.
    pub(super) fn skip(&mut self, event: Event<'a>) {
        match event {
            Event::Start(_) if self.open.len() >= MAX_DEPTH => self.too_deep += 1,
            Event::Start(tag) => self.open.push((Some(tag), Vec::new())),
            Event::End(_) if self.too_deep > 0 => self.too_deep -= 1,
            Event::End(end) => {
                self.open.pop();
                if end == TagEnd::Item
                    && let Some((Some(Tag::List(Some(number))), _)) = self.open.last_mut()
                {
                    *number += 1;
                }
            }
            _ => {}
        }
    }

    pub(super) fn take(&mut self, event: Event<'a>) {
        if let Event::Text(text)
        | Event::Html(text)
        | Event::InlineHtml(text)
        | Event::InlineMath(text)
        | Event::DisplayMath(text)
        | Event::FootnoteReference(text) = event
        {
            self.text.push_str(&self.marked.clean(&text));
            return;
        }
        self.end_text();
        match event {
            Event::Start(_) if self.open.len() >= MAX_DEPTH => self.too_deep += 1,
            Event::Start(tag) => self.open.push((Some(tag), Vec::new())),
            Event::End(_) if self.too_deep > 0 => self.too_deep -= 1,
            Event::End(end) => self.close(Some(end)),
            Event::Code(code) => {
                let code = self.marked.clean(&code).into_owned();
                self.push(view! { <code>{code}</code> }.into_any());
            }
            // People and agents break lines where they want breaks, as in comments elsewhere.
            Event::SoftBreak | Event::HardBreak => self.push(view! { <br /> }.into_any()),
            Event::Rule => self.push(view! { <hr /> }.into_any()),
            Event::TaskListMarker(done) => self.push(
                view! { <input type="checkbox" disabled=true prop:checked=done /> }.into_any(),
            ),
            _ => {}
        }
    }

    fn push(&mut self, view: AnyView) {
        self.made += 1;
        if let Some((_, children)) = self.open.last_mut() {
            children.push(view);
        }
    }

    /// Closes the innermost tag.
    fn close(&mut self, end: Option<TagEnd>) {
        if self.open.len() > 1
            && let Some((Some(tag), children)) = self.open.pop()
        {
            let is_reopened = self.open.len() <= self.reopened;
            self.reopened = self.reopened.min(self.open.len() - 1);
            if is_reopened && children.is_empty() {
                return;
            }
            let end = end.unwrap_or_else(|| tag.to_end());
            let view = wrap(&tag, end, children, self.marked);
            self.push(view);
        }
    }

    /// Creates views of the finished text, with links for the addresses in it.
    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return;
        }
        let is_literal = self.open.iter().any(|(tag, _)| {
            matches!(
                tag,
                Some(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock)
            )
        });
        let mut from = 0;
        if !is_literal {
            for link in find_links(&text) {
                if link.start > from {
                    self.push(text[from..link.start].to_owned().into_any());
                }
                let shown = text[link.clone()].to_owned();
                let address = target(&shown);
                self.push(anchor(address, vec![shown.into_any()]));
                from = link.end;
            }
        }
        if from < text.len() {
            self.push(text[from..].to_owned().into_any());
        }
    }

    /// Closes all open tags.
    pub(super) fn finish(mut self) -> Vec<AnyView> {
        self.end_text();
        while self.open.len() > 1 {
            self.close(None);
        }
        self.open.pop().map(|(_, views)| views).unwrap_or_default()
    }
}
