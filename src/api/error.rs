//! Why a request failed, in words that can be shown.

use serde_json::Value;
use tasktree_protocol::{WireError, error::code};

/// How much of an answer in plain text is shown, in characters.
const LONGEST_TEXT: usize = 300;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiError {
    /// No answer came: the server or the network is down. Whether a write took effect is not known.
    Offline,
    /// The server refused.
    Rejected {
        /// HTTP status.
        status: u16,
        /// One of the names in [`code`], where the server gave one or the status implies it.
        code: Option<String>,
        /// A sentence that says what was wrong.
        message: String,
        /// The row as it is now, where the request was made for an older version of it.
        current: Option<Value>,
    },
    /// The answer was not what this version understands; the text says where.
    Decode(String),
}

impl ApiError {
    /// The error in an answer with that status and body: `{"detail": "sentence"}`, `{"detail": [{"loc", "msg"}]}`, or text.
    pub(super) fn from_answer(status: u16, body: &str) -> Self {
        let json = serde_json::from_str::<Value>(body);
        // Older backends and proxies answer with plain text; a page of HTML says nothing to a person.
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

    /// A sentence for a person, in English; the shell translates [`ApiError::Offline`].
    pub fn message(&self) -> String {
        match self {
            Self::Offline => "The server cannot be reached.".into(),
            Self::Rejected { message, .. } => message.clone(),
            Self::Decode(reason) => format!("The server's answer could not be read: {reason}"),
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Offline => true,
            Self::Rejected { status, .. } => *status == 429 || *status >= 500,
            Self::Decode(_) => false,
        }
    }

    /// Whether the server knows no such endpoint, or nothing at it: an older backend has not all of them.
    pub fn is_no_endpoint(&self) -> bool {
        matches!(
            self,
            Self::Rejected {
                status: 404 | 405,
                ..
            }
        )
    }

    /// Whether there is no such thing.
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

/// Returns true for the refusal of a row's time of change, which is read-only: the request was made
/// for another version of the row than the stored one.
fn is_other_version(detail: &Value) -> bool {
    detail.as_array().is_some_and(|faults| {
        faults.iter().any(|fault| {
            let field = fault["loc"].as_array().and_then(|path| path.last());
            fault["type"] == "read_only" && field.is_some_and(|field| field == "updated_at")
        })
    })
}

/// `detail` as one sentence: itself where it is one, else the faults of a validation, each with the field that it is about.
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
