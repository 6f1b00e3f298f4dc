//! Checks the language of comments: see "Comments" in CONTRIBUTING.md.

use std::{fmt, fs};

use anyhow::{Context as _, Result, bail};

use crate::stamp;
use crate::workspace::Workspace;

/// Words that no doc comment may begin with. Such a doc is half of a question, and its reader has
/// to find the other half.
const QUESTIONS: [&str; 8] = [
    "What", "Whether", "Who", "Which", "How", "Where", "When", "Whose",
];

/// Maximum width of a line with a comment, in characters.
const COLUMNS: usize = 100;

/// Maximum number of faults that are printed.
const SHOWN: usize = 40;

/// A fault of a comment.
#[derive(Debug, PartialEq, Eq)]
enum Fault<'a> {
    Question(&'a str),
    Wide(usize),
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Question(word) => write!(formatter, "a doc comment begins with {word:?}"),
            Self::Wide(columns) => {
                write!(
                    formatter,
                    "a comment has {columns} columns; the maximum is {COLUMNS}"
                )
            }
        }
    }
}

/// Checks the comments of all sources except integration tests.
///
/// # Errors
/// A source cannot be read, or a comment has a fault; the faults are printed.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut files = stamp::rust_files(&workspace.root.join("src"))?;
    for entry in fs::read_dir(workspace.root.join("crates"))? {
        files.extend(stamp::rust_files(&entry?.path().join("src"))?);
    }
    files.sort();
    let mut found = 0;
    for file in files {
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(&workspace.root).unwrap_or(&file);
        for (line, fault) in faults(&text) {
            found += 1;
            if found <= SHOWN {
                println!("{}:{line}: {fault}", name.display());
            }
        }
    }
    if found > 0 {
        bail!("{found} comments have faults");
    }
    Ok(())
}

/// Returns the faults of a source with their lines, counted from 1.
fn faults(text: &str) -> Vec<(usize, Fault<'_>)> {
    let mut found = Vec::new();
    let mut in_doc = false;
    for (index, line) in text.lines().enumerate() {
        let code = line.trim_start();
        let doc = code
            .strip_prefix("///")
            .or_else(|| code.strip_prefix("//!"));
        if let Some(doc) = doc.filter(|_| !in_doc) {
            let first = doc.split_whitespace().next().unwrap_or_default();
            let first = first.trim_end_matches(|letter: char| !letter.is_alphanumeric());
            if QUESTIONS.contains(&first) {
                found.push((index + 1, Fault::Question(first)));
            }
        }
        in_doc = doc.is_some();
        let columns = line.chars().count();
        if code.starts_with("//") && columns > COLUMNS {
            found.push((index + 1, Fault::Wide(columns)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doc_that_begins_with_a_question_word_is_found() {
        let text = "//! What it is.\n\n/// Returns true.\n/// Where it is so.\nfn a() {}\n    /// Who: them.\n";
        let expected = [(1, Fault::Question("What")), (6, Fault::Question("Who"))];
        assert_eq!(faults(text), expected);
        assert_eq!(faults("/// Whatever is left.\n// How it works.\n"), []);
    }

    #[test]
    fn a_comment_that_is_too_wide_is_found_and_code_is_not() {
        let wide = format!("// {}", "é".repeat(COLUMNS - 2));
        assert_eq!(faults(&wide), [(1, Fault::Wide(COLUMNS + 1))]);
        let fits = format!("// {}", "é".repeat(COLUMNS - 3));
        assert_eq!(faults(&fits), []);
        assert_eq!(faults(&format!("let a = \"{wide}\";")), []);
    }
}
