//! OpenAI's Responses API, for Codex.

use serde_json::{Value, json};

use super::{Events, FAREWELL, Step, next_step};

/// Returns the events of a streamed answer.
pub(super) fn answer(request: &Value, text: &str, command: &str) -> Events {
    let tools = request["tools"].as_array().into_iter().flatten();
    let names = tools.filter_map(|tool| tool["name"].as_str());
    let item = match next_step(names, text, "function_call_output", command) {
        Step::Run { tool, command } => {
            let arguments = if tool == "exec_command" {
                json!({ "cmd": command })
            } else {
                json!({ "command": ["bash", "-lc", command] })
            };
            json!({
                "type": "function_call", "id": "fc_1", "call_id": "call_1", "name": tool,
                "arguments": arguments.to_string(),
            })
        }
        Step::Stop => json!({
            "type": "message", "id": "msg_1", "role": "assistant",
            "content": [{ "type": "output_text", "text": FAREWELL }],
        }),
    };
    let usage = json!({
        "input_tokens": 1, "input_tokens_details": null, "output_tokens": 1,
        "output_tokens_details": null, "total_tokens": 2,
    });
    let events = [
        (
            "response.created",
            json!({ "response": { "id": "resp_1" } }),
        ),
        (
            "response.output_item.done",
            json!({ "output_index": 0, "item": item }),
        ),
        (
            "response.completed",
            json!({ "response": { "id": "resp_1", "output": [], "usage": usage } }),
        ),
    ];
    let typed = events.into_iter().map(|(kind, mut data)| {
        data["type"] = json!(kind);
        (Some(kind), data)
    });
    typed.collect()
}
