//! opencode, as its plugin sends the events of its SDK.

use serde_json::{Value, json};

use super::{FOLDER, Said, Tool, Wire};

/// Returns the body of an event. A subagent is a session below the session.
pub(super) fn body(wire: &Wire, said: &Said, now: i64) -> Option<Value> {
    let session = wire.session.as_str();
    let own = |id: &str| format!("{session}-{id}");
    Some(match said {
        Said::Starts { resumed: false } => {
            let info = json!({"id": session, "directory": wire.folder, "time": {"created": now}});
            event(wire, "session.created", &json!({"info": info}))
        }
        Said::Prompt => is(wire, session, "busy"),
        Said::Begins(tool) => called(wire, session, "tool.execute.before", tool),
        Said::Ends(tool) => called(wire, session, "tool.execute.after", tool),
        Said::Asks(Tool::Run(command)) => {
            let about =
                json!({"id": "per_1", "type": "bash", "sessionID": session, "title": command});
            event(wire, "permission.asked", &about)
        }
        Said::Replied => {
            let about = json!({"sessionID": session, "requestID": "per_1", "reply": "once"});
            event(wire, "permission.replied", &about)
        }
        Said::Stops => event(wire, "session.idle", &json!({"sessionID": session})),
        Said::Limited(seconds) => {
            let message = format!("Too many requests, retry after {seconds} s");
            error(wire, &json!({"statusCode": 429, "message": message}))
        }
        Said::Fails => error(wire, &json!({"statusCode": 500, "message": "It broke"})),
        Said::ChildStarts(id) => {
            let info = json!({"id": own(id), "parentID": session});
            event(wire, "session.created", &json!({"info": info}))
        }
        Said::ChildBegins(id, tool) => called(wire, &own(id), "tool.execute.before", tool),
        Said::ChildEnds(id, tool) => called(wire, &own(id), "tool.execute.after", tool),
        Said::ChildStops(id) => event(wire, "session.idle", &json!({"sessionID": own(id)})),
        Said::Murmurs => event(
            wire,
            "vcs.branch.updated",
            &json!({"sessionID": session, "branch": "main"}),
        ),
        Said::Starts { resumed: true }
        | Said::Leaves
        | Said::Reminds
        | Said::Denied(_)
        | Said::Asks(_)
        | Said::ChildAsks(..) => return None,
    })
}

fn event(wire: &Wire, name: &str, about: &Value) -> Value {
    json!({"directory": wire.folder, "event": {"type": name, "properties": about}})
}

fn is(wire: &Wire, session: &str, state: &str) -> Value {
    let about = json!({"sessionID": session, "status": {"type": state}});
    event(wire, "session.status", &about)
}

fn error(wire: &Wire, data: &Value) -> Value {
    let error = json!({"name": "APIError", "data": data});
    let about = json!({"sessionID": wire.session, "error": error});
    event(wire, "session.error", &about)
}

fn called(wire: &Wire, session: &str, hook: &str, tool: &Tool) -> Value {
    let (name, args) = match tool {
        Tool::Edit(path) => ("edit", json!({"filePath": format!("{FOLDER}/{path}")})),
        Tool::Read(path) => ("read", json!({"filePath": format!("{FOLDER}/{path}")})),
        Tool::Run(command) => ("bash", json!({"command": command})),
    };
    let mut input = json!({"tool": name, "sessionID": session, "callID": "call_1"});
    let mut output = json!({"title": name});
    match hook {
        // Before a call its arguments are in the output, which a plugin may change.
        "tool.execute.before" => output["args"] = args,
        _ => input["args"] = args,
    }
    json!({"directory": wire.folder, "hook": hook, "input": input, "output": output})
}
