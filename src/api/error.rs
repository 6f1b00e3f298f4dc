//! Errors of requests, as sentences that can be shown.

use serde_json::Value;
use tasktree_protocol::{WireError, error::code};

/// Longest part of a plain-text answer that is shown, in characters.
const LONGEST_TEXT: usize = 300;

/// Reason why a request failed.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiError {
    /// No answer came: the server or the network is down. A write may or may not have taken effect.
    Offline,
    /// The server refused the request.
    Rejected {
        /// HTTP status.
        status: u16,
        /// One of the names in [`code`], if the server sent one or the status implies it.
        code: Option<String>,
        /// Sentence about the mistake.
        message: String,
        /// Current row, if the request was based on an older version of it.
        current: Option<Value>,
    },
    /// This version cannot read the answer; the text names the position.
    Decode(String),
}

impl ApiError {
    /// Parses the error in an answer with that status and body: `{"detail": "sentence"}`,
    /// `{"detail": [{"loc", "msg"}]}`, or text.
    pub(super) fn from_answer(status: u16, body: &str) -> Self {
        let json = serde_json::from_str::<Value>(body);
        // Older servers and proxies answer with plain text; an HTML page is no use to a person.
        let text = json.is_err() && !body.trim_start().starts_with('<');
        let text = text.then(|| body.trim().chars().take(LONGEST_TEXT).collect());
        let json = json.unwrap_or_default();
        let message = sentence(&json["detail"])
            .or(text)
            .filter(|text: &String| !text.is_empty())
            .unwrap_or_else(|| format!("The server answered with status {status}."));
        let implied = match status {
            400 | 422 => Some(code::INVALID),
            401 | 403 => Some(code::FORBIDDEN),
            404 => Some(code::NOT_FOUND),
            409 | 412 => Some(code::CONFLICT),
            429 => Some(code::RATE_LIMITED),
            500.. => Some(code::INTERNAL),
            _ => None,
        };
        let implied = if is_other_version(&json["detail"]) {
            Some(code::CONFLICT)
        } else {
            implied
        };
        Self::Rejected {
            status,
            code: json["code"].as_str().or(implied).map(Into::into),
            message,
            current: json.get("current").filter(|row| !row.is_null()).cloned(),
        }
    }

    /// Returns a sentence for a person, in English; the shell translates [`ApiError::Offline`].
    pub fn message(&self) -> String {
        match self {
            Self::Offline => "The server cannot be reached.".into(),
            Self::Rejected { message, .. } => message.clone(),
            Self::Decode(reason) => format!("The server's answer could not be read: {reason}"),
        }
    }

    /// Returns true if the same request may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Offline => true,
            Self::Rejected { status, .. } => *status == 429 || *status >= 500,
            Self::Decode(_) => false,
        }
    }

    /// Returns true if the server has no such endpoint, or nothing at it: older servers lack some.
    pub fn is_no_endpoint(&self) -> bool {
        matches!(
            self,
            Self::Rejected {
                status: 404 | 405,
                ..
            }
        )
    }

    /// Returns true if the requested item does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Rejected { status: 404, .. })
    }
}

impl From<ApiError> for WireError {
    fn from(error: ApiError) -> Self {
        let temporary = error.is_temporary();
        let message = error.message();
        match error {
            ApiError::Offline => Self {
                temporary,
                ..Self::new(code::UNSENT, message)
            },
            ApiError::Decode(_) => Self::new(code::INTERNAL, message),
            ApiError::Rejected { code, current, .. } => Self {
                temporary,
                current,
                ..Self::new(code.as_deref().unwrap_or(code::INVALID), message)
            },
        }
    }
}

/// Returns true for the refusal of a row's time of change, which is read-only. The request was then
/// based on another version of the row than the stored one.
fn is_other_version(detail: &Value) -> bool {
    detail.as_array().is_some_and(|faults| {
        faults.iter().any(|fault| {
            let field = fault["loc"].as_array().and_then(|path| path.last());
            fault["type"] == "read_only" && field.is_some_and(|field| field == "updated_at")
        })
    })
}

/// Returns `detail` as one sentence: the sentence itself, or the faults of a validation, each with
/// its field.
fn sentence(detail: &Value) -> Option<String> {
    match detail {
        Value::String(text) => Some(text.clone()),
        Value::Array(faults) => {
            let parts: Vec<String> = faults
                .iter()
                .filter_map(|fault| {
                    let what = fault["msg"].as_str()?;
                    let field = fault["loc"].as_array().and_then(|path| path.last());
                    Some(match field {
                        Some(Value::String(name)) if name != "body" => format!("{name}: {what}"),
                        _ => what.into(),
                    })
                })
                .collect();
            (!parts.is_empty()).then(|| parts.join("; "))
        }
        _ => None,
    }
}
