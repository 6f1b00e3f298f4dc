//! Google's Gemini API, for Gemini CLI.

use serde_json::{Value, json};

use super::{FAREWELL, Step, next_step};

/// Returns the answer, which is also the only event of a streamed one.
pub(super) fn answer(request: &Value, text: &str, command: &str) -> Value {
    let tools = request["tools"].as_array().into_iter().flatten();
    let functions = tools.filter_map(|tool| tool["functionDeclarations"].as_array());
    let names = functions
        .flatten()
        .filter_map(|function| function["name"].as_str());
    let part = match next_step(names, text, "functionResponse", command) {
        Step::Run { tool, command } => json!({
            "functionCall": {
                "name": tool,
                "args": { "command": command, "description": "a step" },
            },
        }),
        Step::Stop => json!({ "text": FAREWELL }),
    };
    json!({
        "candidates": [{
            "content": { "role": "model", "parts": [part] }, "finishReason": "STOP", "index": 0,
        }],
        "usageMetadata": { "promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2 },
    })
}
