//! Copilot CLI in the form without names of events: the fields tell the events apart.

use serde_json::Value;
use tasktree_protocol::agent::Source;

use super::{begins, common, ends, idle, input_of, prompts, trouble};
use crate::hook::body::text;
use crate::hook::event::{Deed, Hook};

/// Reads a body.
pub(super) fn read(body: &Value, now: i64) -> Option<Hook> {
    let mut hook = common(body, Source::Copilot)?;
    let has = |name: &str| body.get(name).is_some();
    let tool = text(body, &["toolName"]);
    let input = input_of(body, &["toolArgs"]);
    let (event, deed) = if has("error") {
        ("errorOccurred", error(body, now))
    } else if let Some(tool) = tool {
        match has("toolResult") {
            true => ("postToolUse", Deed::Work(ends(tool, &input))),
            false => ("preToolUse", Deed::Work(begins(tool, &input))),
        }
    } else if has("agentName") {
        match has("stopReason") || has("result") {
            true => ("subagentStop", Deed::ChildStop),
            false => ("subagentStart", Deed::ChildStart),
        }
    } else if let Some(prompt) = text(body, &["prompt"]) {
        ("userPromptSubmitted", Deed::Work(prompts(Some(prompt))))
    } else if has("source") {
        let works = has("initialPrompt");
        ("sessionStart", Deed::Born { works })
    } else if has("stopReason") {
        ("agentStop", idle(None))
    } else if has("reason") {
        ("sessionEnd", Deed::Gone)
    } else {
        ("unknown", Deed::Alive)
    };
    event.clone_into(&mut hook.event);
    hook.deed = deed;
    Some(hook)
}

/// Returns the meaning of an error. One that the harness recovers from is a sign of life, unless it
/// is a usage limit.
pub(super) fn error(body: &Value, now: i64) -> Deed {
    let error = body.get("error").unwrap_or(&Value::Null);
    let words = [
        text(error, &["name"]),
        text(error, &["message"]).or(error.as_str()),
    ];
    match trouble(error, &words, now) {
        Deed::Failed { .. } if body.get("recoverable") == Some(&Value::Bool(true)) => Deed::Alive,
        deed => deed,
    }
}
