//! Harnesses whose bodies name the event: Claude Code, Codex, Gemini CLI, Cursor, VS Code, and
//! Copilot CLI in one of its two forms.

use serde_json::Value;
use tasktree_protocol::agent::{Source, WaitKind};

use super::{asked, begins, ends, idle, input_of, permission, prompts, trouble};
use crate::hook::body::{any, text};
use crate::hook::event::{Asked, Deed, Hook, Work};
use crate::hook::summary;

/// Tool with which Claude Code asks the person at its terminal.
const ASKS: &str = "AskUserQuestion";

/// Answers that are offered with a question.
const OPTIONS: usize = 10;

/// Returns the meaning of an event by its name.
pub(super) fn deed(body: &Value, hook: &Hook, now: i64) -> Deed {
    let said = |names: &[&str]| text(body, names);
    let last_message = || {
        said(&[
            "last_assistant_message",
            "last-assistant-message",
            "prompt_response",
        ])
    };
    // The same events are `PreToolUse`, `preToolUse` or `BeforeTool`.
    match hook.event.to_ascii_lowercase().as_str() {
        "sessionstart" => match said(&["source"]) {
            // The conversation was shortened; the session goes on.
            Some("compact") => Deed::Alive,
            _ => Deed::Born {
                works: said(&["initial_prompt", "initialPrompt"]).is_some(),
            },
        },
        "userpromptsubmit" | "userpromptsubmitted" | "beforesubmitprompt" | "beforeagent" => {
            Deed::Work(prompts(said(&["prompt"])))
        }
        "pretooluse" | "beforetool" => before_tool(body),
        // A person has interrupted the turn: no other event ends it.
        "posttoolusefailure" if body.get("is_interrupt") == Some(&Value::Bool(true)) => idle(None),
        "posttooluse" | "posttoolusefailure" | "aftertool" | "permissiondenied" => {
            Deed::Work(ends(tool(body), &input(body)))
        }
        "posttoolbatch" => batch(body),
        "afterfileedit" => Deed::Work(ends("Edit", body)),
        "permissionrequest" => match tool(body) {
            ASKS => Deed::Waits(question(body)),
            tool => Deed::Waits(permission(summary::of_call(tool, &input(body)))),
        },
        "notification" => notification(body),
        "stop" if hook.source == Source::Cursor => match said(&["status"]) {
            Some("error") => trouble(
                body,
                &[said(&["error_message", "error", "message"])
                    .or(Some("The turn ended with an error"))],
                now,
            ),
            _ => idle(last_message()),
        },
        "stop" => Deed::Idle {
            note: last_message().and_then(summary::line),
            busy: has_running_tasks(body),
            is_reminder: false,
        },
        "afteragent" | "agentstop" | "agent-turn-complete" => idle(last_message()),
        "interrupt" => idle(None),
        "stopfailure" => trouble(body, &[said(&["error"]), said(&["error_details"])], now),
        "erroroccurred" => super::copilot::error(body, now),
        // Without an id, its kind tells a subagent from others.
        "subagentstart" => Deed::ChildStart,
        "subagentstop" => Deed::ChildStop,
        "sessionend" => Deed::Gone,
        "taskcreated" => todo("Todo", body),
        "taskcompleted" => todo("Done", body),
        _ => Deed::Alive,
    }
}

fn tool(body: &Value) -> &str {
    text(body, &["tool_name", "toolName"]).unwrap_or("Tool")
}

fn input(body: &Value) -> Value {
    input_of(body, &["tool_input", "toolArgs", "tool_args"])
}

/// Returns the beginning of a tool call. The one with which an agent asks is a wait.
fn before_tool(body: &Value) -> Deed {
    match tool(body) {
        ASKS => Deed::Waits(question(body)),
        tool => Deed::Work(begins(tool, &input(body))),
    }
}

/// Returns the first question of a tool call with which an agent asks.
fn question(body: &Value) -> Asked {
    let input = input(body);
    let first = input.get("questions").and_then(|list| list.get(0));
    let said = first.and_then(|first| text(first, &["question"]));
    let options = first.and_then(|first| first.get("options")?.as_array());
    let labels = options.into_iter().flatten().filter_map(|option| {
        let label = option.as_str().or_else(|| text(option, &["label"]))?;
        summary::line(label)
    });
    Asked {
        options: labels.take(OPTIONS).collect(),
        call: Some(summary::of_call(ASKS, &input)),
        ..asked(WaitKind::Question, said, "The agent asks in its terminal")
    }
}

/// Returns the end of several tool calls.
fn batch(body: &Value) -> Deed {
    let mut work = Work::default();
    let calls = body.get("tool_calls").and_then(Value::as_array);
    for call in calls.into_iter().flatten() {
        work.absorb(ends(tool(call), &input(call)));
    }
    Deed::Work(work)
}

/// Returns the meaning of a notification by its type.
fn notification(body: &Value) -> Deed {
    let message = text(body, &["message"]);
    match text(body, &["notification_type"]).unwrap_or_default() {
        "permission_prompt" => Deed::Waits(asked(
            WaitKind::Permission,
            message,
            "The agent needs a permission",
        )),
        "ToolPermission" => {
            let details = body.get("details").unwrap_or(&Value::Null);
            let about = text(
                details,
                &["command", "filePath", "file_path", "toolName", "title"],
            );
            let said = match (message, about) {
                (Some(message), Some(about)) => Some(format!("{message}: {about}")),
                (one, other) => one.or(other).map(str::to_owned),
            };
            Deed::Waits(asked(
                WaitKind::Permission,
                said.as_deref(),
                "The agent needs a permission",
            ))
        }
        "elicitation_dialog" | "agent_needs_input" => Deed::Waits(asked(
            WaitKind::Question,
            message,
            "The agent needs an answer",
        )),
        "elicitation_complete" | "elicitation_response" => Deed::Work(Work {
            begins: true,
            ..Work::default()
        }),
        "idle_prompt" => Deed::Idle {
            note: None,
            busy: false,
            is_reminder: true,
        },
        _ => Deed::Alive,
    }
}

/// Returns true if programs that the agent started go on after its turn.
fn has_running_tasks(body: &Value) -> bool {
    let tasks = any(body, &["background_tasks"]).and_then(Value::as_array);
    let mut tasks = tasks.into_iter().flatten();
    tasks.any(|task| matches!(text(task, &["status"]), Some("running" | "pending")))
}

fn todo(state: &str, body: &Value) -> Deed {
    let subject = text(body, &["task_subject", "subject"]).unwrap_or("a step");
    let said = summary::line(&format!("{state}: {subject}"));
    said.map_or(Deed::Alive, Deed::Todos)
}
