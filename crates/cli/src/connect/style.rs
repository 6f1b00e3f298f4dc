//! Edits of JSON that leave every other byte as it is, in the style of the text.

use std::ops::Range;

use serde_json::Value;

use super::json::Node;

/// Style of a text: its indentation and its line breaks.
#[derive(Clone, Debug)]
pub(super) struct Style {
    indent: String,
    line_break: &'static str,
}

impl Style {
    /// Finds the style of a text.
    pub(super) fn of(text: &str) -> Self {
        let blanks = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let first = text
            .lines()
            .find(|line| blanks(line) > 0 && !line.trim().is_empty());
        Self {
            indent: first.map_or("  ", |line| &line[..blanks(line)]).to_owned(),
            line_break: if text.contains("\r\n") { "\r\n" } else { "\n" },
        }
    }

    fn new_line(&self, depth: usize) -> String {
        self.line_break.to_owned() + &self.indent.repeat(depth)
    }

    /// Returns a value over several lines, the first of which stands at that depth.
    fn written(&self, value: &Value, depth: usize) -> String {
        match value {
            Value::Object(members) if !members.is_empty() => {
                let members = members.iter().map(|(name, value)| {
                    let name = Value::from(name.as_str());
                    format!("{name}: {}", self.written(value, depth + 1))
                });
                self.listed(members, depth, ['{', '}'])
            }
            Value::Array(elements) if !elements.is_empty() => {
                let elements = elements.iter().map(|value| self.written(value, depth + 1));
                self.listed(elements, depth, ['[', ']'])
            }
            other => other.to_string(),
        }
    }

    fn listed(
        &self,
        items: impl Iterator<Item = String>,
        depth: usize,
        [open, close]: [char; 2],
    ) -> String {
        let inner = self.new_line(depth + 1);
        let items: Vec<_> = items.map(|item| format!("{inner}{item}")).collect();
        format!("{open}{}{}{close}", items.join(","), self.new_line(depth))
    }

    /// Returns the text with a member at the end of an object, which stands at that depth.
    pub(super) fn with_member(
        &self,
        text: &str,
        object: &Node,
        depth: usize,
        (name, value): (&str, &Value),
    ) -> String {
        let name = Value::from(name);
        let member = format!("{name}: {}", self.written(value, depth + 1));
        self.with_item(text, object, depth, &member)
    }

    /// Returns the text with an element at the end of an array, which stands at that depth.
    pub(super) fn with_element(
        &self,
        text: &str,
        array: &Node,
        depth: usize,
        value: &Value,
    ) -> String {
        self.with_item(text, array, depth, &self.written(value, depth + 1))
    }

    fn with_item(&self, text: &str, list: &Node, depth: usize, item: &str) -> String {
        let line = self.new_line(depth + 1);
        match list.places().last() {
            Some(last) => replaced(text, last.end..last.end, &format!(",{line}{item}")),
            None => {
                let inner = list.place.start + 1..list.place.end - 1;
                replaced(
                    text,
                    inner,
                    &format!("{line}{item}{}", self.new_line(depth)),
                )
            }
        }
    }
}

/// Returns the text without a member or an element of a list, given by its position.
pub(super) fn without(text: &str, list: &Node, position: usize) -> String {
    let places = list.places();
    let place = &places[position];
    let range = match (position.checked_sub(1), places.get(position + 1)) {
        (Some(before), _) => places[before].end..place.end,
        (None, Some(after)) => place.start..after.start,
        (None, None) => list.place.start + 1..list.place.end - 1,
    };
    replaced(text, range, "")
}

fn replaced(text: &str, range: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..range.start], &text[range.end..])
}
