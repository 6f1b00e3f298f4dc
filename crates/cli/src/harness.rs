//! Harnesses that `tasktree connect` configures: their programs, their files, and what goes there.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;
use tasktree_protocol::agent::Source;

use crate::surroundings::Surroundings;

/// Harness, by the name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Harness {
    /// Claude Code.
    Claude,
    /// Codex CLI.
    Codex,
    /// opencode.
    #[value(name = "opencode")]
    OpenCode,
    /// Gemini CLI.
    Gemini,
    /// Cursor.
    Cursor,
    /// Copilot CLI.
    Copilot,
    /// Agents of VS Code.
    #[value(name = "vscode")]
    VsCode,
}

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
    pub(crate) const ALL: [Self; 7] = [
        Self::Claude,
        Self::Codex,
        Self::OpenCode,
        Self::Gemini,
        Self::Cursor,
        Self::Copilot,
        Self::VsCode,
    ];

    /// Returns its name on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        self.source().short()
    }

    /// Returns its name for people.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Claude => "Claude Code",
            Self::Codex => "Codex CLI",
            Self::OpenCode => "opencode",
            Self::Gemini => "Gemini CLI",
            Self::Cursor => "Cursor",
            Self::Copilot => "Copilot CLI",
            Self::VsCode => "VS Code",
        }
    }

    /// Returns its name on the wire.
    pub(crate) const fn source(self) -> Source {
        match self {
            Self::Claude => Source::ClaudeCode,
            Self::Codex => Source::Codex,
            Self::OpenCode => Source::OpenCode,
            Self::Gemini => Source::Gemini,
            Self::Cursor => Source::Cursor,
            Self::Copilot => Source::Copilot,
            Self::VsCode => Source::VsCode,
        }
    }

    /// Returns the programs that start it.
    pub(crate) const fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Claude => &["claude"],
            Self::Codex => &["codex"],
            Self::OpenCode => &["opencode"],
            Self::Gemini => &["gemini"],
            Self::Cursor => &["cursor-agent", "cursor"],
            Self::Copilot => &["copilot"],
            Self::VsCode => &["code"],
        }
    }

    /// Returns what goes into its file: the same files that ship in `integrations/`.
    pub(crate) const fn contents(self) -> Contents {
        match self {
            Self::Claude => Contents::Hooks(include_str!(
                "../../../integrations/claude-code/hooks/hooks.json"
            )),
            Self::Codex => Contents::Hooks(include_str!("../../../integrations/codex/hooks.json")),
            Self::OpenCode => {
                Contents::File(include_str!("../../../integrations/opencode/tasktree.js"))
            }
            Self::Gemini => {
                Contents::Hooks(include_str!("../../../integrations/gemini/settings.json"))
            }
            Self::Cursor => {
                Contents::Hooks(include_str!("../../../integrations/cursor/hooks.json"))
            }
            // VS Code reads the files of Copilot CLI.
            Self::Copilot | Self::VsCode => {
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
        Some(match (self, in_project) {
            // Settings of one person: others may not have `tasktree`.
            (Self::Claude, true) => root.join(".claude/settings.local.json"),
            (Self::Claude, false) => {
                home(Some("CLAUDE_CONFIG_DIR"), ".claude")?.join("settings.json")
            }
            (Self::Codex, true) => root.join(".codex/hooks.json"),
            (Self::Codex, false) => home(Some("CODEX_HOME"), ".codex")?.join("hooks.json"),
            (Self::OpenCode, true) => root.join(".opencode/plugin/tasktree.js"),
            (Self::OpenCode, false) => {
                let config = home(Some("XDG_CONFIG_HOME"), ".config")?;
                config.join("opencode/plugin/tasktree.js")
            }
            (Self::Gemini, true) => root.join(".gemini/settings.json"),
            (Self::Gemini, false) => home(None, ".gemini")?.join("settings.json"),
            (Self::Cursor, true) => root.join(".cursor/hooks.json"),
            (Self::Cursor, false) => home(None, ".cursor")?.join("hooks.json"),
            (Self::Copilot | Self::VsCode, true) => root.join(".github/hooks/tasktree.json"),
            (Self::Copilot | Self::VsCode, false) => {
                home(Some("COPILOT_HOME"), ".copilot")?.join("hooks/tasktree.json")
            }
        })
    }

    /// Returns true if a hook of it can wait for an answer on the board.
    pub(crate) const fn can_wait(self) -> bool {
        matches!(self, Self::Claude | Self::Codex | Self::Copilot)
    }

    /// Returns what a person does after its configuration has changed.
    pub(crate) const fn next_step(self) -> &'static str {
        match self {
            Self::Claude => "Start a session with `claude` in this folder. /hooks lists the hooks.",
            Self::Codex => {
                "Start `codex` in this folder, run /hooks and trust the hooks: until then Codex \
                 skips them without a word."
            }
            Self::OpenCode => "Start `opencode` again: it loads plugins at its start.",
            Self::Gemini => "Start `gemini` again in this folder, and trust the folder if asked.",
            Self::Cursor => "Open this folder in Cursor again. Its settings list the hooks.",
            Self::Copilot => "Start `copilot` again in this folder, and trust the folder if asked.",
            Self::VsCode => {
                "Open this folder in VS Code and trust it. The setting chat.hooks.enabled has to \
                 be on."
            }
        }
    }
}
