//! The program that the hooks of a harness run.
//!
//! It is `tasktree` on the PATH if it stays there. Otherwise `connect` puts this program into the
//! data folder of the person, and the hooks name it by its path: npx runs a program from a cache
//! that npm may empty, and puts it on the PATH of that one run only.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Deserializer, Value};

use crate::failure::{Failure, Result};
use crate::surroundings::Surroundings;
use crate::text::quoted;

/// Name of the program.
const NAME: &str = "tasktree";

/// Verb of the hooks, as it follows the program in a command line.
const VERB: &str = " hook";

/// Call in a script that starts the program.
const STARTS: &str = "spawn(";

/// Program that hooks run: a name to look up on the PATH, or a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program(String);

impl Program {
    /// Returns `tasktree`, to be looked up on the PATH.
    pub(crate) fn by_name() -> Self {
        Self(NAME.to_owned())
    }

    /// Returns the program for new hooks.
    ///
    /// # Errors
    /// Returns a failure if it has to be a copy and the person has no folder for it.
    pub(crate) fn find(around: &Surroundings) -> Result<Self> {
        if around.has_lasting_program(NAME) {
            return Ok(Self::by_name());
        }
        let folder = around.data_folder();
        let folder = folder.ok_or_else(|| Failure::local("no home folder: set HOME"))?;
        let path = folder.join("bin").join(format!("{NAME}{EXE_SUFFIX}"));
        let path = path.into_os_string().into_string();
        let path = path.map_err(|_| Failure::local("the path of your home folder is no text"))?;
        Ok(Self(path))
    }

    /// Returns the program with that name or path; none if it is not TaskTree.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let name = word.rsplit(['/', '\\']).next()?;
        let is_own = name == NAME || name == "tasktree.exe";
        is_own.then(|| Self(word.to_owned()))
    }

    /// Returns the program of a hook's command line; none if the hook is not one of TaskTree.
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        let (word, rest) = line.rsplit_once(VERB)?;
        if !(rest.is_empty() || rest.starts_with(' ')) {
            return None;
        }
        let word = word.trim_start().trim_start_matches("& ");
        let word = ['\'', '"'].iter().find_map(|quote| {
            let inner = word.strip_prefix(*quote)?.strip_suffix(*quote)?;
            Some(inner.replace(r"'\''", "'"))
        });
        Self::of_word(word.as_deref().unwrap_or(plain_word(line)))
    }

    /// Returns the command line of one of the hooks that ship with TaskTree, which run `tasktree`.
    pub(crate) fn line(&self, shipped: &str, is_powershell: bool) -> String {
        match shipped.strip_prefix(NAME) {
            Some(rest) if !self.is_by_name() => {
                let call = if is_powershell { "& " } else { "" };
                format!("{call}{}{rest}", self.word())
            }
            _ => shipped.to_owned(),
        }
    }

    /// Returns one of the scripts that ship with TaskTree, which start `tasktree`.
    pub(crate) fn in_script(&self, shipped: &str) -> String {
        let [by_name, own] = [NAME, &self.0].map(|word| format!("{STARTS}{}", Value::from(word)));
        shipped.replacen(&by_name, &own, 1)
    }

    /// Returns the program that a script of TaskTree starts.
    pub(crate) fn of_script(script: &str) -> Option<Self> {
        let (_, word) = script.split_once(STARTS)?;
        let mut words = Deserializer::from_str(word).into_iter::<String>();
        Self::of_word(&words.next()?.ok()?)
    }

    /// Returns the name or the path, as it is.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns true if it is looked up on the PATH.
    pub(crate) fn is_by_name(&self) -> bool {
        self.0 == NAME
    }

    /// Returns true if a hook finds it.
    pub(crate) fn is_there(&self, around: &Surroundings) -> bool {
        match self.is_by_name() {
            true => around.has_lasting_program(NAME),
            false => Path::new(&self.0).is_file(),
        }
    }

    /// Puts this program where the hooks look for it, unless they look on the PATH.
    ///
    /// # Errors
    /// Returns a failure if the file cannot be written.
    pub(crate) fn install(&self, around: &Surroundings) -> Result<()> {
        let path = PathBuf::from(&self.0);
        if self.is_by_name() || has_same_bytes(&around.program, &path) {
            return Ok(());
        }
        put(&around.program, &path).map_err(|error| {
            Failure::local(format_args!("cannot write {}: {error}", path.display()))
        })
    }

    /// Returns the line of a shell that puts this program on the PATH; none if it is there.
    pub(crate) fn export_path(around: &Surroundings) -> Option<String> {
        if around.has_lasting_program(NAME) {
            return None;
        }
        let folder = around.program.parent()?.to_str()?;
        Some(format!("export PATH=\"$PATH\":{}\n", quoted(folder)))
    }

    fn word(&self) -> String {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:".contains(letter);
        match self.0.chars().all(is_plain) {
            true => self.0.clone(),
            false if cfg!(windows) => format!("\"{}\"", self.0),
            false => quoted(&self.0),
        }
    }
}

