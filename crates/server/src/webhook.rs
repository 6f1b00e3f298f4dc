//! Webhook for attention items, for the time in which nobody has a page open.
//!
//! [`Tap`] stands between the store's writer and the hub. It puts events about attention items in a
//! bounded queue and never waits. [`Webhook::run`] takes them from there and sends one request
//! after the other ([`delivery`]). An item whose cause ends before its request was sent is not
//! sent.

mod body;
mod delivery;
mod metrics;
mod signature;
mod tap;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tasktree_protocol::attention::{AttentionChanged, AttentionItem};
use tasktree_protocol::{Event, Message};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::config::AttentionWebhook;
use crate::hub::WebSocketManager;
use delivery::{Delivery, Outcome};
pub(crate) use metrics::WebhookMetrics;
pub(crate) use tap::Tap;

/// Number of events that wait to be read. More are dropped, and the log says so.
const QUEUED_EVENTS: usize = 1024;

/// Number of items that wait to be sent. Of more, the oldest are dropped, and the log says so.
const WAITING_ITEMS: usize = 500;

/// Time in which the server sends the waiting items while it shuts down.
const FLUSH: Duration = Duration::from_secs(2);

/// Receiver of attention events and sender of requests about them.
pub(crate) struct Webhook {
    delivery: Delivery,
    hub: WebSocketManager,
    always: bool,
    events: mpsc::Receiver<Bytes>,
    metrics: WebhookMetrics,
    waiting: VecDeque<AttentionItem>,
    /// Highest number of an item so far: one with a lower number is not new.
    highest: u64,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Webhook")
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

impl Webhook {
    /// Creates a webhook, and the publisher that feeds it. `base` is the address of the board.
    ///
    /// # Errors
    /// If the system cannot provide an HTTP client.
    pub(crate) fn new(
        settings: &AttentionWebhook,
        base: String,
        hub: WebSocketManager,
        metrics: WebhookMetrics,
    ) -> Result<(Self, Tap), reqwest::Error> {
        let (queue, events) = mpsc::channel(QUEUED_EVENTS);
        let tap = Tap::new(hub.clone(), queue, metrics.clone());
        let webhook = Self {
            delivery: Delivery::new(settings, base)?,
            hub,
            always: settings.always,
            events,
            metrics,
            waiting: VecDeque::new(),
            highest: 0,
        };
        Ok((webhook, tap))
    }

    /// Ignores items up to that number: they were open before the server started.
    pub(crate) fn begin_after(&mut self, highest: u64) {
        self.highest = highest;
    }

    /// Sends until `stop` completes; then sends what waits, once, or says how much it drops.
    pub(crate) async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let mut is_stopping = false;
        while !is_stopping {
            let due = (!self.waiting.is_empty()).then(|| self.delivery.next_attempt());
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.take_in(&event),
                    None => return,
                },
                () = wait_until(due) => tokio::select! {
                    () = self.send_first() => {}
                    // The request may have arrived; its repetition has the same number.
                    _ = &mut stop => is_stopping = true,
                },
                _ = &mut stop => is_stopping = true,
            }
        }
        self.flush().await;
    }

    /// Adds the items that an event opens, and removes those that it closes.
    fn take_in(&mut self, event: &[u8]) {
        let message = serde_json::from_slice::<Message>(event);
        let Ok(Event::AttentionChanged(data)) = message.map(|message| message.event) else {
            return;
        };
        let Some(AttentionChanged { opened, closed }) = AttentionChanged::read(&data) else {
            return;
        };
        self.waiting.retain(|item| !closed.contains(&item.id));
        for item in opened {
            if item.id > self.highest {
                self.highest = item.id;
                self.waiting.push_back(item);
            } else if let Some(known) = self.waiting.iter_mut().find(|known| known.id == item.id) {
                *known = item;
            }
        }
        while self.waiting.len() > WAITING_ITEMS {
            self.waiting.pop_front();
            self.metrics.count("dropped");
            tracing::warn!("dropped an attention item: the webhook is too slow");
        }
    }

    /// Sends the first waiting item. It stays first if it has to be sent again.
    async fn send_first(&mut self) {
        let Some(item) = self.waiting.front() else {
            return;
        };
        if !self.always && self.hub.has_page_of(&item.project) {
            self.metrics.count("shown");
            self.waiting.pop_front();
            return;
        }
        let outcome = self.delivery.send(item).await;
        if outcome != Outcome::Again {
            self.metrics.count(match outcome {
                Outcome::Sent => "sent",
                Outcome::Failed | Outcome::Again => "failed",
            });
            self.waiting.pop_front();
        }
    }

    /// Sends all waiting items, each at most once, in a limited time.
    async fn flush(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.take_in(&event);
        }
        let deadline = Instant::now() + FLUSH;
        let all = async {
            while let Some(item) = self.waiting.front() {
                let is_shown = !self.always && self.hub.has_page_of(&item.project);
                if !is_shown && self.delivery.send(item).await != Outcome::Sent {
                    return;
                }
                self.waiting.pop_front();
            }
        };
        let _ = timeout_at(deadline, all).await;
        if !self.waiting.is_empty() {
            let items = self.waiting.len();
            tracing::warn!(
                items,
                "attention items were not sent to the webhook: the server ends"
            );
        }
    }
}

/// Waits until a moment, or forever without one.
async fn wait_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
