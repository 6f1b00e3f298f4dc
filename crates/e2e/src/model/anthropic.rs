//! Anthropic's Messages API, for Claude Code and opencode.

use serde_json::{Value, json};

use super::{Events, FAREWELL, Step, next_step};

/// Returns the events of a streamed answer.
pub(super) fn answer(request: &Value, text: &str, command: &str) -> Events {
    let tools = request["tools"].as_array().into_iter().flatten();
    let names = tools.filter_map(|tool| tool["name"].as_str());
    let step = next_step(names, text, "\"tool_result\"", command);
    let (block, delta, stop) = match step {
        Step::Run { tool, command } => {
            let input = json!({ "command": command, "description": "a step" }).to_string();
            (
                json!({ "type": "tool_use", "id": "toolu_1", "name": tool, "input": {} }),
                json!({ "type": "input_json_delta", "partial_json": input }),
                "tool_use",
            )
        }
        Step::Stop => (
            json!({ "type": "text", "text": "" }),
            json!({ "type": "text_delta", "text": FAREWELL }),
            "end_turn",
        ),
    };
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": request["model"],
        "content": [], "stop_reason": null, "usage": { "input_tokens": 1, "output_tokens": 1 },
    });
    let events = [
        ("message_start", json!({ "message": message })),
        (
            "content_block_start",
            json!({ "index": 0, "content_block": block }),
        ),
        ("content_block_delta", json!({ "index": 0, "delta": delta })),
        ("content_block_stop", json!({ "index": 0 })),
        (
            "message_delta",
            json!({ "delta": { "stop_reason": stop }, "usage": { "output_tokens": 5 } }),
        ),
        ("message_stop", json!({})),
    ];
    let typed = events.into_iter().map(|(kind, mut data)| {
        data["type"] = json!(kind);
        (Some(kind), data)
    });
    typed.collect()
}

/// Returns the answer to a request that is not streamed, such as one for a title.
pub(super) fn short_answer(request: &Value) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": request["model"],
        "content": [{ "type": "text", "text": "ok" }], "stop_reason": "end_turn",
        "usage": { "input_tokens": 1, "output_tokens": 1 },
    })
}
