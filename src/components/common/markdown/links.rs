//! Addresses in a text: those of web pages in running text, and those that a link may lead to.

use std::ops::Range;

use super::cjk::is_cjk;

/// Prefixes of an address.
const BEGINNINGS: [&str; 3] = ["https://", "http://", "www."];

/// Longest address that becomes a link, in characters.
const LONGEST: usize = 2_048;

/// Returns the address if a reader can follow it without harm.
pub fn safe_link(address: &str) -> Option<&str> {
    let address = address.trim();
    let scheme = address.split_once(':')?.0;
    ["http", "https", "mailto"]
        .iter()
        .any(|allowed| scheme.eq_ignore_ascii_case(allowed))
        .then_some(address)
}

/// Returns the ranges of the addresses in `text`, in order.
///
/// The end is that of GitHub Flavored Markdown: marks at the end of a sentence and brackets that
/// were not opened in the address are not part of it. It also ends at the first Chinese, Japanese
/// or Korean character, which may follow an address without a space.
pub(super) fn find_links(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(start) = next_start(text, from) {
        let end = start + length(&text[start..]);
        if end > start && is_after_boundary(text, start) {
            found.push(start..end);
            from = end;
        } else {
            from = start + 1;
        }
    }
    found
}

/// Returns the target of the link with that text.
pub(super) fn target(link: &str) -> String {
    if link
        .get(..4)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("www."))
    {
        format!("https://{link}")
    } else {
        link.to_owned()
    }
}

fn next_start(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (from..bytes.len()).find(|at| {
        matches!(bytes[*at], b'h' | b'H' | b'w' | b'W') && beginning(&bytes[*at..]).is_some()
    })
}

fn beginning(bytes: &[u8]) -> Option<usize> {
    BEGINNINGS
        .iter()
        .map(|it| it.as_bytes())
        .find(|it| {
            bytes
                .get(..it.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(it))
        })
        .map(<[u8]>::len)
}

/// Returns true if no word continues at `start`: `xhttp://` is not an address.
fn is_after_boundary(text: &str, start: usize) -> bool {
    let before = text[..start].chars().next_back();
    before.is_none_or(|letter| is_cjk(letter) || !letter.is_alphanumeric())
}

/// Returns the length of the address at the beginning of `text`; 0 if it has no host.
fn length(text: &str) -> usize {
    let Some(scheme) = beginning(text.as_bytes()) else {
        return 0;
    };
    let is_end = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || is_cjk(letter)
            || matches!(
                letter,
                '<' | '>' | '"' | '\u{2018}'..='\u{201f}' | '\u{2026}'
            )
    };
    let end = text
        .char_indices()
        .take(LONGEST)
        .find(|(_, letter)| is_end(*letter))
        .map(|(at, _)| at);
    let Some(end) = end.or_else(|| {
        text.char_indices()
            .nth(LONGEST)
            .is_none()
            .then_some(text.len())
    }) else {
        return 0;
    };
    let mut address = &text[..end];
    loop {
        let shorter = match address.chars().next_back() {
            Some('?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'') => {
                &address[..address.len() - 1]
            }
            Some(close @ (')' | ']')) => {
                let open = if close == ')' { '(' } else { '[' };
                let count = |wanted| address.chars().filter(|it| *it == wanted).count();
                if count(close) <= count(open) {
                    break;
                }
                &address[..address.len() - 1]
            }
            _ => break,
        };
        address = shorter;
    }
    let host = address.get(scheme..).unwrap_or_default();
    if host.starts_with(|letter: char| letter.is_alphanumeric() || letter == '[') {
        address.len()
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn addresses_end_where_their_sentence_goes_on() {
        for (text, expected) in [
            (
                "see https://example.org/a_b?c=d#e.",
                vec!["https://example.org/a_b?c=d#e"],
            ),
            (
                "(https://example.org/x_(y))",
                vec!["https://example.org/x_(y)"],
            ),
            (
                "见https://example.org/a。请看",
                vec!["https://example.org/a"],
            ),
            ("打开http://10.0.0.1:8000查看", vec!["http://10.0.0.1:8000"]),
            (
                "HTTPS://EXAMPLE.org www.example.org, x",
                vec!["HTTPS://EXAMPLE.org", "www.example.org"],
            ),
            ("xhttp://a https:// http://. javascript:alert(1)", vec![]),
            ("“https://example.org”", vec!["https://example.org"]),
        ] {
            let found: Vec<&str> = find_links(text).into_iter().map(|at| &text[at]).collect();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(target("www.example.org"), "https://www.example.org");
    }
}
