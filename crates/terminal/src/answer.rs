//! Keys that give an answer to a prompt.

use crate::choices::Choice;
use crate::status::Need;

/// Mode of the program's terminal, which decides the form of the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// True if the terminal collects a line until Enter.
    pub by_line: bool,
    /// True if the program wants pasted text to be marked.
    pub marks_pasted: bool,
}

/// Keys that give an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Text or key of the answer.
    pub text: Vec<u8>,
    /// Enter, if it follows. A program that reads key by key takes it for a part of a pasted text
    /// unless it comes later.
    pub enter: Option<Vec<u8>>,
}

/// Returns the keys for an answer; none if the prompt offers choices and the answer is no choice.
pub(crate) fn keys(
    answer: &str,
    choices: &[Choice],
    need: Option<Need>,
    mode: Mode,
) -> Option<Keys> {
    let text = plain(answer);
    if !choices.is_empty() {
        let key = choice(&text, choices, need)?.key.clone().into_bytes();
        // A program that reads key by key chooses with the first one.
        let is_chosen = key.len() == 1 && !mode.by_line;
        return Some(Keys {
            text: key,
            enter: (!is_chosen).then(|| enter(mode)),
        });
    }
    let is_pasted = mode.marks_pasted && !mode.by_line;
    let text = match is_pasted {
        true => format!("\x1b[200~{text}\x1b[201~"),
        // A line break would end the answer.
        false => text.replace('\n', " "),
    };
    Some(Keys {
        text: text.into_bytes(),
        enter: Some(enter(mode)),
    })
}

fn enter(mode: Mode) -> Vec<u8> {
    if mode.by_line { b"\n" } else { b"\r" }.to_vec()
}

/// Returns the choice that an answer names by its text, its number, or as a permission.
fn choice<'a>(answer: &str, choices: &'a [Choice], need: Option<Need>) -> Option<&'a Choice> {
    let answer = answer.trim();
    let named = choices
        .iter()
        .find(|choice| choice.label == answer || choice.key == answer);
    let any_case = || {
        let same = |choice: &&Choice| choice.label.eq_ignore_ascii_case(answer);
        choices.iter().find(same)
    };
    let by_word = || {
        let is_permission = need == Some(Need::Permission);
        let words: &[&str] = match answer.to_ascii_lowercase().as_str() {
            "allow" | "approve" | "yes" | "y" if is_permission => &["yes", "allow", "approve"],
            "deny" | "reject" | "no" | "n" if is_permission => &["no", "deny", "reject", "cancel"],
            _ => return None,
        };
        choices.iter().find(|choice| {
            let first = choice.label.split([' ', ',', '.', '(']).next();
            first.is_some_and(|first| words.iter().any(|word| first.eq_ignore_ascii_case(word)))
        })
    };
    named.or_else(any_case).or_else(by_word)
}

/// Returns a text without characters that act as keys: escape codes and other control characters.
fn plain(text: &str) -> String {
    let text = text.trim_end().replace("\r\n", "\n").replace('\t', " ");
    text.chars()
        .filter(|character| *character == '\n' || !character.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> Vec<Choice> {
        let labels = ["Yes", "Yes, always", "No, and say why (esc)"];
        let labels = labels.into_iter().enumerate();
        labels
            .map(|(index, label)| Choice {
                label: label.to_owned(),
                key: (index + 1).to_string(),
            })
            .collect()
    }

    #[test]
    fn a_choice_is_one_key() {
        let key = |answer: &str| {
            let keys = keys(answer, &choices(), Some(Need::Permission), Mode::default())?;
            assert_eq!(keys.enter, None);
            String::from_utf8(keys.text).ok()
        };
        let some = |key: &str| Some(key.to_owned());
        assert_eq!(key("Yes"), some("1"));
        assert_eq!(key("yes, always"), some("2"));
        assert_eq!(key("3"), some("3"));
        assert_eq!(key("Allow"), some("1"));
        assert_eq!(key("Deny"), some("3"));
        assert_eq!(key("perhaps"), None);
        let question = keys("Allow", &choices(), Some(Need::Question), Mode::default());
        assert_eq!(question, None);
    }

    #[test]
    fn a_text_is_one_line_with_enter() {
        let by_line = Mode {
            by_line: true,
            marks_pasted: true,
        };
        let line = keys("a\x1b[A\r\nb\x03\n", &[], None, by_line).unwrap();
        assert_eq!(line.text, b"a[A b");
        assert_eq!(line.enter.as_deref(), Some(&b"\n"[..]));
        let marked = Mode {
            by_line: false,
            marks_pasted: true,
        };
        let pasted = keys("a\nb\x1b[201~", &[], None, marked).unwrap();
        assert_eq!(pasted.text, b"\x1b[200~a\nb[201~\x1b[201~");
        assert_eq!(pasted.enter.as_deref(), Some(&b"\r"[..]));
        let keyed = keys("a\nb", &[], None, Mode::default()).unwrap();
        assert_eq!(keyed.text, b"a b");
    }
}
