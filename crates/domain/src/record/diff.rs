//! Edits that turn a long text back into its previous version.
//!
//! Undo and history start from the current text. So an edit has the text to restore, and the range
//! of the current text that it replaces.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::limits::{RECORDED_DIFF_BYTES, RECORDED_DIFF_LINES};
use crate::store::TextEdit;

/// Approximate bytes of an edit besides its text.
const EDIT_BYTES: usize = 40;

/// Returns the edits that turn `after` into `before`; none if they would exceed
/// [`RECORDED_DIFF_BYTES`].
pub(super) fn back(before: &str, after: &str) -> Vec<TextEdit> {
    let start = common_start(before, after);
    let (old, new) = (&before[start..], &after[start..]);
    let end = common_end(old, new);
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let edits = edits_between(start, old, new);
    let bytes: usize = edits.iter().map(|edit| edit.text.len() + EDIT_BYTES).sum();
    match bytes <= RECORDED_DIFF_BYTES {
        true => edits,
        false => Vec::new(),
    }
}

/// Compares two texts line by line, or as a whole if that could take long.
///
/// `at` is their offset in the full texts.
fn edits_between(at: usize, old: &str, new: &str) -> Vec<TextEdit> {
    let (old_lines, new_lines) = (split(old), split(new));
    if old_lines.len().max(new_lines.len()) > RECORDED_DIFF_LINES {
        return vec![TextEdit {
            at,
            bytes: new.len(),
            text: old.to_owned(),
        }];
    }
    let places = |lines: &[&str]| -> Vec<usize> {
        let mut places = vec![0];
        for line in lines {
            places.push(places[places.len() - 1] + line.len());
        }
        places
    };
    let (old_places, new_places) = (places(&old_lines), places(&new_lines));
    let operations = capture_diff_slices(Algorithm::Myers, &new_lines, &old_lines);
    let changes = operations
        .iter()
        .filter(|operation| operation.tag() != DiffTag::Equal);
    changes
        .map(|operation| {
            let (now, was) = (operation.old_range(), operation.new_range());
            let first = new_places[now.start];
            TextEdit {
                at: at + first,
                bytes: new_places[now.end] - first,
                text: old[old_places[was.start]..old_places[was.end]].to_owned(),
            }
        })
        .collect()
}

/// Returns the lines of a text with their line ends.
fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Returns the length of the common prefix of both texts, in whole characters.
fn common_start(a: &str, b: &str) -> usize {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    a.floor_char_boundary(same)
}

/// Returns the length of the common suffix of both texts, in whole characters.
fn common_end(a: &str, b: &str) -> usize {
    let pairs = a.bytes().rev().zip(b.bytes().rev());
    let same = pairs.take_while(|(a, b)| a == b).count();
    a.len() - a.ceil_char_boundary(a.len() - same)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just("a\n"),
            Just("äb\n"),
            Just("本\n"),
            Just("🦀"),
            Just("\n")
        ];
        prop::collection::vec(line, 0..40).prop_map(|lines| lines.concat())
    }

    proptest! {
        #[test]
        fn the_text_before_follows_from_the_text_after(before in text(), after in text()) {
            let edits = back(&before, &after);
            prop_assert_eq!(TextEdit::apply(&edits, &after), Some(before));
        }
    }

    #[test]
    fn an_edit_has_what_was_there_and_is_bounded() {
        let step = |number: usize| format!("- [ ] step {number}.\n");
        let before: String = (0..900).map(step).collect();
        let after = before
            .replace("[ ] step 3.", "[x] step 3.")
            .replace("[ ] step 800.", "[x] step 800.");
        let edits = back(&before, &after);
        let kept: usize = edits.iter().map(|edit| edit.text.len()).sum();
        assert_eq!(edits.len(), 2, "{edits:?}");
        assert!(kept < 60, "{edits:?}");
        assert_eq!(TextEdit::apply(&edits, &after), Some(before.clone()));

        let appended = back(&before, &format!("{before}One more."));
        assert_eq!(appended.len(), 1);
        assert_eq!(appended[0].text, "");

        let large = "x".repeat(RECORDED_DIFF_BYTES);
        assert_eq!(back(&large, ""), []);
        let many = "a\n".repeat(RECORDED_DIFF_LINES + 1);
        let others = "b\n".repeat(RECORDED_DIFF_LINES + 1);
        assert_eq!(back(&many, &others).len(), 1, "not compared line by line");
    }
}
