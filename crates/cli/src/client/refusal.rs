//! Refusals of the server as failures of a verb.

use serde_json::Value;
use tasktree_protocol::error::code;
use ureq::http::StatusCode;

use crate::failure::{Exit, Failure};

/// Returns the failure for a response with an error status.
pub(super) fn of(status: StatusCode, body: &[u8]) -> Failure {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let given = body["code"].as_str();
    let (exit, name) = match status.as_u16() {
        401 => (Exit::NotAllowed, "unauthorized"),
        403 => (Exit::NotAllowed, given.unwrap_or(code::FORBIDDEN)),
        404 => (Exit::NotFound, code::NOT_FOUND),
        // The name that agents know from other tools.
        409 if given == Some(code::CLAIMED) => (Exit::Conflict, "taken"),
        409 | 412 => (Exit::Conflict, given.unwrap_or(code::CONFLICT)),
        400 | 413 | 422 => (Exit::Failed, code::INVALID),
        410 => (Exit::Failed, "gone"),
        429 => (Exit::Failed, code::RATE_LIMITED),
        503 => (Exit::Failed, "busy"),
        _ => (Exit::Failed, code::INTERNAL),
    };
    let mut failure = Failure::new(exit, name, sentence(status, &body["detail"]));
    if status == StatusCode::UNAUTHORIZED {
        failure
            .message
            .push_str(". Set TASKTREE_TOKEN, or store a token with `tasktree connect … --token -`");
    }
    if let Some(holder) = body["holder"].as_str() {
        failure = failure.with("by", holder);
    }
    if let Some(current) = body.get("current") {
        failure = failure.with("current", current.clone());
    }
    failure
}

/// Returns the server's `detail` as text: a sentence, or a list of the problems with their places.
fn sentence(status: StatusCode, detail: &Value) -> String {
    match detail {
        Value::String(text) => text.clone(),
        Value::Array(problems) => {
            let problems: Vec<_> = problems.iter().map(problem).collect();
            problems.join("; ")
        }
        _ => format!("the server responded with {status}; is it TaskTree?"),
    }
}

fn problem(problem: &Value) -> String {
    let place = problem["loc"].as_array().into_iter().flatten().skip(1);
    let names: Vec<_> = place
        .map(|name| match name {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        })
        .collect();
    let message = problem["msg"].as_str().unwrap_or_default();
    format!("{} {message}", names.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_an_exit_code_a_name_and_the_sentence_of_the_server() {
        let cases = [
            (
                401,
                r#"{"detail": "No token"}"#,
                Exit::NotAllowed,
                "unauthorized",
            ),
            (
                403,
                r#"{"detail": "No", "code": "forbidden"}"#,
                Exit::NotAllowed,
                "forbidden",
            ),
            (
                404,
                r#"{"detail": "Task 9 not found"}"#,
                Exit::NotFound,
                "not_found",
            ),
            (
                409,
                r#"{"detail": "x", "code": "blocked"}"#,
                Exit::Conflict,
                "blocked",
            ),
            (
                412,
                r#"{"detail": "x", "code": "conflict"}"#,
                Exit::Conflict,
                "conflict",
            ),
            (422, r#"{"detail": []}"#, Exit::Failed, "invalid"),
            (500, "not JSON", Exit::Failed, "internal"),
        ];
        for (status, body, exit, name) in cases {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            let failure = of(status, body.as_bytes());
            assert_eq!(
                (failure.exit, failure.code.as_str()),
                (exit, name),
                "{status}"
            );
        }
    }

    #[test]
    fn a_taken_task_names_its_holder() {
        let body = r#"{"detail": "Held by alice", "code": "claimed", "holder": "alice"}"#;
        let failure = of(StatusCode::CONFLICT, body.as_bytes());
        assert_eq!(failure.code, "taken");
        assert_eq!(failure.to_json()["error"]["by"], "alice");
        assert_eq!(failure.message, "Held by alice");
    }

    #[test]
    fn problems_are_listed_with_their_places() {
        let body = r#"{"detail": [{"loc": ["body", "paths", 0], "msg": "is empty"},
            {"loc": ["body", "agent"], "msg": "Field required"}]}"#;
        let failure = of(StatusCode::UNPROCESSABLE_ENTITY, body.as_bytes());
        assert_eq!(failure.message, "paths.0 is empty; agent Field required");
    }
}
