//! The list of tools, and the instructions. Clients pay for both at each start, so they are short:
//! a test holds them to their budgets. `catalog/tools.json` has the texts and the arguments.

use std::sync::{Arc, LazyLock};

use rmcp::model::{JsonObject, MetaObject, Tool, ToolAnnotations};
use serde::Deserialize;
use serde_json::{Value, json};

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
pub(super) static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(|| {
    // A test reads the same text.
    let entries: Vec<Entry> = serde_json::from_str(ENTRIES).unwrap_or_default();
    entries.into_iter().map(Entry::into_tool).collect()
});

const ENTRIES: &str = include_str!("catalog/tools.json");

/// Tools that clients should not hide behind a search: agents need them at once.
const ALWAYS_LOADED: [&str; 3] = ["board_next", "board_update", "board_done"];

/// Effect of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// It changes nothing.
    Read,
    /// Repeating it changes nothing more.
    Idempotent,
    /// It changes something each time.
    Write,
}

/// Tool without what all of them have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    description: String,
    kind: Kind,
    arguments: JsonObject,
    required: Vec<String>,
}

impl Entry {
    fn into_tool(self) -> Tool {
        let mut schema = json!({
            "type": "object",
            "properties": self.arguments,
            "additionalProperties": false,
        });
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        let hints = ToolAnnotations::new().destructive(false).open_world(false);
        let hints = match self.kind {
            Kind::Read => hints.read_only(true),
            Kind::Idempotent => hints.idempotent(true),
            Kind::Write => hints,
        };
        let is_loaded = ALWAYS_LOADED.contains(&self.name.as_str());
        let mut tool = Tool::new(self.name, self.description, Arc::new(object(schema)));
        tool.output_schema = Some(Arc::new(object(json!({"type": "object"}))));
        tool.annotations = Some(hints);
        let meta = || MetaObject(object(json!({"anthropic/alwaysLoad": true})));
        tool.meta = is_loaded.then(meta);
        tool
    }
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

    /// Largest answer to `tools/list`, in bytes.
    const TOOLS_BYTES: usize = 8 * 1024;

    /// Longest instructions, in bytes: clients cut longer ones.
    const INSTRUCTIONS_BYTES: usize = 2000;

    /// Longest description of a tool, in bytes.
    const DESCRIPTION_BYTES: usize = 600;

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
            assert!(
                !text.contains("\"type\":["),
                "{}: not every client reads it",
                tool.name
            );
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
