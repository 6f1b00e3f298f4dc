//! Harnesses: the programs in which coding agents run, and the names of their agents.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Harness that reports its sessions by hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Claude Code.
    ClaudeCode,
    /// Codex CLI.
    Codex,
    /// opencode.
    #[serde(rename = "opencode")]
    OpenCode,
    /// Gemini CLI.
    Gemini,
    /// Cursor.
    Cursor,
    /// Copilot CLI and Copilot's cloud agent.
    Copilot,
    /// Agents of VS Code itself.
    #[serde(rename = "vscode")]
    VsCode,
}

/// Name of the door for the JSON that Codex passes to its `notify` program.
pub const CODEX_NOTIFY: &str = "codex-notify";

/// Number of characters of a session's id in the name of its agent.
const SESSION_CHARS: usize = 8;

impl Source {
    /// All harnesses.
    pub const ALL: [Self; 7] = [
        Self::ClaudeCode,
        Self::Codex,
        Self::OpenCode,
        Self::Gemini,
        Self::Cursor,
        Self::Copilot,
        Self::VsCode,
    ];

    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::OpenCode => "opencode",
            Self::Gemini => "gemini",
            Self::Cursor => "cursor",
            Self::Copilot => "copilot",
            Self::VsCode => "vscode",
        }
    }

    /// Returns the name on the command line, with which the names of its agents begin.
    pub const fn short(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude",
            other => other.as_str(),
        }
    }

    /// Returns the name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::Codex => "Codex CLI",
            Self::OpenCode => "opencode",
            Self::Gemini => "Gemini CLI",
            Self::Cursor => "Cursor",
            Self::Copilot => "Copilot CLI",
            Self::VsCode => "VS Code",
        }
    }

    /// Returns the harness with that name on the wire. `codex-notify` is Codex too.
    pub fn of_name(name: &str) -> Option<Self> {
        if name == CODEX_NOTIFY {
            return Some(Self::Codex);
        }
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Returns the usual name of the agent in a session of a harness: `claude-7c1c8b1e`.
///
/// It has the first eight letters and digits of the session's id. Two sessions may share them; the
/// server then names the later one by [`harness_full_name`].
pub fn harness_name(source: Source, session: &str) -> String {
    named(source, session, SESSION_CHARS)
}

/// Returns the name of the agent in a session whose usual name belongs to another session.
///
/// It has all letters and digits of the session's id, up to 64.
pub fn harness_full_name(source: Source, session: &str) -> String {
    named(source, session, 64)
}

fn named(source: Source, session: &str, most: usize) -> String {
    let letters = session.chars().filter(char::is_ascii_alphanumeric);
    let id: String = letters.take(most).collect();
    let id = if id.is_empty() { "session" } else { &id };
    format!("{}-{id}", source.short())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_named_by_its_harness_and_session() {
        for (source, session, name) in [
            (Source::ClaudeCode, "7c1c8b1e-53f0-4b5e", "claude-7c1c8b1e"),
            (Source::Codex, "019a9c40-8a71", "codex-019a9c40"),
            (Source::OpenCode, "ses_syn1", "opencode-sessyn1"),
            (Source::VsCode, "修", "vscode-session"),
        ] {
            assert_eq!(harness_name(source, session), name);
        }
        assert_eq!(
            harness_full_name(Source::Codex, "019a9c40-8a71"),
            "codex-019a9c408a71"
        );
    }

    #[test]
    fn names_on_the_wire_are_read_and_written_alike() {
        for source in Source::ALL {
            assert_eq!(Source::of_name(source.as_str()), Some(source));
            let json = serde_json::to_value(source).unwrap();
            assert_eq!(json, source.as_str());
        }
        assert_eq!(Source::of_name(CODEX_NOTIFY), Some(Source::Codex));
        assert_eq!(Source::of_name("emacs"), None);
    }
}
