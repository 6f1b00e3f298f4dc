//! Checks that documents in both languages say the same, by the parts that a translation keeps.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;

/// Documents with their translations.
const PAIRS: [[&str; 2]; 6] = [
    ["README.md", "README.zh-CN.md"],
    ["docs/agents.md", "docs/agents.zh-CN.md"],
    ["docs/cli.md", "docs/cli.zh-CN.md"],
    ["docs/mcp.md", "docs/mcp.zh-CN.md"],
    ["docs/operations.md", "docs/operations.zh-CN.md"],
    ["docs/queries.md", "docs/queries.zh-CN.md"],
];

/// Number of words of a command that are compared: arguments may contain words of the language.
const COMMAND_WORDS: usize = 3;

/// Compares headings, commands and tables.
///
/// # Errors
/// A file is missing, or the files differ; the message names the first difference.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let read = |name| {
        fs::read_to_string(workspace.root.join(name)).with_context(|| format!("cannot read {name}"))
    };
    for names in PAIRS {
        let [original, translation] = names.map(read);
        if let Some((original, translation)) = first_difference(&original?, &translation?) {
            bail!(
                "{} has {original} where {} has {translation}",
                names[0],
                names[1]
            );
        }
    }
    Ok(())
}

/// Returns the first difference between the frames of two texts, as it reads in each.
fn first_difference(one: &str, other: &str) -> Option<(String, String)> {
    let (one, other) = (frame(one), frame(other));
    let at = (0..one.len().max(other.len())).find(|&at| one.get(at) != other.get(at))?;
    let shown = |frame: &[String]| {
        frame
            .get(at)
            .map_or_else(|| "nothing".to_owned(), |part| format!("`{part}`"))
    };
    Some((shown(&one), shown(&other)))
}

/// Returns the parts that a translation keeps: the depth of headings, the beginning of commands,
/// the code in the first cell of a table's row.
fn frame(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            parts.push(line.to_owned());
        } else if in_code {
            parts.push(
                line.split_whitespace()
                    .take(COMMAND_WORDS)
                    .collect::<Vec<_>>()
                    .join(" "),
            );
        } else if line.starts_with('#') {
            parts.push(line.chars().take_while(|&letter| letter == '#').collect());
        } else if let Some(row) = line.strip_prefix('|') {
            let cell = row.split('|').next().unwrap_or_default();
            let code: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
            parts.push(format!("| {}", code.join(" ")));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "# Name\ntext\n## Run\n```sh\nrun it --now  # at once\n```\n| Variable | what |\n|---|---|\n| `A` | one |\n";

    #[test]
    fn the_documents_of_this_repository_say_the_same() {
        check(&Workspace::find().unwrap()).unwrap();
    }

    #[test]
    fn a_translation_with_the_same_frame_is_accepted() {
        let chinese = "# 名\n\n字\n字\n## 运行\n```sh\nrun it --now  # 立即\n```\n| 变量 | 意思 |\n|---|---|\n| `A` | 一 |\n";
        assert_eq!(first_difference(ENGLISH, chinese), None);
    }

    #[test]
    fn a_missing_section_another_command_and_another_row_are_found() {
        let change = |from: &str, to: &str| first_difference(ENGLISH, &ENGLISH.replace(from, to));
        let pair = |one: &str, other: &str| Some((one.to_owned(), other.to_owned()));
        assert_eq!(change("## Run", "### Run"), pair("`##`", "`###`"));
        assert_eq!(
            change("run it", "run that"),
            pair("`run it --now`", "`run that --now`")
        );
        assert_eq!(change("| `A` | one |\n", ""), pair("`| A`", "nothing"));
    }
}
