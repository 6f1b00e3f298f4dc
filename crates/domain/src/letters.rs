//! Characters that people cannot see or cannot tell apart.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_security::confusable_detection::skeleton;

/// The empty Braille cell, which has a category of visible characters.
const BRAILLE_BLANK: char = '\u{2800}';

/// Returns the first control character and its position in characters.
pub(super) fn control(text: &str) -> Option<(usize, char)> {
    first(text, char::is_control)
}

/// Returns the first character that is invisible or changes the text direction, with its position
/// in characters.
pub(super) fn hidden(text: &str) -> Option<(usize, char)> {
    first(text, |letter| {
        !letter.is_whitespace() && is_invisible(letter)
    })
}

fn first(text: &str, is_wrong: impl Fn(char) -> bool) -> Option<(usize, char)> {
    text.chars()
        .enumerate()
        .find(|(_, letter)| is_wrong(*letter))
}

/// Returns true if a text has a visible character.
pub(super) fn is_visible(text: &str) -> bool {
    text.chars()
        .any(|letter| !letter.is_whitespace() && !is_invisible(letter))
}

fn is_invisible(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_control();
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(letter);
    letter == BRAILLE_BLANK
        || matches!(category, GeneralCategory::Control | GeneralCategory::Format)
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(letter)
}

/// Returns true for two names that people mistake for each other (UTS 39, "confusable").
///
/// Names of ASCII letters alone never count: everybody who types them in a shell tells them apart.
pub(super) fn look_alike(left: &str, right: &str) -> bool {
    let is_plain = left.is_ascii() && right.is_ascii();
    left != right && !is_plain && skeleton(left).eq(skeleton(right))
}

/// Returns the canonical form of a text: accented letters can be written in two ways (NFC, UAX 15).
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Returns the form in which texts are searched: lower case, in one Unicode form (NFKC).
pub(super) fn folded(text: &str) -> String {
    let normalizer = ComposingNormalizerBorrowed::new_nfkc();
    normalizer.normalize(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_not_visible() {
        for text in [
            "",
            " ",
            "\u{200b}\u{200d}",
            "\u{202e}",
            "\u{feff}",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}\u{e0020}",
            "\u{fe0f}",
        ] {
            assert!(!is_visible(text), "{text:?}");
        }
        for text in [
            "a",
            "修",
            "👩\u{200d}💻",
            "נ\u{200f}",
            "नि\u{200d}",
            "\u{e000}",
        ] {
            assert!(is_visible(text), "{text:?}");
        }
    }

    #[test]
    fn names_that_look_the_same_are_found() {
        for (left, right) in [("ada", "ad\u{430}"), ("é", "e\u{301}"), ("bob", "bоb")] {
            assert!(look_alike(left, right), "{left} {right}");
        }
        for (left, right) in [
            ("ada", "ada"),
            ("modern", "modem"),
            ("agent-1", "agent-l"),
            ("修", "复"),
        ] {
            assert!(!look_alike(left, right), "{left} {right}");
        }
    }

    #[test]
    fn characters_are_found_with_their_position() {
        assert_eq!(control("修a\0"), Some((2, '\0')));
        assert_eq!(hidden("ab\u{202e}c"), Some((2, '\u{202e}')));
        assert_eq!(hidden("a b"), None);
        assert_eq!(composed("e\u{301}"), "é");
    }
}
