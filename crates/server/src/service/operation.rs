//! A change as a job of the store, with its idempotency record and the events to publish after it.

mod stored_answer;

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tasktree_protocol::{Cursor, StreamId, Timestamp};
use tokio::sync::oneshot;

use super::idempotency::{full_key, stored_answer};
use super::{Publisher, Receipt, WriteContext};
use crate::auth::SpeaksAs;
use crate::domain::{Author, Change, Claimed, Effect, agent, attention};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::{AnswerRow, LoggedEvent, Read, Transaction, WriteJob};

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
        attention::follow(&mut change)?;
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
