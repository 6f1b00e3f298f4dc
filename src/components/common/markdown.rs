//! Markdown as views. No HTML string reaches the page: raw HTML is shown as text, and links lead
//! only to web pages and mail addresses.

mod cjk;
mod links;
pub mod rest;

use leptos::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use self::cjk::Marked;
use self::links::{find_links, target};
use self::rest::Rest;

/// Greatest depth of nested blocks: deeper ones are shown at this depth, so that no text can
/// exhaust the stack.
const MAX_DEPTH: usize = 24;
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

/// Returns the address if a reader can follow it without harm.
pub fn safe_link(address: &str) -> Option<&str> {
    let address = address.trim();
    let scheme = address.split_once(':')?.0;
    ["http", "https", "mailto"]
        .iter()
        .any(|allowed| scheme.eq_ignore_ascii_case(allowed))
        .then_some(address)
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

/// Builder of views from the events of a parser.
struct Writer<'a> {
    marked: &'a Marked<'a>,
    /// Open tags, each with its content so far; the first is the document.
    open: Vec<(Option<Tag<'a>>, Vec<AnyView>)>,
    too_deep: usize,
    /// Number of the outermost tags that were open before the first event that counts.
    reopened: usize,
    /// Unfinished text: the parser splits it at each character that might have been markup.
    text: String,
    /// Number of views created so far.
    made: usize,
}

impl<'a> Writer<'a> {
    fn new(marked: &'a Marked<'a>) -> Self {
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
    fn skip(&mut self, event: Event<'a>) {
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

    fn take(&mut self, event: Event<'a>) {
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
    fn finish(mut self) -> Vec<AnyView> {
        self.end_text();
        while self.open.len() > 1 {
            self.close(None);
        }
        self.open.pop().map(|(_, views)| views).unwrap_or_default()
    }
}

/// Returns a link to an external page.
fn anchor(address: String, children: Vec<AnyView>) -> AnyView {
    view! { <a href=address target="_blank" rel="noopener noreferrer nofollow">{children}</a> }
        .into_any()
}

fn wrap(tag: &Tag<'_>, end: TagEnd, children: Vec<AnyView>, marked: &Marked<'_>) -> AnyView {
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

#[cfg(test)]
mod tests {
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
}
