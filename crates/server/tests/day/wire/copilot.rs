//! Copilot CLI in the form without names of events.

use serde_json::{Value, json};

use super::{FOLDER, Said, Tool, Wire};

/// Returns the body of an event.
pub(super) fn body(wire: &Wire, said: &Said, now: i64) -> Option<Value> {
    let more = match said {
        Said::Starts { .. } => json!({"source": "new"}),
        Said::Prompt => json!({"prompt": "go on"}),
        Said::Begins(tool) => call(tool),
        Said::Ends(tool) => {
            let mut call = call(tool);
            call["toolResult"] = json!({"resultType": "success"});
            call
        }
        Said::Asks(_) => {
            json!({"hook_event_name": "Notification", "notification_type": "permission_prompt",
                "message": "Copilot needs permission", "title": "Permission needed"})
        }
        Said::Stops => json!({"stopReason": "end_turn"}),
        Said::Limited(seconds) => {
            let message = format!("429: retry after {seconds} s");
            json!({"error": {"name": "RateLimit", "message": message}, "recoverable": false})
        }
        Said::Fails => {
            json!({"error": {"name": "Server", "message": "500"}, "recoverable": false})
        }
        Said::Leaves => json!({"reason": "complete"}),
        Said::ChildStarts(id) => json!({"agentName": id}),
        Said::ChildStops(id) => json!({"agentName": id, "stopReason": "end_turn"}),
        Said::Murmurs => json!({"shape": 1}),
        Said::Reminds
        | Said::Replied
        | Said::Denied(_)
        | Said::ChildBegins(..)
        | Said::ChildEnds(..)
        | Said::ChildAsks(..) => return None,
    };
    let mut body = json!({"sessionId": wire.session, "timestamp": now, "cwd": wire.folder});
    for (name, value) in more.as_object()? {
        body[name] = value.clone();
    }
    Some(body)
}

fn call(tool: &Tool) -> Value {
    match tool {
        Tool::Edit(path) => {
            json!({"toolName": "edit", "toolArgs": {"path": format!("{FOLDER}/{path}")}})
        }
        Tool::Read(path) => {
            json!({"toolName": "view", "toolArgs": {"path": format!("{FOLDER}/{path}")}})
        }
        // Sent as JSON in a text.
        Tool::Run(command) => {
            let arguments = json!({"command": command}).to_string();
            json!({"toolName": "bash", "toolArgs": arguments})
        }
    }
}
