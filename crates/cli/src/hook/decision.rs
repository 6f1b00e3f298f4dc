//! A permission request that waits for an answer on the board.

use std::time::Duration;

use serde_json::{Value, json};
use tasktree_protocol::agent::Source;
use tasktree_protocol::http::{Decision, HookDecision, paths};

use super::Request;
use super::event::Event;
use crate::failure::Result;
use crate::output::json_line;

/// Sends a permission request and waits. Returns the decision in the form of the harness; none if
/// nobody decided, so that the harness asks in its terminal.
pub(super) fn wait(
    request: Request<'_>,
    event: &Event,
    seconds: u64,
    total: Duration,
) -> Result<Option<String>> {
    let source = request.source.to_owned();
    let answer = request.send(paths::hook_decision, Some(seconds), total)?;
    let decided: HookDecision = answer.read()?;
    Ok(output(&source, event, &decided).map(|value| json_line(&value)))
}

fn output(source: &str, event: &Event, decided: &HookDecision) -> Option<Value> {
    let behavior = match decided.decision? {
        Decision::Allow => "allow",
        Decision::Deny => "deny",
    };
    let mut decision = json!({"behavior": behavior});
    if let (Some(message), Some(Decision::Deny)) = (&decided.message, decided.decision) {
        decision["message"] = json!(message);
    }
    Some(if source == Source::Copilot.as_str() {
        decision
    } else {
        json!({"hookSpecificOutput": {"hookEventName": event.name(), "decision": decision}})
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_has_the_form_of_the_harness_and_no_decision_is_nothing() {
        let body = br#"{"hook_event_name": "PermissionRequest"}"#;
        let event = Event::parse(body).unwrap_or_default();
        let decided = |decision, message: Option<&str>| HookDecision {
            decision,
            message: message.map(str::to_owned),
        };
        let allowed = decided(Some(Decision::Allow), None);
        assert_eq!(
            output("claude-code", &event, &allowed),
            Some(
                json!({"hookSpecificOutput": {"hookEventName": "PermissionRequest",
                "decision": {"behavior": "allow"}}})
            )
        );
        let denied = decided(Some(Decision::Deny), Some("Use the branch"));
        assert_eq!(
            output("copilot", &event, &denied),
            Some(json!({"behavior": "deny", "message": "Use the branch"}))
        );
        assert_eq!(output("codex", &event, &decided(None, None)), None);
    }
}
