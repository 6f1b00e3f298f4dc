//! Choices that a prompt on the screen offers.

use crate::limits::{CHOICE_CHARS, CHOICES};

/// Choice of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Text on the screen.
    pub(crate) label: String,
    /// Key or word that chooses it.
    pub(crate) key: String,
}

/// Finds the choices in the rows of a prompt: a numbered list, or `y/n` at the end of a row.
pub(crate) fn find(rows: &[String]) -> Vec<Choice> {
    let numbered = numbered(rows);
    if numbered.len() >= 2 {
        return numbered;
    }
    rows.iter()
        .rev()
        .find(|row| !row.trim().is_empty())
        .map(|row| yes_or_no(row))
        .unwrap_or_default()
}

/// Returns the last list of rows that are numbered from 1.
fn numbered(rows: &[String]) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for row in rows {
        let Some((number, label)) = item(row) else {
            continue;
        };
        if number == 1 {
            choices.clear();
        }
        if number == choices.len() + 1 && number <= CHOICES {
            choices.push(Choice {
                label: label.chars().take(CHOICE_CHARS).collect(),
                key: number.to_string(),
            });
        }
    }
    choices
}

/// Splits a row such as `│ ❯ 1. Yes │`.
fn item(row: &str) -> Option<(usize, &str)> {
    let row = row.trim_matches(is_decoration);
    let digits = row.bytes().take_while(u8::is_ascii_digit).count();
    let number = row.get(..digits)?.parse().ok()?;
    let label = row.get(digits..)?.strip_prefix(['.', ')'])?;
    let label = label.strip_prefix(' ')?.trim();
    (!label.is_empty()).then_some((number, label))
}

/// Returns true for spaces, frames and marks of the selection.
pub(crate) fn is_decoration(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{2500}'..='\u{259f}')
        || matches!(
            character,
            '❯' | '›' | '>' | '●' | '○' | '→' | '▶' | '•' | '*'
        )
}

/// Returns the choices of a prompt that ends in `(y/n)`, `[Y/n]` or `(yes/no)`.
fn yes_or_no(row: &str) -> Vec<Choice> {
    let row = row.to_ascii_lowercase();
    let end = row.trim_end_matches([' ', ':', '?', '>']);
    let keys = if end.ends_with("y/n)") || end.ends_with("y/n]") {
        ["y", "n"]
    } else if end.ends_with("yes/no)") || end.ends_with("yes/no]") {
        ["yes", "no"]
    } else {
        return Vec::new();
    };
    ["Yes", "No"]
        .into_iter()
        .zip(keys)
        .map(|(label, key)| Choice {
            label: label.to_owned(),
            key: key.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(screen: &str) -> Vec<(String, String)> {
        let rows: Vec<_> = screen.lines().map(str::to_owned).collect();
        let choices = find(&rows).into_iter();
        choices.map(|choice| (choice.key, choice.label)).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = expected.iter();
        pairs
            .map(|(key, label)| ((*key).to_owned(), (*label).to_owned()))
            .collect()
    }

    #[test]
    fn a_numbered_list_is_offered_without_its_frame() {
        let screen = "\
╭──────────────────────────────────────────╮
│ Bash command                             │
│   rm -r target                           │
│ Do you want to proceed?                  │
│ ❯ 1. Yes                                 │
│   2. Yes, and don't ask again            │
│   3. No, and tell Claude what to do (esc)│
╰──────────────────────────────────────────╯";
        let expected = pairs(&[
            ("1", "Yes"),
            ("2", "Yes, and don't ask again"),
            ("3", "No, and tell Claude what to do (esc)"),
        ]);
        assert_eq!(found(screen), expected);
        assert_eq!(found("1) a\n2) b\n#? "), pairs(&[("1", "a"), ("2", "b")]));
    }

    #[test]
    fn the_last_list_counts_and_a_single_number_is_none() {
        let screen = "1. old\n2. older\n\n1. new\n2. newer";
        assert_eq!(found(screen), pairs(&[("1", "new"), ("2", "newer")]));
        assert_eq!(found("1. Introduction\nName?"), []);
        assert_eq!(found("version 1.2\n2.5 MB"), []);
    }

    #[test]
    fn a_yes_or_no_prompt_offers_both() {
        assert_eq!(found("Go on? [Y/n] "), pairs(&[("y", "Yes"), ("n", "No")]));
        let expected = pairs(&[("yes", "Yes"), ("no", "No")]);
        assert_eq!(found("Trust it? (yes/no): \n\n"), expected);
        assert_eq!(found("What is your name?"), []);
    }
}
