//! Requests that stay open: notices about changes, which go on after a restart of the server.

use std::io::{BufRead as _, BufReader};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Body;
use ureq::http::Response;

use super::door::{self, Door};
use super::message::Message;
use crate::failure::{Exit, Failure, Result};
use crate::output::{json_line, say};

/// Pause before a stream that ended is opened again.
const PAUSE: Duration = Duration::from_secs(1);

/// Method of the first message of a stream.
const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";

/// Reads the messages of a stream of events, until `wants` returns false or it ends.
pub(super) fn read(response: Response<Body>, wants: &mut dyn FnMut(Value) -> bool) -> Result<()> {
    let reader = BufReader::new(response.into_body().into_reader());
    let mut data = String::new();
    for line in reader.lines() {
        let line = line.map_err(|error| {
            let message = format!("the stream of the server ended ({error})");
            Failure::new(Exit::Unreachable, "unreachable", message)
        })?;
        if let Some(part) = line.strip_prefix("data:") {
            data.push_str(part.strip_prefix(' ').unwrap_or(part));
            continue;
        }
        // A comment keeps the connection alive, and shows that the client still listens.
        let value = match line.is_empty() {
            true => serde_json::from_str(&std::mem::take(&mut data)).unwrap_or(Value::Null),
            false => Value::Null,
        };
        if !wants(value) {
            break;
        }
    }
    Ok(())
}

/// Prints the notices of a request that listens. A stream that the server ends is opened again, and
/// then everything may have changed.
pub(super) fn listen(door: &Door, message: &Message) {
    let mut is_first = true;
    loop {
        let response = door.open(&door.patient, message);
        let mut refused = None;
        let outcome = response.and_then(|response| {
            door::read(response, &mut |value| {
                if door.is_cancelled(message) {
                    return false;
                }
                if value.get("error").is_some() {
                    refused = Some(value);
                    return false;
                }
                if value["method"] == ACKNOWLEDGED && !is_first {
                    changed(&value)
                        .iter()
                        .for_each(|told| say(&json_line(told)));
                } else if value.get("method").is_some() {
                    say(&json_line(&value));
                    is_first = false;
                }
                true
            })
        });
        if door.is_cancelled(message) {
            return;
        }
        match (refused, outcome) {
            (Some(refused), _) => return say(&json_line(&refused)),
            (None, Err(failure)) if is_first => {
                if let Some(answer) = message.failed(&failure) {
                    say(&json_line(&answer));
                }
                return;
            }
            (None, _) => thread::sleep(PAUSE),
        }
    }
}

/// Returns the notices that each resource of a stream changed.
fn changed(acknowledged: &Value) -> Vec<Value> {
    let params = &acknowledged["params"];
    let uris = params["notifications"]["resourceSubscriptions"].as_array();
    let told = uris.into_iter().flatten().map(|uri| {
        json!({
            "jsonrpc": "2.0",
            "method": "notifications/resources/updated",
            "params": {"uri": uri, "_meta": params["_meta"]},
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<Value> {
        let response = Response::builder()
            .body(Body::builder().data(text.as_bytes().to_vec()))
            .unwrap();
        let mut found = Vec::new();
        read(response, &mut |value| {
            if !value.is_null() {
                found.push(value);
            }
            true
        })
        .unwrap();
        found
    }

    #[test]
    fn a_stream_is_read_message_by_message() {
        let text = ": keep-alive\n\ndata: {\"a\":\ndata: 1}\n\nid: 4\ndata:{\"b\":2}\n\ndata: {\n";
        assert_eq!(messages(text), [json!({"a": 1}), json!({"b": 2})]);
    }

    #[test]
    fn after_a_restart_everything_may_have_changed() {
        let told = changed(&json!({"params": {
            "_meta": {"io.modelcontextprotocol/subscriptionId": "s1"},
            "notifications": {"resourceSubscriptions": ["tasktree://a/board"]},
        }}));
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["params"]["uri"], "tasktree://a/board");
        let id = &told[0]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"];
        assert_eq!(id, "s1");
    }
}
