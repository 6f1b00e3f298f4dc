//! The list of tools, and the instructions. Clients pay for both at each start, so they are short:
//! a test holds them below [`TOOLS_BYTES`] and [`INSTRUCTIONS_BYTES`].

use std::sync::{Arc, LazyLock};

use rmcp::model::{JsonObject, MetaObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

/// Largest answer to `tools/list`, in bytes.
#[cfg(test)]
const TOOLS_BYTES: usize = 8 * 1024;

/// Longest instructions, in bytes: clients cut longer ones.
#[cfg(test)]
const INSTRUCTIONS_BYTES: usize = 2000;

/// Longest description of a tool, in bytes.
#[cfg(test)]
const DESCRIPTION_BYTES: usize = 600;

/// Instructions for the model.
pub(super) const INSTRUCTIONS: &str = "\
TaskTree is a board of tasks that several agents share, and that people watch live.
Work like this: board_next claims one task for you and returns its prompt. While you work, call \
board_update with a short note when something worth knowing happened. Reserve files that others \
may touch with board_reserve. Finish with board_done and a summary, with the commit if there is \
one; then call board_next again.
If you cannot go on, call board_block with the question or reason: a person sees it at once. Their \
answer comes in `answers` of a later result, so call board_heartbeat now and then while you wait. \
If you give the task up, use kind=failed.
Tasks are named by number. A result may be cut at 8 KiB (`cut`: true): board_get with full=true \
returns the whole task. `claim` in board_next is the number of your claim; send it with \
board_update, board_done and board_block, and a report about a task that was taken from you is \
refused instead of harming the work of its new holder.
A refusal says what to do. Nothing here deletes or merges: people do that on the board.";

/// Tools in their order.
pub(super) static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(tools);

/// Kind of a tool.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Changes nothing.
    Read,
    /// Repeating it changes nothing more.
    Idempotent,
    /// Changes something each time.
    Write,
}

fn tools() -> Vec<Tool> {
    let task = json!({"type": "integer", "description": "number of the task"});
    let held = json!({"type": "integer", "description": "default: the task that you hold"});
    let claim = json!({"type": "integer", "description": "claim, from board_next"});
    let number = json!({"type": "integer"});
    let numbers = json!({"type": "array", "items": {"type": "integer"}});
    let text = json!({"type": "string"});
    let texts = json!({"type": "array", "items": {"type": "string"}});
    let flag = json!({"type": "boolean"});
    let priority = json!({"type": "integer", "description": "1 urgent to 4 low, 0 none"});
    let percent = json!({"type": "integer", "minimum": 0, "maximum": 100});
    let status = json!({"type": "string", "enum": ["unclaimed", "up_next"]});
    vec![
        tool(
            "board_next",
            "Returns the task that you hold, or claims the best ready one for you, with its prompt. \
             Without a ready task, says why. Call it to get work.",
            Kind::Write,
            [
                (
                    "task",
                    json!({"type": "integer", "description": "claim this one; releases yours"}),
                ),
                (
                    "claim",
                    json!({"type": "boolean", "default": true, "description": "false: only look"}),
                ),
            ],
            &[],
        ),
        tool(
            "board_list",
            "Lists tasks, most urgent first, without their texts.",
            Kind::Read,
            [
                (
                    "status",
                    json!({"type": "string", "description": "unclaimed, up_next, in_progress, completed, merged; several with commas"}),
                ),
                (
                    "mine",
                    json!({"type": "boolean", "description": "only yours"}),
                ),
                (
                    "ready",
                    json!({"type": "boolean", "description": "only those that can be claimed"}),
                ),
                (
                    "text",
                    json!({"type": "string", "description": "words, or a query: label:ui is:blocked"}),
                ),
                (
                    "limit",
                    json!({"type": "integer", "default": 20, "maximum": 100}),
                ),
                (
                    "cursor",
                    json!({"type": "string", "description": "next_cursor of the page before"}),
                ),
            ],
            &[],
        ),
        tool(
            "board_get",
            "Returns a task with its texts and its 10 newest notes.",
            Kind::Read,
            [
                ("task", task.clone()),
                (
                    "full",
                    json!({"type": "boolean", "description": "do not cut long texts"}),
                ),
            ],
            &["task"],
        ),
        tool(
            "board_create",
            "Creates a task, for work that you found and that is not yours now.",
            Kind::Write,
            [
                ("title", text.clone()),
                ("description", text.clone()),
                (
                    "prompt",
                    json!({"type": "string", "description": "what its agent has to do (Markdown)"}),
                ),
                ("priority", priority.clone()),
                ("blocked_by", numbers.clone()),
                ("labels", texts.clone()),
                ("parent", number.clone()),
                (
                    "key",
                    json!({"type": "string", "description": "repeating a call with the same key creates nothing"}),
                ),
            ],
            &["title"],
        ),
        tool(
            "board_update",
            "Adds a note to a task, reports progress, or changes fields: left out stays, null clears. \
             Also a sign of life.",
            Kind::Write,
            [
                ("task", held.clone()),
                ("claim", claim.clone()),
                (
                    "note",
                    json!({"type": "string", "description": "for people (Markdown)"}),
                ),
                ("progress", percent.clone()),
                ("title", text.clone()),
                ("description", json!({"type": ["string", "null"]})),
                ("prompt", json!({"type": ["string", "null"]})),
                ("priority", priority),
                ("blocked_by", numbers.clone()),
                ("labels", texts.clone()),
                ("status", status),
                (
                    "rev",
                    json!({"type": "integer", "description": "only if the task has this rev"}),
                ),
            ],
            &[],
        ),
        tool(
            "board_done",
            "Completes your task. Give evidence: the server compares it with the repository.",
            Kind::Idempotent,
            [
                ("task", held.clone()),
                ("claim", claim.clone()),
                (
                    "summary",
                    json!({"type": "string", "description": "what was done (Markdown)"}),
                ),
                (
                    "commit",
                    json!({"type": "string", "description": "id of the commit"}),
                ),
                ("branch", text.clone()),
                (
                    "tests",
                    json!({"type": "string", "description": "tests that ran, with results"}),
                ),
            ],
            &["summary"],
        ),
        tool(
            "board_block",
            "Says that you cannot go on, and why. You keep the task, unless kind is failed.",
            Kind::Idempotent,
            [
                ("task", held),
                ("claim", claim),
                (
                    "kind",
                    json!({"type": "string", "enum": ["needs_input", "permission", "auth", "dependency", "rate_limit", "other", "failed"], "default": "needs_input"}),
                ),
                (
                    "reason",
                    json!({"type": "string", "description": "question or reason, for a person"}),
                ),
                (
                    "options",
                    json!({"type": "array", "items": {"type": "string"}, "description": "answers that you propose"}),
                ),
                (
                    "on",
                    json!({"type": "array", "items": {"type": "integer"}, "description": "tasks that have to finish first"}),
                ),
            ],
            &["reason"],
        ),
        tool(
            "board_heartbeat",
            "Says that you are alive; returns answers of people and the number of unread messages.",
            Kind::Idempotent,
            [
                (
                    "note",
                    json!({"type": "string", "description": "what you do, in one line"}),
                ),
                ("progress", percent),
            ],
            &[],
        ),
        tool(
            "board_reserve",
            "Tells others which files you change. It is granted even if another agent has them: \
             then `conflicts` names the agents.",
            Kind::Idempotent,
            [
                (
                    "paths",
                    json!({"type": "array", "items": {"type": "string"}, "description": "paths or globs in the project"}),
                ),
                (
                    "exclusive",
                    json!({"type": "boolean", "default": false, "description": "others should stay away"}),
                ),
                ("minutes", json!({"type": "integer", "default": 30})),
                ("reason", text.clone()),
            ],
            &["paths"],
        ),
        tool(
            "board_release",
            "Gives reserved files back.",
            Kind::Idempotent,
            [(
                "paths",
                json!({"type": "array", "items": {"type": "string"}, "description": "default: all of yours"}),
            )],
            &[],
        ),
        tool(
            "board_send",
            "Sends a message to an agent.",
            Kind::Write,
            [
                (
                    "to",
                    json!({"type": "string", "description": "name of the agent"}),
                ),
                ("body", json!({"type": "string", "description": "Markdown"})),
            ],
            &["to", "body"],
        ),
        tool(
            "board_inbox",
            "Returns messages to you and answers of people that you have not read.",
            Kind::Write,
            [
                ("limit", json!({"type": "integer", "default": 20})),
                ("mark_read", json!({"type": "boolean", "default": true})),
                ("full", flag),
            ],
            &[],
        ),
    ]
}

