//! opencode, as its plugin sends the events of its SDK.

use serde_json::Value;
use tasktree_protocol::agent::{Source, WaitKind};

use super::{asked, begins, ends, idle, input_of, of_session, permission, trouble};
use crate::hook::body::{any, id, text};
use crate::hook::event::{Deed, Hook, Work};
use crate::hook::summary;

/// Reads a body: an event, or the call of a hook.
pub(super) fn read(body: &Value, now: i64) -> Option<Hook> {
    match text(body, &["hook"]) {
        Some(name) => called(body, name),
        None => happened(body, now),
    }
}

/// Reads the call of a hook.
fn called(body: &Value, name: &str) -> Option<Hook> {
    let input = body.get("input").unwrap_or(&Value::Null);
    let session = id(input, &["sessionID", "sessionId"])?;
    let mut hook = of_session(body, Source::OpenCode, Some(session))?;
    name.clone_into(&mut hook.event);
    hook.tool_use_id = id(input, &["callID", "callId"]);
    let tool = text(input, &["tool"]).unwrap_or("Tool");
    // The arguments before a call are in the output, which a plugin may change.
    let mut args = input_of(input, &["args"]);
    if args.is_null() {
        args = input_of(body.get("output").unwrap_or(&Value::Null), &["args"]);
    }
    hook.deed = match name {
        "tool.execute.before" => Deed::Work(begins(tool, &args)),
        "tool.execute.after" => Deed::Work(ends(tool, &args)),
        "permission.ask" => Deed::Waits(permission(
            text(input, &["title"])
                .and_then(summary::line)
                .unwrap_or_else(|| "The agent needs a permission".to_owned()),
        )),
        _ => Deed::Alive,
    };
    Some(hook)
}

/// Reads an event of the SDK.
fn happened(body: &Value, now: i64) -> Option<Hook> {
    let event = body.get("event")?;
    let name = text(event, &["type"])?;
    let about = event.get("properties").unwrap_or(&Value::Null);
    let info = about.get("info").unwrap_or(&Value::Null);
    let session = id(about, &["sessionID", "sessionId"])
        .or_else(|| id(info, &["sessionID"]))
        .or_else(|| name.starts_with("session.").then(|| id(info, &["id"]))?)?;
    let mut hook = of_session(body, Source::OpenCode, Some(session))?;
    name.clone_into(&mut hook.event);
    if let Some(parent) = id(info, &["parentID"]) {
        hook.parent = Some(parent);
    }
    hook.deed = match name {
        "session.created" if hook.parent.is_some() => Deed::ChildStart,
        "session.created" => Deed::Born { works: false },
        "session.deleted" => Deed::Gone,
        "session.idle" => idle(None),
        "session.status" => match text(about.get("status")?, &["type"]) {
            Some("busy") => Deed::Work(Work {
                begins: true,
                ..Work::default()
            }),
            Some("idle") => idle(None),
            _ => Deed::Alive,
        },
        "session.error" => error(about, now),
        "permission.updated" | "permission.asked" => waits(about),
        "permission.replied" => Deed::Work(Work {
            begins: true,
            ..Work::default()
        }),
        "question.asked" => Deed::Waits(asked(
            WaitKind::Question,
            text(about, &["question", "title"]),
            "The agent needs an answer",
        )),
        "file.edited" => Deed::Work(ends(
            "edit",
            &serde_json::json!({"path": about.get("file")}),
        )),
        "todo.updated" => todos(about),
        _ => Deed::Alive,
    };
    Some(hook)
}

fn waits(about: &Value) -> Deed {
    let kind = text(about, &["permission", "type"]).unwrap_or("tool");
    let pattern = any(about, &["patterns"]).and_then(|list| list.get(0)?.as_str());
    let title = text(about, &["title"]).or(pattern);
    let call = match title {
        Some(title) => format!("{kind}: {title}"),
        None => kind.to_owned(),
    };
    Deed::Waits(permission(summary::line(&call).unwrap_or(call)))
}

fn error(about: &Value, now: i64) -> Deed {
    let error = about.get("error").unwrap_or(&Value::Null);
    let data = error.get("data").unwrap_or(&Value::Null);
    let name = text(error, &["name"]);
    if name == Some("MessageAbortedError") {
        return idle(None);
    }
    let status = id(data, &["statusCode"]);
    let words = [name, status.as_deref(), text(data, &["message"])];
    trouble(data, &words, now)
}

fn todos(about: &Value) -> Deed {
    let list = about.get("todos").and_then(Value::as_array);
    let list: Vec<&Value> = list.into_iter().flatten().collect();
    let in_state = |state: &'static str| {
        let list = list.clone();
        list.into_iter()
            .filter(move |todo| text(todo, &["status"]) == Some(state))
    };
    let done = in_state("completed").count();
    let current = in_state("in_progress").find_map(|todo| text(todo, &["content"]));
    let said = match current {
        Some(current) => format!("Todo: {current} ({done} of {} done)", list.len()),
        None => format!("Todo: {done} of {} done", list.len()),
    };
    summary::line(&said).map_or(Deed::Alive, Deed::Todos)
}
