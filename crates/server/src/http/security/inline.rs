//! Hashes of the scripts and styles that are written into a page.
//!
//! A policy with a script's hash lets that script run, and no other. The hashes are computed from
//! the embedded pages, after the build has minified them, so they cannot be out of date.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};
use sha2::{Digest as _, Sha256};

/// Inline scripts and styles of some pages, as sources of a policy: `'sha256-..'`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Inline {
    pub(super) scripts: BTreeSet<String>,
    pub(super) styles: BTreeSet<String>,
}

impl Inline {
    /// Adds the scripts and styles of a page.
    pub(super) fn add(&mut self, page: &str) {
        let mut emitter = DefaultEmitter::default();
        // Inside <script> and <style>, markup is text.
        emitter.naively_switch_states(true);
        let mut open: Option<(Kind, String)> = None;
        for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
            match token {
                Token::StartTag(tag) => {
                    let is_inline = !tag.attributes.contains_key(b"src".as_slice());
                    open = Kind::of(&tag.name)
                        .filter(|_| is_inline)
                        .map(|kind| (kind, String::new()));
                }
                Token::String(text) => {
                    if let Some((_, whole)) = &mut open {
                        whole.push_str(&String::from_utf8_lossy(&text));
                    }
                }
                Token::EndTag(_) => match open.take() {
                    Some((Kind::Script, text)) => drop(self.scripts.insert(source(&text))),
                    Some((Kind::Style, text)) => drop(self.styles.insert(source(&text))),
                    None => {}
                },
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Script,
    Style,
}

impl Kind {
    fn of(tag: &[u8]) -> Option<Self> {
        match tag {
            b"script" => Some(Self::Script),
            b"style" => Some(Self::Style),
            _ => None,
        }
    }
}

/// Returns the policy source of an inline text. See
/// [hash-source](https://www.w3.org/TR/CSP3/#grammardef-hash-source).
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hash of `alert('Hello, world.');`, as the specification gives it.
    const HELLO: &str = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";

    fn scripts(page: &str) -> Vec<String> {
        let mut inline = Inline::default();
        inline.add(page);
        inline.scripts.into_iter().collect()
    }

    #[test]
    fn a_script_has_the_hash_of_the_specifications_example() {
        for page in [
            "<script>alert('Hello, world.');</script>",
            "<!doctype html><p>a<SCRIPT type=module>alert('Hello, world.');</SCRIPT><p>b",
        ] {
            assert_eq!(scripts(page), [HELLO], "{page}");
        }
    }

    #[test]
    fn markup_inside_a_script_belongs_to_it_and_scripts_inside_comments_do_not_count() {
        assert_eq!(
            scripts("<!-- <script>old()</script> --><script>a('<b>&amp;</b>')</script>"),
            [source("a('<b>&amp;</b>')")]
        );
        assert_eq!(scripts("<style>a > b { }</style>"), Vec::<String>::new());
    }

    #[test]
    fn a_script_from_a_file_has_no_hash() {
        assert!(scripts("<script src=/a.js></script>").is_empty());
    }

    #[test]
    fn line_ends_are_hashed_as_the_browser_reads_them() {
        assert_eq!(
            scripts("<script>a();\r\nb();\rc();</script>"),
            [source("a();\nb();\nc();")]
        );
    }

    #[test]
    fn styles_are_apart_from_scripts() {
        let mut inline = Inline::default();
        inline.add("<style>a>b{}</style><script>c()</script>");
        assert_eq!(inline.styles, BTreeSet::from([source("a>b{}")]));
        assert_eq!(inline.scripts, BTreeSet::from([source("c()")]));
    }
}
