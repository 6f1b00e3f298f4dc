//! Conversion of a file's values to the texts of a task.

use super::json::Json;
use crate::{letters, terminal};

/// Returns a word without insignificant differences: case, spaces, `_` and `-`.
pub(super) fn spelled(word: &str) -> String {
    let letters = word.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Returns a value as Markdown; `None` if it is empty.
///
/// A list of simple values becomes a list, a value with parts becomes fenced JSON.
pub(super) fn markdown(value: &Json) -> Option<String> {
    if !value.says_something() {
        return None;
    }
    Some(match value {
        Json::List(items) if items.iter().all(is_simple) => {
            let lines: Vec<_> = items
                .iter()
                .filter_map(simple)
                .map(|item| format!("- {}", item.replace('\n', "\n  ")))
                .collect();
            lines.join("\n")
        }
        Json::List(_) | Json::Object(_) => fenced(&value.to_string()),
        value => simple(value)?,
    })
    .filter(|text| !text.is_empty())
}

fn is_simple(value: &Json) -> bool {
    !matches!(value, Json::List(_) | Json::Object(_))
}

/// Returns a simple value as text; `None` if it is empty.
pub(super) fn simple(value: &Json) -> Option<String> {
    if !value.says_something() {
        return None;
    }
    match value {
        Json::Text(text) | Json::Broken(text, _) => Some(text.clone()),
        Json::Number(number) => Some(number.clone()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Null | Json::List(_) | Json::Object(_) => None,
    }
}

/// Returns JSON in a fence that nothing in it closes.
pub(super) fn fenced(json: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for letter in json.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}json\n{json}\n{fence}")
}

/// Returns the visible part of a text, as one line; `None` if that is empty.
pub(in crate::import) fn line(text: &str) -> Option<String> {
    // In files a carriage return breaks a line, and does not go back to its start.
    let shown = terminal::plain(text.replace('\r', " "));
    let words = shown.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    letters::is_visible(&line).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_word_are_equivalent() {
        for written in ["in-progress", "In_Progress", " IN PROGRESS ", "inProgress"] {
            assert_eq!(spelled(written), "inprogress");
        }
    }

    #[test]
    fn a_title_is_what_can_be_seen() {
        assert_eq!(line("a\u{1b}[31mb\tc\r\nd").as_deref(), Some("ab c d"));
        assert_eq!(line("👩\u{200d}💻 ").as_deref(), Some("👩\u{200d}💻"));
        for nothing in ["", " \n", "\u{200b}\u{2060}", "\u{1b}[0m"] {
            assert_eq!(line(nothing), None);
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_is_in_it() {
        assert_eq!(fenced("\"````\""), "`````json\n\"````\"\n`````");
    }
}
