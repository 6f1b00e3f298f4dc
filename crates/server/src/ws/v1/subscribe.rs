//! Start of a subscription: after the position that the client names, or at the stream's position.

use std::sync::Arc;

use tasktree_protocol::error::code;
use tasktree_protocol::frame::{Subscribe, Subscribed, reason};
use tasktree_protocol::{Cursor, ProjectId, StreamId, WireError};

use crate::auth::{Permission, Target};
use crate::error::Error;
use crate::hub::Subscription;
use crate::service::Service;
use crate::ws::connection::Connection;

impl Connection {
    pub(super) async fn subscribe(&mut self, wanted: Subscribe) -> Result<Subscribed, WireError> {
        if wanted.stream.as_str().starts_with("u:") {
            return Err(WireError::new(
                code::FORBIDDEN,
                "Personal messages are sent without a subscription; their streams cannot be \
                 subscribed to.",
            ));
        }
        // Check here, not only in the hub: a stream that may not be followed must not even wake the
        // connection.
        let project = ProjectId::from(wanted.stream.as_str());
        let of = if wanted.stream == StreamId::system() {
            Target::Visible
        } else {
            Target::Project(&project)
        };
        if let Err(error) = self.acting.principal().check(Permission::Read, of) {
            self.realtime.metrics().resumed("refused");
            return Err(error.to_wire());
        }
        let known = self
            .subscriptions
            .iter()
            .position(|one| *one.id() == wanted.stream);
        let most = self.realtime.limits.max_subscriptions;
        // One more than the limit: the personal stream.
        if known.is_none() && self.subscriptions.len() > most {
            return Err(WireError::new(
                code::RATE_LIMITED,
                format!(
                    "A connection can subscribe to at most {most} streams; unsubscribe \
                     from others first."
                ),
            ));
        }
        // Register the bell before reading the position: an event published in between rings.
        let stream = self.guard.subscribe(&wanted.stream);
        let mut subscription = Subscription::new(Arc::clone(&stream));
        match place_cursor(
            &self.realtime.service,
            &mut subscription,
            wanted.cursor,
            self.realtime.limits.max_replay,
        )
        .await
        {
            Ok((subscribed, obstacle)) => {
                self.realtime
                    .metrics()
                    .resumed(obstacle.unwrap_or("recovered"));
                match known {
                    Some(index) => self.subscriptions[index] = subscription,
                    None => self.subscriptions.push(subscription),
                }
                self.publish_progress();
                self.look_again();
                Ok(subscribed)
            }
            Err(error) => {
                self.realtime.metrics().resumed("refused");
                if known.is_none() {
                    self.guard.unsubscribe(&stream);
                }
                Err(error.to_wire())
            }
        }
    }

    pub(super) fn unsubscribe(&mut self, stream: &StreamId) {
        // Personal messages cannot be unsubscribed from.
        let found = self
            .subscriptions
            .iter()
            .position(|one| one.id() == stream && !stream.as_str().starts_with("u:"));
        if let Some(index) = found {
            let subscription = self.subscriptions.swap_remove(index);
            self.guard.unsubscribe(subscription.stream());
            self.publish_progress();
        }
    }
}

/// Places a subscription's cursor. If it is not where the client wanted, also returns the reason.
async fn place_cursor(
    service: &Service,
    subscription: &mut Subscription,
    wanted: Option<Cursor>,
    max_replay: u64,
) -> Result<(Subscribed, Option<&'static str>), Error> {
    let stream = Arc::clone(subscription.stream());
    let position = service
        .stream_position(stream.id())
        .await?
        .ok_or_else(|| Error::no_project(stream.id()))?;
    stream.learn(&position);
    let obstacle = match &wanted {
        None => Some(reason::NEW),
        Some(wanted) if wanted.epoch != position.epoch => Some(reason::EPOCH),
        Some(wanted) if wanted.seq > position.seq => Some(reason::FUTURE),
        Some(wanted) if position.seq - wanted.seq > max_replay => Some(reason::TOO_MANY),
        Some(_) => None,
    };
    let start = wanted.filter(|_| obstacle.is_none());
    let obstacle = match &start {
        Some(start) => {
            subscription.start(start.clone(), Some(position.seq));
            match subscription.prepare(service, position.seq).await {
                Ok(()) => None,
                Err(Error::Trimmed { .. }) => Some(reason::TRIMMED),
                Err(error) => return Err(error),
            }
        }
        None => obstacle,
    };
    if obstacle.is_some() {
        subscription.start(position.clone(), Some(position.seq));
    }
    let subscribed = Subscribed {
        stream: stream.id().clone(),
        recovered: obstacle.is_none(),
        replay: start
            .filter(|_| obstacle.is_none())
            .map(|start| position.seq - start.seq),
        reason: obstacle.map(str::to_owned),
        epoch: position.epoch,
        seq: position.seq,
    };
    Ok((subscribed, obstacle))
}
