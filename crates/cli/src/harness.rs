//! Harnesses that `tasktree connect` configures: their programs, their files, and what goes there.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::{Serialize, Serializer};
use tasktree_protocol::agent::Source;

use crate::surroundings::Surroundings;

/// Harness, by the name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Harness(pub(crate) Source);

/// Place of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The folder of the project: only sessions there are reported.
    Project,
    /// The person's own folder: all sessions are reported.
    User,
}

/// Contents that a harness gets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Contents {
    /// Hooks in a JSON file, which may have other contents.
    Hooks(&'static str),
    /// File that is TaskTree's alone.
    File(&'static str),
}

impl Harness {
    /// All harnesses.
    pub(crate) const ALL: [Self; Source::ALL.len()] = {
        let mut all = [Self(Source::ClaudeCode); Source::ALL.len()];
        let mut index = 0;
        while index < all.len() {
            all[index] = Self(Source::ALL[index]);
            index += 1;
        }
        all
    };

    /// Returns its name on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        self.0.short()
    }

    /// Returns its name for people.
    pub(crate) const fn title(self) -> &'static str {
        self.0.title()
    }

    /// Returns the programs that start it.
    pub(crate) const fn programs(self) -> &'static [&'static str] {
        match self.0 {
            Source::ClaudeCode => &["claude"],
            Source::Codex => &["codex"],
            Source::OpenCode => &["opencode"],
            Source::Gemini => &["gemini"],
            Source::Cursor => &["cursor-agent", "cursor"],
            Source::Copilot => &["copilot"],
            Source::VsCode => &["code"],
        }
    }

    /// Returns what goes into its file: the same files that ship in `integrations/`.
    pub(crate) const fn contents(self) -> Contents {
        match self.0 {
            Source::ClaudeCode => Contents::Hooks(include_str!(
                "../../../integrations/claude-code/hooks/hooks.json"
            )),
            Source::Codex => {
                Contents::Hooks(include_str!("../../../integrations/codex/hooks.json"))
            }
            Source::OpenCode => {
                Contents::File(include_str!("../../../integrations/opencode/tasktree.js"))
            }
            Source::Gemini => {
                Contents::Hooks(include_str!("../../../integrations/gemini/settings.json"))
            }
            Source::Cursor => {
                Contents::Hooks(include_str!("../../../integrations/cursor/hooks.json"))
            }
            // VS Code reads the files of Copilot CLI.
            Source::Copilot | Source::VsCode => {
                Contents::Hooks(include_str!("../../../integrations/copilot/tasktree.json"))
            }
        }
    }

    /// Returns its file; none if there is no folder of the person.
    pub(crate) fn file(self, scope: Scope, around: &Surroundings, root: &Path) -> Option<PathBuf> {
        let home = |variable: Option<&str>, folder: &str| {
            let named = variable
                .and_then(|name| around.variable(name))
                .map(PathBuf::from);
            named.or_else(|| Some(around.home()?.join(folder)))
        };
        let in_project = scope == Scope::Project;
        Some(match (self.0, in_project) {
            // Settings of one person: others may not have `tasktree`.
            (Source::ClaudeCode, true) => root.join(".claude/settings.local.json"),
            (Source::ClaudeCode, false) => {
                home(Some("CLAUDE_CONFIG_DIR"), ".claude")?.join("settings.json")
            }
            (Source::Codex, true) => root.join(".codex/hooks.json"),
            (Source::Codex, false) => home(Some("CODEX_HOME"), ".codex")?.join("hooks.json"),
            (Source::OpenCode, true) => root.join(".opencode/plugin/tasktree.js"),
            (Source::OpenCode, false) => {
                let config = home(Some("XDG_CONFIG_HOME"), ".config")?;
                config.join("opencode/plugin/tasktree.js")
            }
            (Source::Gemini, true) => root.join(".gemini/settings.json"),
            (Source::Gemini, false) => home(None, ".gemini")?.join("settings.json"),
            (Source::Cursor, true) => root.join(".cursor/hooks.json"),
            (Source::Cursor, false) => home(None, ".cursor")?.join("hooks.json"),
            (Source::Copilot | Source::VsCode, true) => root.join(".github/hooks/tasktree.json"),
            (Source::Copilot | Source::VsCode, false) => {
                home(Some("COPILOT_HOME"), ".copilot")?.join("hooks/tasktree.json")
            }
        })
    }

    /// Returns true if a hook of it can wait for an answer on the board.
    pub(crate) const fn can_wait(self) -> bool {
        matches!(self.0, Source::ClaudeCode | Source::Codex | Source::Copilot)
    }

    /// Returns what a person does after its configuration has changed.
    pub(crate) const fn next_step(self) -> &'static str {
        match self.0 {
            Source::ClaudeCode => {
                "Start a session with `claude` in this folder. /hooks lists the hooks."
            }
            Source::Codex => {
                "Start `codex` in this folder, run /hooks and trust the hooks: until then Codex \
                 skips them without a word."
            }
            Source::OpenCode => "Start `opencode` again: it loads plugins at its start.",
            Source::Gemini => "Start `gemini` again in this folder, and trust the folder if asked.",
            Source::Cursor => "Open this folder in Cursor again. Its settings list the hooks.",
            Source::Copilot => {
                "Start `copilot` again in this folder, and trust the folder if asked."
            }
            Source::VsCode => {
                "Open this folder in VS Code and trust it. The setting chat.hooks.enabled has to \
                 be on."
            }
        }
    }
}

impl ValueEnum for Harness {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()).help(self.title()))
    }
}

impl Serialize for Harness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
