//! Tests with real coding agents: Claude Code, Codex, opencode and Gemini CLI run against a
//! scripted model, and report to a real server through the configuration that `tasktree connect`
//! writes.

mod sessions;
