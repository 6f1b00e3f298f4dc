//! A change as a job of the store, with its idempotency record and the events to publish after it.

mod stored_answer;

use std::sync::Arc;
use std::time::Instant;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tasktree_protocol::{Cursor, NO_CREDENTIAL, StreamId, Timestamp};
use tokio::sync::oneshot;

use super::{Publisher, Receipt, WriteContext};
use crate::auth::{Principal, SpeaksAs};
use crate::domain::{Author, Change, Claimed, Effect, agent};
use crate::error::{Error, Result};
use crate::hex::hex;
use crate::limits::{COMMAND_ANSWER_MS, Limits, REQUEST_ANSWER_MS};
use crate::store::{AnswerRow, LoggedEvent, Read, Transaction, WriteJob};

/// Key of a request, by which a repetition gets the same answer instead of a second effect.
///
/// Only successes are kept: a refused request changed nothing, and may be sent again under the same
/// key. Answers are dropped after their time, or when there are too many: see
/// [`Limits::answers_per_caller`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyKey {
    kind: Kind,
    /// The caller, once known: nobody gets the answer to another's request.
    owner: Option<String>,
    key: String,
    fingerprint: String,
    keep_ms: i64,
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
}

impl IdempotencyKey {
    /// Binds the key to the caller, by the id of the credential, since names are given again.
    ///
    /// A key that is bound already stays so: the server answers later what somebody requested.
    pub(super) fn bind(&mut self, principal: &Principal) {
        let owner = || principal.credential().unwrap_or(NO_CREDENTIAL).to_owned();
        self.owner.get_or_insert_with(owner);
    }
}

fn fingerprint(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    hex(&digest.finalize())
}

pub(super) struct Operation<T, F> {
    pub(super) context: WriteContext,
    pub(super) speaks_as: SpeaksAs,
    pub(super) stream: StreamId,
    pub(super) now: Timestamp,
    /// The time by which answers are kept.
    pub(super) unset: Timestamp,
    pub(super) limits: Arc<Limits>,
    pub(super) publisher: Arc<dyn Publisher>,
    pub(super) apply: Option<F>,
    pub(super) receipt: Option<Receipt<T>>,
    pub(super) effects: Vec<Effect>,
    pub(super) answer: oneshot::Sender<Result<(Receipt<T>, Vec<Claimed>)>>,
}

impl<T, F> Operation<T, F>
where
    T: Serialize + DeserializeOwned + 'static,
    F: FnOnce(&mut Change<'_>) -> Result<T>,
{
    fn perform(&mut self, transaction: &mut dyn Transaction) -> Result<Receipt<T>> {
        let apply = self
            .apply
            .take()
            .ok_or_else(|| Error::Internal("A write was run twice.".to_owned()))?;
        let key = full_key(&self.context, &self.limits)?;
        if let Some((key, full)) = &key
            && let Some(stored) = stored_answer(&*transaction, full, key, self.unset)?
        {
            let (value, cursor) =
                stored_answer::recall(&stored.answer, &*transaction, &self.stream)?;
            return Ok(Receipt {
                value,
                cursor,
                replayed: true,
                committed: None,
            });
        }
        check_epoch(transaction, &self.context, &self.stream)?;
        let mut change = Change::new(
            transaction,
            Author {
                actor: &self.context.actor,
                cause: self.context.cause.as_deref(),
            },
            &self.speaks_as,
            self.now,
            &self.limits,
        );
        agent::check_speaker(&change, &self.stream)?;
        let value = apply(&mut change)?;
        self.effects = change.finish()?;
        let cursor = cursor(transaction, &self.stream)?;
        if let Some((key, full)) = &key {
            let answer = AnswerRow {
                owner: format!(
                    "{}/{}",
                    key.owner.as_deref().unwrap_or_default(),
                    self.context.actor
                ),
                fingerprint: key.fingerprint.clone(),
                answer: stored_answer::keep(&value, &cursor, &self.limits)?,
                expires_at: self.unset.unix_millis(0) + key.keep_ms,
            };
            transaction.put_answer(full, &answer)?;
            let limits = &self.limits;
            transaction.trim_answers(Some(&answer.owner), limits.answers_per_caller)?;
            transaction.trim_answers(None, limits.answers)?;
        }
        Ok(Receipt {
            value,
            cursor,
            replayed: false,
            committed: None,
        })
    }
}

/// Refuses a write that was made for another life of its stream.
fn check_epoch(
    rows: &(impl Read + ?Sized),
    context: &WriteContext,
    stream: &StreamId,
) -> Result<()> {
    let bound = context.bound.as_ref();
    let Some(seen) = bound.and_then(|bound| bound.epoch.as_ref()) else {
        return Ok(());
    };
    match rows.stream(stream)? {
        Some(row) if *seen != row.cursor().epoch => Err(Error::Replaced),
        _ => Ok(()),
    }
}

/// Returns the key under which the answer is kept.
fn full_key<'a>(
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

fn stored_answer(
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

/// Returns the position of a stream, or of the system's stream if it no longer exists.
pub(super) fn cursor(rows: &(impl Read + ?Sized), stream: &StreamId) -> Result<Cursor> {
    let row = match rows.stream(stream)? {
        Some(row) => Some(row),
        None => rows.stream(&StreamId::system())?,
    };
    row.map(|row| row.cursor())
        .ok_or_else(|| Error::Internal("The system stream is missing.".to_owned()))
}

impl<T, F> WriteJob for Operation<T, F>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    F: FnOnce(&mut Change<'_>) -> Result<T> + Send,
{
    fn run(&mut self, transaction: &mut dyn Transaction) -> Result<()> {
        self.receipt = Some(self.perform(transaction)?);
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let Self {
            publisher,
            effects,
            receipt,
            answer,
            ..
        } = *self;
        let outcome = outcome.and_then(|()| {
            let committed = Instant::now();
            let claims = publish(&*publisher, effects);
            let receipt =
                receipt.ok_or_else(|| Error::Internal("A write returned no result.".to_owned()))?;
            let receipt = Receipt {
                committed: (!receipt.replayed).then_some(committed),
                ..receipt
            };
            Ok((receipt, claims))
        });
        // Nobody waits any more if the request was dropped; the change stands.
        let _ = answer.send(outcome);
    }
}

/// Publishes the effects of a change in their order. Returns the claims that it began.
fn publish(publisher: &dyn Publisher, effects: Vec<Effect>) -> Vec<Claimed> {
    let mut claims = Vec::new();
    let mut events: Vec<LoggedEvent> = Vec::new();
    let flush = |events: &mut Vec<LoggedEvent>| {
        if !events.is_empty() {
            publisher.published(std::mem::take(events));
        }
    };
    for effect in effects {
        match effect {
            Effect::Event(event) => events.push(event),
            Effect::Reset(stream, cursor) => {
                flush(&mut events);
                publisher.stream_reset(&stream, &cursor);
            }
            Effect::Removed(stream) => {
                flush(&mut events);
                publisher.stream_removed(&stream);
            }
            Effect::Ephemeral(stream, message) => {
                flush(&mut events);
                publisher.ephemeral(&stream, message);
            }
            Effect::Claimed(claim) => claims.push(claim),
        }
    }
    flush(&mut events);
    claims
}
