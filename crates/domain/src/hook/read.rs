//! Reading of bodies into normalized events, by harness.

mod copilot;
mod named;
mod opencode;

use serde_json::Value;
use tasktree_protocol::agent::{Source, WaitKind};
use tasktree_protocol::http::hooks::{ALLOW, DENY};

use super::body::{ID_CHARS, any, folder, id, millis, text};
use super::event::{Asked, Deed, Hook, Work};
use super::{detect, patch, summary};

/// Names of the session's id.
const SESSION: [&str; 5] = [
    "session_id",
    "sessionId",
    "conversation_id",
    "thread-id",
    "thread_id",
];

/// Names of the turn's id.
const TURN: [&str; 4] = ["prompt_id", "turn_id", "turn-id", "generation_id"];

/// Longest name of an event that is kept, in characters.
const EVENT_CHARS: usize = 100;

/// Reads a body that arrived at `now`, in milliseconds since 1970.
///
/// `hint` is the harness that the address names. Returns none for a body that names neither a
/// session nor a folder.
pub fn read(body: &Value, hint: Option<Source>, now: i64) -> Option<Hook> {
    let source = detect(body, hint);
    let mut hook = match source {
        Source::OpenCode => opencode::read(body, now)?,
        Source::Copilot if text(body, &["hook_event_name"]).is_none() => copilot::read(body, now)?,
        _ => {
            let mut hook = common(body, source)?;
            hook.event = event_name(body);
            hook.deed = named::deed(body, &hook, now);
            hook
        }
    };
    if hook.subagent.is_some() {
        // The end of a subagent's turn is its own end, and not that of the session.
        if matches!(
            hook.deed,
            Deed::Idle { .. } | Deed::Gone | Deed::Failed { .. }
        ) {
            hook.deed = Deed::ChildStop;
        }
    } else if matches!(hook.deed, Deed::ChildStart | Deed::ChildStop) && hook.parent.is_none() {
        let kind = text(
            body,
            &["agent_type", "subagent_type", "agent_name", "agentName"],
        );
        let name = format!("{}:{}", hook.session, kind.unwrap_or("subagent"));
        hook.subagent = Some(name.chars().take(ID_CHARS).collect());
    }
    let base = hook.folder.clone();
    if let Deed::Work(work) = &mut hook.deed {
        for path in &mut work.paths {
            *path = absolute(base.as_deref(), path);
        }
    }
    hook.event = hook.event.chars().take(EVENT_CHARS).collect();
    Some(hook)
}

/// Returns the harness's name of an event.
fn event_name(body: &Value) -> String {
    let name = text(body, &["hook_event_name", "hookEventName", "type"]);
    let name = name.unwrap_or_default();
    name.chars().filter(|letter| !letter.is_control()).collect()
}

/// Reads what all bodies have, without the meaning of the event.
fn common(body: &Value, source: Source) -> Option<Hook> {
    of_session(body, source, id(body, &SESSION))
}

/// Does the same as [`common`] for a session whose id the caller has read.
fn of_session(body: &Value, source: Source, session: Option<String>) -> Option<Hook> {
    let at_work = text(body, &["cwd", "directory"]).or_else(|| {
        let roots = body.get("workspace_roots")?.as_array()?;
        roots.first()?.as_str()
    });
    let folder = at_work.and_then(folder);
    let (session, nickname) = match (session, &folder) {
        (Some(session), _) => (session, None),
        // Bodies of Copilot's cloud agent have no session: there is one per folder.
        (None, Some(folder)) => {
            let name = folder.rsplit(['/', '\\']).find(|name| !name.is_empty());
            let session: String = format!("folder:{folder}").chars().take(ID_CHARS).collect();
            (session, name.map(str::to_owned))
        }
        (None, None) => return None,
    };
    Some(Hook {
        source,
        session,
        nickname,
        parent: None,
        subagent: id(body, &["agent_id", "agentId", "subagent_id"]),
        event: String::new(),
        folder,
        at: body.get("timestamp").and_then(millis),
        turn: id(body, &TURN),
        tool_use_id: id(body, &["tool_use_id", "toolUseId", "toolCallId", "callID"]),
        deed: Deed::Alive,
    })
}

/// Returns the path of an edited file, which may be relative to the session's folder.
fn absolute(folder: Option<&str>, path: &str) -> String {
    let is_drive = path.as_bytes().get(1) == Some(&b':');
    match folder {
        Some(folder) if !path.starts_with(['/', '\\', '~']) && !is_drive => {
            format!("{}/{path}", folder.trim_end_matches(['/', '\\']))
        }
        _ => path.to_owned(),
    }
}

/// Returns the beginning of a tool call.
fn begins(tool: &str, input: &Value) -> Work {
    let call = summary::of_call(tool, input);
    Work {
        begins: true,
        begun: Some(call.clone()),
        activity: Some(call),
        paths: patch::files(tool, input),
        ..Work::default()
    }
}

/// Returns the end of a tool call.
fn ends(tool: &str, input: &Value) -> Work {
    let call = summary::of_call(tool, input);
    Work {
        ended: vec![call.clone()],
        activity: Some(call),
        paths: patch::files(tool, input),
        ..Work::default()
    }
}

/// Returns the beginning of a turn by a prompt.
fn prompts(prompt: Option<&str>) -> Work {
    let said = prompt.and_then(|prompt| summary::line(&format!("Prompt: {prompt}")));
    Work {
        prompts: true,
        begins: true,
        activity: said,
        ..Work::default()
    }
}

/// Returns the wait for the permission to call a tool.
fn permission(call: String) -> Asked {
    Asked {
        kind: WaitKind::Permission,
        text: call.clone(),
        options: vec![ALLOW.to_owned(), DENY.to_owned()],
        call: Some(call),
    }
}

/// Returns a wait that names no tool call.
fn asked(kind: WaitKind, said: Option<&str>, otherwise: &str) -> Asked {
    let text = said.and_then(summary::line);
    Asked {
        kind,
        text: text.unwrap_or_else(|| otherwise.to_owned()),
        options: Vec::new(),
        call: None,
    }
}

/// Returns the end of a turn.
fn idle(last_message: Option<&str>) -> Deed {
    Deed::Idle {
        note: last_message.and_then(summary::line),
        busy: false,
        is_reminder: false,
    }
}

/// Returns the end of a turn with an error: a usage limit, or a failure.
fn trouble(error: &Value, words: &[Option<&str>], now: i64) -> Deed {
    let words: Vec<&str> = words.iter().copied().flatten().collect();
    let words = words.join(": ");
    let said = summary::line(&words).unwrap_or_else(|| "The turn failed".to_owned());
    if super::limit::is_limit(&words) {
        Deed::Limited {
            text: said,
            until: super::limit::until(error, &words, now),
        }
    } else {
        Deed::Failed { reason: said }
    }
}

/// Returns the input of a tool call. Some harnesses send it as JSON in a text.
fn input_of(body: &Value, names: &[&str]) -> Value {
    match any(body, names) {
        Some(Value::String(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))
        }
        Some(value) => value.clone(),
        None => Value::Null,
    }
}