/// Returns the first word of a command line without quotes.
fn plain_word(line: &str) -> &str {
    let word = line.trim_start().trim_start_matches("& ");
    word.split(' ').next().unwrap_or_default()
}

/// Links or copies a program to a path. A hook that runs the old one goes on with it.
fn put(program: &Path, path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".{NAME}-{}", std::process::id()));
    // A link lasts when the cache is emptied. It is not possible between two file systems.
    let written = fs::hard_link(program, &draft)
        .or_else(|_| fs::copy(program, &draft).map(drop))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

fn has_same_bytes(one: &Path, other: &Path) -> bool {
    let size = |path| fs::metadata(path).map(|file| file.len()).ok();
    size(one) == size(other) && fs::read(one).ok() == fs::read(other).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(folder: &Path, path: &str) -> Surroundings {
        let home = folder.to_str().unwrap();
        let mut around = Surroundings::new(folder, &[("HOME", home), ("PATH", path)]);
        around.program = folder.join("cache/_npx/1/tasktree");
        fs::create_dir_all(around.program.parent().unwrap()).unwrap();
        fs::write(&around.program, "program").unwrap();
        around
    }

    #[test]
    fn a_program_on_the_path_of_npm_alone_is_put_into_the_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let [usual, of_npm] = ["bin", "_npx/1/node_modules/.bin"].map(|name| {
            let programs = folder.path().join(name);
            fs::create_dir_all(&programs).unwrap();
            fs::write(programs.join(NAME), "").unwrap();
            programs.to_str().unwrap().to_owned()
        });
        let with_both = around(folder.path(), &format!("{of_npm}:{usual}"));
        assert_eq!(Program::find(&with_both).unwrap(), Program::by_name());
        assert!(Program::by_name().is_there(&with_both));

        let around = around(folder.path(), &of_npm);
        assert!(!Program::by_name().is_there(&around));
        let program = Program::find(&around).unwrap();
        let path = folder.path().join(".local/share/tasktree/bin/tasktree");
        assert_eq!(program.as_str(), path.to_str().unwrap());
        assert!(!program.is_there(&around));
        program.install(&around).unwrap();
        // Without the cache, the program is still there.
        fs::remove_dir_all(folder.path().join("cache")).unwrap();
        assert!(program.is_there(&around));
        assert_eq!(fs::read_to_string(&path).unwrap(), "program");
    }

    #[test]
    fn a_newer_program_takes_the_place_of_the_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let around = around(folder.path(), "");
        let program = Program::find(&around).unwrap();
        program.install(&around).unwrap();
        fs::remove_file(&around.program).unwrap();
        fs::write(&around.program, "newer").unwrap();
        program.install(&around).unwrap();
        assert_eq!(fs::read_to_string(program.as_str()).unwrap(), "newer");
    }

    #[test]
    fn a_command_line_has_the_program_in_it_and_shows_it() {
        for (path, line) in [
            ("tasktree", "tasktree hook codex"),
            ("/home/ada/tasktree", "/home/ada/tasktree hook codex"),
            (
                "/it's hooks/tasktree",
                r"'/it'\''s hooks/tasktree' hook codex",
            ),
        ] {
            let program = Program(path.to_owned());
            assert_eq!(program.line("tasktree hook codex", false), line);
            assert_eq!(Program::of_line(line), Some(program.clone()));
            let line = program.line("tasktree hook copilot --context", true);
            assert_eq!(line.starts_with("& "), path != NAME, "{line}");
            assert_eq!(Program::of_line(&line), Some(program));
        }
        for line in [
            "tasktree hook",
            " tasktree hook codex --answers",
            r#""C:\Users\Ada L\tasktree.exe" hook codex"#,
        ] {
            assert!(Program::of_line(line).is_some(), "{line}");
        }
        for line in [
            "say hook",
            "tasktree next",
            "mytasktree hook codex",
            "tasktree hooks",
            "",
        ] {
            assert_eq!(Program::of_line(line), None, "{line}");
        }
    }
}
