//! Context that an agent gets when its session starts or a person writes a prompt.

use std::fs::OpenOptions;
use std::io::Write as _;

use serde_json::{Value, json};
use tasktree_protocol::agent::Source;
use tasktree_protocol::http::{HookContext, paths};

use super::Request;
use super::event::Event;
use crate::failure::{Failure, Result};
use crate::files;
use crate::limits::HOOK_TIMEOUT;
use crate::output::json_line;
use crate::program::Program;
use crate::surroundings::Surroundings;
use crate::text::{plain, quoted};

/// Variable with the file that Claude Code reads before each shell command of the session.
const ENV_FILE: &str = "CLAUDE_ENV_FILE";

/// Sends an event, and returns the context in the form of the harness; none if there is none.
pub(super) fn context(
    request: Request<'_>,
    event: &Event,
    around: &Surroundings,
) -> Result<Option<String>> {
    let source = request.source.to_owned();
    let answer = request.send(paths::hook_context, None, HOOK_TIMEOUT)?;
    let found: HookContext = answer.read()?;
    if event.starts_session() {
        export(around, &found)?;
    }
    Ok(output(&source, event, &plain(&found.context)).map(|value| json_line(&value)))
}

fn output(source: &str, event: &Event, context: &str) -> Option<Value> {
    if context.trim().is_empty() {
        return None;
    }
    Some(
        if event.is_of_cursor() || source == Source::Cursor.as_str() {
            json!({"additional_context": context})
        } else if source == Source::Copilot.as_str() {
            json!({"additionalContext": context})
        } else {
            let specific = json!({"hookEventName": event.name(), "additionalContext": context});
            json!({"hookSpecificOutput": specific})
        },
    )
}

/// Tells the shell commands of the session who they are.
fn export(around: &Surroundings, found: &HookContext) -> Result<()> {
    let Some(path) = around.variable(ENV_FILE) else {
        return Ok(());
    };
    let variables = [
        (
            "TASKTREE_AGENT",
            found.agent.as_ref().map(AsRef::<str>::as_ref),
        ),
        (
            "TASKTREE_PROJECT",
            found.project.as_ref().map(AsRef::as_ref),
        ),
    ];
    let lines = variables
        .into_iter()
        .filter_map(|(name, value)| Some(format!("export {name}={}\n", quoted(value?))));
    let present = files::read(path.as_ref())?.unwrap_or_default();
    let lines: String = lines
        .chain(Program::export_path(around))
        .filter(|line| !present.contains(line))
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    let opened = OpenOptions::new().append(true).create(true).open(path);
    let written = opened.and_then(|mut file| file.write_all(lines.as_bytes()));
    written.map_err(|error| Failure::local(format_args!("cannot write {path}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_has_the_form_of_the_harness() {
        let event = |body: &str| Event::parse(body.as_bytes()).unwrap();
        let start = event(r#"{"hook_event_name": "SessionStart"}"#);
        let specific = json!({"hookSpecificOutput":
            {"hookEventName": "SessionStart", "additionalContext": "hi"}});
        for source in ["claude-code", "codex", "gemini", "vscode"] {
            assert_eq!(output(source, &start, "hi"), Some(specific.clone()));
        }
        let expected = json!({"additionalContext": "hi"});
        assert_eq!(output("copilot", &start, "hi"), Some(expected));
        let cursor = event(r#"{"hook_event_name": "sessionStart", "cursor_version": "3"}"#);
        let expected = json!({"additional_context": "hi"});
        assert_eq!(output("claude-code", &cursor, "hi"), Some(expected));
        assert_eq!(output("claude-code", &start, " \n"), None);
    }

    #[test]
    fn variables_are_exported_once_and_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("env.sh");
        std::fs::write(&path, "export OTHER=1\n").unwrap();
        let name = path.to_str().unwrap();
        let around = Surroundings::new(folder.path(), &[(ENV_FILE, name)]);
        let found = HookContext {
            agent: Some("it's; me".into()),
            project: Some("alpha".into()),
            context: String::new(),
        };
        export(&around, &found).unwrap();
        export(&around, &found).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "export OTHER=1\nexport TASKTREE_AGENT='it'\\''s; me'\nexport TASKTREE_PROJECT='alpha'\n"
        );
    }
}
