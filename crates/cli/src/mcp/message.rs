//! Messages of JSON-RPC, as far as the pipe has to know them.

use serde_json::{Value, json};

use crate::client::Call;
use crate::failure::Failure;

/// Member with the revision of a request that has no handshake.
const REVISION: &str = "io.modelcontextprotocol/protocolVersion";

/// Code of JSON-RPC for a message that is not JSON.
const NOT_JSON: i32 = -32700;

/// Code of JSON-RPC for failures between client and server.
const FAILED: i32 = -32000;

/// Message of the client.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The message.
    pub(super) value: Value,
}

impl Message {
    /// Parses a line.
    ///
    /// # Errors
    /// Returns the answer to a line that is not JSON.
    pub(super) fn parse(line: &[u8]) -> Result<Self, Value> {
        match serde_json::from_slice(line) {
            Ok(value) => Ok(Self { value }),
            Err(error) => Err(json!({
                "jsonrpc": "2.0",
                "id": null,
                "error": {"code": NOT_JSON, "message": format!("Parse error: {error}")},
            })),
        }
    }

    /// Returns the method; empty for an answer.
    pub(super) fn method(&self) -> &str {
        self.value["method"].as_str().unwrap_or_default()
    }

    /// Returns the id of a request; none for a notification.
    pub(super) fn id(&self) -> Option<&Value> {
        self.value.get("id").filter(|_| !self.method().is_empty())
    }

    /// Returns the id of the request that the message cancels.
    pub(super) fn cancels(&self) -> Option<String> {
        let is_cancel = self.method() == "notifications/cancelled";
        let id = self.value["params"].get("requestId")?;
        is_cancel.then(|| id.to_string())
    }

    /// Adds the headers of the protocol, which repeat parts of the body: `negotiated` is the
    /// revision of the handshake, if there was one.
    pub(super) fn add_headers(&self, mut call: Call, negotiated: Option<&str>) -> Call {
        let params = &self.value["params"];
        let own = params["_meta"][REVISION].as_str();
        if let Some(revision) = own.or(negotiated) {
            call = call.header("mcp-protocol-version", revision);
        }
        if own.is_none() {
            return call;
        }
        call = call.header("mcp-method", self.method());
        let name = params.get("name").or(params.get("uri"));
        match name.and_then(Value::as_str) {
            Some(name) => call.header("mcp-name", name),
            None => call,
        }
    }

    /// Returns the answer to a request that failed on the way; none to a notification.
    pub(super) fn failed(&self, failure: &Failure) -> Option<Value> {
        let error = json!({"code": FAILED, "message": failure.message});
        Some(json!({"jsonrpc": "2.0", "id": self.id()?, "error": error}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(value: &Value) -> Message {
        Message::parse(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn only_requests_are_answered() {
        let request = message(&json!({"id": 7, "method": "ping"}));
        assert_eq!(request.id(), Some(&json!(7)));
        let failure = Failure::usage("no");
        assert_eq!(request.failed(&failure).unwrap()["id"], 7);
        let told = message(&json!({"method": "notifications/initialized"}));
        assert!(told.id().is_none() && told.failed(&failure).is_none());
        let answer = message(&json!({"id": 7, "result": {}}));
        assert_eq!(answer.id(), None);
    }

    #[test]
    fn a_cancelled_request_is_named_by_its_id() {
        let params = json!({"requestId": "s1"});
        let cancel = json!({"method": "notifications/cancelled", "params": params});
        assert_eq!(message(&cancel).cancels().as_deref(), Some("\"s1\""));
        assert_eq!(message(&json!({"id": 1, "method": "x"})).cancels(), None);
    }
}
