//! Emphasis beside Chinese, Japanese and Korean text.
//!
//! CommonMark decides by spaces and punctuation around `**` if it opens or closes emphasis, as if
//! words had spaces between them. It finds none in `**注意：**先`, since a letter follows punctuation.
//! So a mark that is neither is inserted between such punctuation and the run, and removed from the
//! parser's output.

use std::borrow::Cow;

/// Characters without script or meaning, which a text contains at most by accident.
const MARKS: std::ops::RangeInclusive<char> = '\u{fdd0}'..='\u{fdef}';

/// Returns true for characters of Chinese, Japanese and Korean, and their punctuation.
pub(super) const fn is_cjk(letter: char) -> bool {
    matches!(letter,
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{2fdf}'
        | '\u{3001}'..='\u{31ff}'
        | '\u{3200}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Returns true for characters that CommonMark counts as punctuation.
fn is_punctuation(letter: char) -> bool {
    !letter.is_alphanumeric() && !letter.is_whitespace() && !letter.is_control()
}

/// Text for the parser, and the mark to remove from its output.
pub(super) struct Marked<'a> {
    pub(super) text: Cow<'a, str>,
    mark: Option<char>,
}

impl<'a> Marked<'a> {
    /// Inserts marks where a run of `*` or `~` has to count as beside a letter.
    pub(super) fn new(text: &'a str) -> Self {
        let plain = Self {
            text: Cow::Borrowed(text),
            mark: None,
        };
        if !text.chars().any(is_cjk) {
            return plain;
        }
        let Some(mark) = MARKS.clone().find(|mark| !text.contains(*mark)) else {
            return plain;
        };
        Self {
            text: Cow::Owned(marked(text, mark)),
            mark: Some(mark),
        }
    }

    /// Removes the mark from a part of the text.
    pub(super) fn clean<'b>(&self, part: &'b str) -> Cow<'b, str> {
        match self.mark {
            Some(mark) if part.contains(mark) => Cow::Owned(part.replace(mark, "")),
            _ => Cow::Borrowed(part),
        }
    }
}

fn marked(text: &str, mark: char) -> String {
    let mut written = String::with_capacity(text.len() + 16);
    let mut before = None::<char>;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if !matches!(letter, '*' | '~') {
            written.push(letter);
            before = Some(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let run_end = rest.find(|other| other != letter).unwrap_or(rest.len());
        let (run, after) = rest.split_at(run_end);
        let next = after.chars().next();
        if counts_as_letter(before, next) {
            written.push(mark);
        }
        written.push_str(run);
        if counts_as_letter(next, before) {
            written.push(mark);
        }
        before = Some(letter);
        rest = after;
    }
    written
}

/// Returns true for punctuation at a run that has to count as a letter. That is Chinese, Japanese
/// or Korean punctuation, and any other if the character at the other end is of these scripts.
fn counts_as_letter(punctuation: Option<char>, other: Option<char>) -> bool {
    punctuation.is_some_and(|it| {
        // A backslash escapes the run and stays beside it.
        is_punctuation(it) && it != '\\' && (is_cjk(it) || other.is_some_and(is_cjk))
    })
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn marks_are_where_punctuation_meets_a_run_beside_these_scripts() {
        for (text, expected) in [
            ("**注意：**先", "**注意：|**先"),
            ("这里**（重要）**不能", "这里**|（重要）|**不能"),
            ("**한국어(강조)**는", "**한국어(강조)|**는"),
            ("~~（删除）~~也", "~~|（删除）|~~也"),
            ("**bold.** 是", "**bold.** 是"),
            ("甲\\**（乙", "甲\\**|（乙"),
        ] {
            assert_eq!(marked(text, '|'), expected);
        }
    }

    #[wasm_bindgen_test]
    fn what_was_put_in_is_taken_out_again() {
        let text = "**注意：**先\u{fdd0}";
        let marked = Marked::new(text);
        assert_ne!(marked.text, text);
        assert_eq!(marked.clean(&marked.text), text);
        assert_eq!(Marked::new("**bold.**x").text, "**bold.**x");
    }
}
