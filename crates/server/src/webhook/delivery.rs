//! Sending of one item: the request, its signature, and the times of its repetitions.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use tasktree_protocol::attention::AttentionItem;
use tokio::time::Instant;

use super::body::{self, Body};
use super::signature::signature;
use crate::config::AttentionWebhook;
use crate::service::system_millis;

/// Header with the time of the request, in seconds since 1970.
const TIMESTAMP: &str = "tasktree-timestamp";
/// Header with the signature.
const SIGNATURE: &str = "tasktree-signature";
/// Header with the number of the item: a repetition has the same.
const DELIVERY: &str = "tasktree-delivery";

/// Time within which a request has to be answered.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Number of requests about one item; after that it is dropped, and the log says so.
const ATTEMPTS: u32 = 8;

/// Delay before the first repetition. Each further one doubles it.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// Longest delay between two repetitions, also if the receiver asks for a longer one.
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// Outcome of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The receiver has it.
    Sent,
    /// The request is to be repeated after a delay.
    Again,
    /// The receiver refused it, or did not answer too often.
    Failed,
}

/// Sender of items, one after the other.
pub(super) struct Delivery {
    client: Client,
    settings: AttentionWebhook,
    base: String,
    /// Number of failed requests about the current item.
    failed: u32,
    next: Instant,
}

impl Delivery {
    pub(super) fn new(settings: &AttentionWebhook, base: String) -> Result<Self, reqwest::Error> {
        // A redirect would send the item to an address that the operator did not name.
        let client = Client::builder().redirect(Policy::none()).timeout(TIMEOUT);
        Ok(Self {
            client: client.build()?,
            settings: settings.clone(),
            base,
            failed: 0,
            next: Instant::now(),
        })
    }

    /// Returns the earliest time of the next request.
    pub(super) const fn next_attempt(&self) -> Instant {
        self.next
    }

    /// Sends an item.
    pub(super) async fn send(&mut self, item: &AttentionItem) -> Outcome {
        let host = &self.settings.url;
        let (problem, delay) = match self.request(item).await {
            Ok(response) if response.status().is_success() => {
                self.settle();
                return Outcome::Sent;
            }
            Ok(response) if is_temporary(response.status()) => {
                (response.status().to_string(), asked_delay(&response))
            }
            Ok(response) => {
                let status = response.status();
                tracing::warn!(%host, %status, item = item.id, "the webhook refused an attention item");
                self.settle();
                return Outcome::Failed;
            }
            Err(error) => (error.without_url().to_string(), None),
        };
        self.failed += 1;
        if self.failed >= ATTEMPTS {
            tracing::warn!(%host, problem, item = item.id, "gave up sending an attention item to the webhook");
            self.settle();
            return Outcome::Failed;
        }
        tracing::info!(%host, problem, item = item.id, "the webhook did not take an attention item; trying again");
        let doubled = FIRST_DELAY.saturating_mul(1 << (self.failed - 1));
        self.next = Instant::now() + delay.unwrap_or(doubled).min(LONGEST_DELAY);
        Outcome::Again
    }

    /// Starts with the next item.
    fn settle(&mut self) {
        self.failed = 0;
        self.next = Instant::now();
    }

    async fn request(&self, item: &AttentionItem) -> Result<Response, reqwest::Error> {
        let link = format!("{}{}", self.base, body::path(item));
        let body = serde_json::to_vec(&Body::of(item, &link)).unwrap_or_default();
        let timestamp = system_millis() / 1000;
        let mut request = self
            .client
            .post(self.settings.url.reveal().clone())
            .header(CONTENT_TYPE, "application/json")
            .header(TIMESTAMP, timestamp)
            .header(DELIVERY, item.id);
        if let Some(secret) = &self.settings.secret {
            request = request.header(SIGNATURE, signature(secret.reveal(), timestamp, &body));
        }
        request.body(body).send().await
    }
}

/// Returns true if the same request may succeed later.
fn is_temporary(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        )
}

/// Returns the delay that the receiver asks for.
fn asked_delay(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}
