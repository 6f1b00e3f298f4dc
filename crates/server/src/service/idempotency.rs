//! Keys of requests, under which their answers are kept for repetitions.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tasktree_protocol::{NO_CREDENTIAL, Timestamp};

use super::WriteContext;
use crate::auth::Principal;
use crate::error::{Error, Result};
use crate::hex::hex;
use crate::limits::{COMMAND_ANSWER_MS, Limits, REQUEST_ANSWER_MS};
use crate::store::{AnswerRow, Read};

/// Key of a request, by which a repetition gets the same answer instead of a second effect.
///
/// Only successes are kept: a refused request changed nothing, and may be sent again under the same
/// key. Answers are dropped after their time, or when there are too many: see
/// [`Limits::answers_per_caller`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyKey {
    kind: Kind,
    /// The caller, once known: nobody gets the answer to another's request.
    pub(super) owner: Option<String>,
    key: String,
    pub(super) fingerprint: String,
    pub(super) keep_ms: i64,
}

/// Kind of a request that has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Request,
    Command,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Command => "command",
        }
    }
}

impl IdempotencyKey {
    /// Creates the key of a REST request.
    ///
    /// `parts` are what identifies the request: method, path with query, headers that carry
    /// meaning, body.
    pub fn request(key: &str, parts: &[&[u8]]) -> Self {
        Self {
            kind: Kind::Request,
            owner: None,
            key: key.to_owned(),
            fingerprint: fingerprint(parts),
            keep_ms: REQUEST_ANSWER_MS,
        }
    }

    /// Creates the key of a socket's command from its id; it is independent of the connection.
    pub fn command(id: &str, command: &[u8]) -> Self {
        Self {
            kind: Kind::Command,
            owner: None,
            key: id.to_owned(),
            fingerprint: fingerprint(&[command]),
            keep_ms: COMMAND_ANSWER_MS,
        }
    }

    /// Binds the key to the caller, by the id of the credential, since names are given again.
    ///
    /// A key that is bound already stays so: the server answers later what somebody requested.
    pub(super) fn bind(&mut self, principal: &Principal) {
        let owner = || principal.credential().unwrap_or(NO_CREDENTIAL).to_owned();
        self.owner.get_or_insert_with(owner);
    }
}

/// Returns the digest of the parts that identify a request.
fn fingerprint(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    hex(&digest.finalize())
}

/// Returns the key under which the answer is kept.
pub(super) fn full_key<'a>(
    context: &'a WriteContext,
    limits: &Limits,
) -> Result<Option<(&'a IdempotencyKey, String)>> {
    let Some(key) = &context.idempotency else {
        return Ok(None);
    };
    if key.key.is_empty() || key.key.chars().count() > limits.key_chars {
        let message = format!("must have 1 to {} characters", limits.key_chars);
        return Err(Error::invalid(
            "Idempotency-Key",
            "key_length",
            message,
            key.key.clone(),
        ));
    }
    let Some(owner) = &key.owner else {
        let message = "An idempotency key was looked up before it was bound to the caller.";
        return Err(Error::Internal(message.to_owned()));
    };
    let full = format!("{}/{owner}/{}/{}", key.kind.word(), context.actor, key.key);
    Ok(Some((key, full)))
}

/// Returns the answer that is kept under a key. Refuses the key of another request.
pub(super) fn stored_answer(
    rows: &dyn Read,
    full: &str,
    key: &IdempotencyKey,
    now: Timestamp,
) -> Result<Option<AnswerRow>> {
    let stored = rows
        .answer(full)?
        .filter(|stored| stored.expires_at > now.unix_millis(0));
    if stored
        .as_ref()
        .is_some_and(|stored| stored.fingerprint != key.fingerprint)
    {
        return Err(Error::KeyReused);
    }
    Ok(stored)
}

/// Returns true if the answer to a write is kept. Asked before work that no transaction covers.
pub(super) fn is_answered(
    rows: &dyn Read,
    context: &WriteContext,
    now: Timestamp,
    limits: &Limits,
) -> Result<bool> {
    match full_key(context, limits)? {
        Some((key, full)) => Ok(stored_answer(rows, &full, key, now)?.is_some()),
        None => Ok(false),
    }
}
