//! The size of answers: models pay for every byte that they read.

use serde_json::{Value, json};

use crate::domain::validate::cut;

/// Largest answer of a tool and largest text of a resource, in bytes, unless the caller asks for
/// whole texts.
pub(crate) const ANSWER_BYTES: usize = 8 * 1024;

/// Length, in bytes, below which no text is cut.
const KEPT_BYTES: usize = 200;

/// Mark at the end of a text that was cut.
const MARK: &str = "…";

/// Returns the size of a value as JSON, in bytes.
pub(super) fn size(value: &Value) -> usize {
    value.to_string().len()
}

/// Cuts the longest texts of an answer until it has at most `most` bytes. An answer that was cut
/// has the member `cut`.
pub(super) fn fit(mut value: Value, most: usize) -> Value {
    if size(&value) <= most {
        return value;
    }
    if let Value::Object(members) = &mut value {
        members.insert("cut".to_owned(), json!(true));
    }
    loop {
        let excess = size(&value).saturating_sub(most);
        if excess == 0 {
            return value;
        }
        let Some(text) = longest_text(&mut value).filter(|text| text.len() > KEPT_BYTES) else {
            break;
        };
        // With its escapes the text is longer, so the excess is a share of that.
        let written = Value::from(text.as_str()).to_string().len();
        let left = written.saturating_sub(excess + MARK.len());
        // Each round makes it shorter, whatever its escapes are.
        let kept = (text.len() * left / written)
            .min(text.len() - MARK.len() - 1)
            .max(KEPT_BYTES - MARK.len());
        *text = format!("{}{MARK}", cut(text, kept));
    }
    while size(&value) > most {
        let Some(list) = longest_list(&mut value).filter(|list| !list.is_empty()) else {
            break;
        };
        list.pop();
    }
    value
}

/// Returns a text of at most `most` bytes, with a mark where it was cut.
pub(super) fn short(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    format!("{}{MARK}", cut(text, most.saturating_sub(MARK.len())))
}

fn longest_text(value: &mut Value) -> Option<&mut String> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(list) => list
            .iter_mut()
            .filter_map(longest_text)
            .max_by_key(|text| text.len()),
        Value::Object(members) => members
            .values_mut()
            .filter_map(longest_text)
            .max_by_key(|text| text.len()),
        _ => None,
    }
}

fn longest_list(value: &mut Value) -> Option<&mut Vec<Value>> {
    match value {
        Value::Array(list) => Some(list),
        Value::Object(members) => members
            .values_mut()
            .filter_map(longest_list)
            .max_by_key(|list| list.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_that_fits_stays_as_it_is() {
        let value = json!({"title": "x".repeat(300)});
        assert_eq!(fit(value.clone(), 1000), value);
    }

    #[test]
    fn the_longest_text_is_cut_first_and_short_ones_stay() {
        let value = json!({"title": "Parse it", "prompt": "é".repeat(9000)});
        let fitted = fit(value, ANSWER_BYTES);
        assert!(size(&fitted) <= ANSWER_BYTES, "{}", size(&fitted));
        assert!(size(&fitted) > ANSWER_BYTES - 100, "no more than needed");
        let escaped = fit(json!({"prompt": "é\"\n".repeat(5000)}), ANSWER_BYTES);
        assert!(size(&escaped) > ANSWER_BYTES - 100, "{}", size(&escaped));
        assert_eq!(fitted["title"], "Parse it");
        assert_eq!(fitted["cut"], true);
    }

    proptest! {
        #[test]
        fn every_answer_fits(
            texts in proptest::collection::vec(".{0,400}", 0..40),
            long in "[a-z\"\n\u{1}é]{0,9000}",
        ) {
            let fitted = fit(json!({"rows": texts, "text": long}), 2000);
            prop_assert!(size(&fitted) <= 2000);
        }
    }
}
