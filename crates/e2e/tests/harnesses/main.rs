//! Tests with real coding agents: Claude Code, Codex, opencode and Gemini CLI run against a
//! scripted model, and report to a real server through the configuration that `tasktree connect`
//! writes.

#[path = "../../../tasktree/tests/program/agent_cli/run/terminal.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests of the terminal itself use all of it"
)]
mod terminal;

mod in_terminal;
mod sessions;
