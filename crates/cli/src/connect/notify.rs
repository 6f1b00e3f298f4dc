//! `notify` in Codex's config.toml: Codex runs it without trust, at the end of each turn.

use std::path::PathBuf;

use toml_edit::{Array, DocumentMut, Item, value};

use super::change::Change;
use super::edit::Edit;
use crate::failure::{Failure, Result};
use crate::program::Program;
use crate::surroundings::Surroundings;

/// Arguments of the program; Codex adds the event.
const ARGUMENTS: [&str; 2] = ["hook", "codex-notify"];

/// Finds the change of the file. To remove nothing from a file that does not exist is no change.
///
/// # Errors
/// Returns a failure if the file cannot be edited without harm.
pub(super) fn change(
    around: &Surroundings,
    program: &Program,
    remove: bool,
) -> Result<Option<Change>> {
    let path = path(around).ok_or_else(|| Failure::local("no home folder: set HOME"))?;
    if remove && !path.exists() {
        return Ok(None);
    }
    let edit = Edit {
        add: &|text, _| add(text, program),
        remove: &self::remove,
        has_own: &|text| parse(text).is_ok_and(|document| is_own(&document)),
    };
    let wanted = format!("notify = {:?}", words(program));
    edit.change(around, path, remove, &wanted).map(Some)
}

fn words(program: &Program) -> [&str; 3] {
    [program.as_str(), ARGUMENTS[0], ARGUMENTS[1]]
}

fn path(around: &Surroundings) -> Option<PathBuf> {
    let named = around.variable("CODEX_HOME").map(PathBuf::from);
    let folder = named.or_else(|| Some(around.home()?.join(".codex")))?;
    Some(folder.join("config.toml"))
}

fn parse(text: &str) -> Result<DocumentMut, String> {
    let document = text.parse();
    document.map_err(|error| format!("it is not valid TOML: {error}"))
}

fn is_own(document: &DocumentMut) -> bool {
    program_of(document).is_some()
}

/// Returns the program that `notify` starts, if it is TaskTree.
fn program_of(document: &DocumentMut) -> Option<Program> {
    let words = document.get("notify").and_then(Item::as_array)?;
    let mut words = words.iter().map(toml_edit::Value::as_str);
    let program = Program::of_word(words.next()??)?;
    words.eq(ARGUMENTS.map(Some)).then_some(program)
}

fn add(text: &str, program: &Program) -> Result<String, String> {
    let mut document = parse(text)?;
    match program_of(&document) {
        Some(found) if found == *program => return Ok(text.to_owned()),
        None if document.contains_key("notify") => {
            return Err("its `notify` starts another program already".to_owned());
        }
        _ => {}
    }
    document["notify"] = value(Array::from_iter(words(program)));
    Ok(document.to_string())
}

fn remove(text: &str) -> Result<String, String> {
    let mut document = parse(text)?;
    if is_own(&document) {
        document.remove("notify");
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_rest_of_the_file_keeps_its_bytes_and_its_comments() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        let around = Surroundings::new(folder.path(), &[("HOME", home)]);
        let change = |around: &_, remove| change(around, &Program::by_name(), remove);
        let path = folder.path().join(".codex/config.toml");
        assert!(change(&around, true).unwrap().is_none());
        let before = "# mine\nmodel = \"gpt\"   # the best\n\n[features]\n# on\nhooks = true\n";
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, before).unwrap();
        for _ in 0..2 {
            change(&around, false)
                .unwrap()
                .unwrap()
                .apply(&around)
                .unwrap();
        }
        let after = fs::read_to_string(&path).unwrap();
        let line = "notify = [\"tasktree\", \"hook\", \"codex-notify\"]\n";
        assert_eq!(after.matches(line).count(), 1, "{after}");
        assert_eq!(after.replace(line, ""), before);
        change(&around, true)
            .unwrap()
            .unwrap()
            .apply(&around)
            .unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
        fs::write(&path, "notify = [\"say\"]\n").unwrap();
        let refused = change(&around, false).unwrap_err();
        assert!(
            refused.message.contains("another program"),
            "{}",
            refused.message
        );
    }
}