/// Tools that clients should not hide behind a search: agents need them at once.
const ALWAYS_LOADED: [&str; 3] = ["board_next", "board_update", "board_done"];

fn tool<const N: usize>(
    name: &'static str,
    description: &'static str,
    kind: Kind,
    arguments: [(&str, Value); N],
    required: &[&str],
) -> Tool {
    let properties: JsonObject = arguments
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let mut hints = ToolAnnotations::new().destructive(false).open_world(false);
    hints = match kind {
        Kind::Read => hints.read_only(true),
        Kind::Idempotent => hints.idempotent(true),
        Kind::Write => hints,
    };
    let mut tool = Tool::new(name, description, Arc::new(object(schema)));
    tool.output_schema = Some(Arc::new(object(json!({"type": "object"}))));
    tool.annotations = Some(hints);
    if ALWAYS_LOADED.contains(&name) {
        let meta = object(json!({"anthropic/alwaysLoad": true}));
        tool.meta = Some(MetaObject(meta));
    }
    tool
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(members) => members,
        _ => JsonObject::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_tools_and_the_instructions_keep_to_their_budgets() {
        let list = serde_json::to_string(&*TOOLS).unwrap();
        println!(
            "tools/list {} B, instructions {} B",
            list.len(),
            INSTRUCTIONS.len()
        );
        // The frame of the answer, with the hints about caching.
        assert!(list.len() + 300 <= TOOLS_BYTES, "{}", list.len());
        assert!(
            INSTRUCTIONS.len() <= INSTRUCTIONS_BYTES,
            "{}",
            INSTRUCTIONS.len()
        );
        for tool in TOOLS.iter() {
            let description = tool.description.as_deref().unwrap_or_default();
            assert!(!description.is_empty() && description.len() <= DESCRIPTION_BYTES);
        }
    }

    #[test]
    fn schemas_are_flat_objects() {
        assert_eq!(TOOLS.len(), 12);
        for tool in TOOLS.iter() {
            let text = serde_json::to_string(&tool.input_schema).unwrap();
            for word in ["$ref", "oneOf", "anyOf", "allOf"] {
                assert!(!text.contains(word), "{}: {word}", tool.name);
            }
            assert_eq!(tool.input_schema["type"], "object");
            assert_eq!(tool.input_schema["additionalProperties"], false);
            let hints = tool.annotations.as_ref().unwrap();
            assert_eq!(hints.destructive_hint, Some(false));
            assert!(
                tool.name.len() <= 16,
                "clients prefix the name: {}",
                tool.name
            );
        }
    }
}
