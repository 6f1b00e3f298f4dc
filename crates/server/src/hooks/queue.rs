//! The bounded queue of events, and the task that applies them.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::line::{Item, Line, Wanted};
use super::sessions::Key;
use super::{Hooks, Outcome, lock};
use crate::domain::hook::WaitOf;
use crate::error::Result;
use crate::limits::{HOOK_EVENTS_QUEUED, HOOK_SESSIONS_AT_ONCE};

/// Interval between two writes of a session's activity.
const ACTIVITY_EVERY: Duration = Duration::from_secs(1);

/// Interval at which the last events of harnesses are stored.
const SEEN_STORED_EVERY: Duration = Duration::from_secs(60);

/// Events that wait, by session.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lines: HashMap<Key, Line>,
    /// Number of waiting events.
    waiting: usize,
    /// Number of sessions of which an event is applied.
    busy: usize,
    /// True when the server ends: activity no longer waits.
    ends: bool,
}

impl Queue {
    /// Adds an event; returns the number of events that were dropped.
    pub(super) fn push(&mut self, item: Item) -> usize {
        let mut dropped = 0;
        if self.waiting >= HOOK_EVENTS_QUEUED {
            if item.is_activity() {
                return 1;
            }
            if self.drop_activity() {
                dropped = 1;
            } else if self.waiting >= 2 * HOOK_EVENTS_QUEUED {
                return 1;
            }
        }
        let line = self.lines.entry(item.key.clone()).or_default();
        if line.add(item) {
            self.waiting += 1;
        }
        dropped
    }

    /// Drops one event that is only activity.
    fn drop_activity(&mut self) -> bool {
        for line in self.lines.values_mut() {
            if let Some(at) = line.items.iter().position(Item::is_activity) {
                line.items.remove(at);
                self.waiting -= 1;
                return true;
            }
        }
        false
    }

    /// Takes the events of sessions that are due; also returns the time at which others are.
    fn take_due(&mut self, now: Instant) -> (Vec<(Key, Vec<Item>)>, Option<Instant>) {
        let (mut taken, mut next) = (Vec::new(), None::<Instant>);
        let ends = self.ends;
        self.lines.retain(|key, line| {
            match line.due(now) {
                Some(due) if due > now && !ends => {
                    next = Some(next.map_or(due, |next| next.min(due)));
                }
                Some(_) if self.busy < HOOK_SESSIONS_AT_ONCE => {
                    let items: Vec<Item> = line.items.drain(..).collect();
                    line.busy = true;
                    self.busy += 1;
                    self.waiting -= items.len();
                    taken.push((key.clone(), items));
                }
                Some(_) | None => {}
            }
            // A session is forgotten when it may write activity at once.
            line.busy || !line.items.is_empty() || line.rests_until.is_some_and(|until| until > now)
        });
        (taken, next)
    }

    /// Records that the events of a session were applied, and the wait in which it is after them.
    fn done(&mut self, key: &Key, now: Instant, wait: Option<WaitOf>) {
        self.busy -= 1;
        if let Some(line) = self.lines.get_mut(key) {
            line.busy = false;
            line.rests_until = Some(now + ACTIVITY_EVERY);
            line.wait = wait;
        }
    }

    fn is_empty(&self) -> bool {
        self.waiting == 0 && self.busy == 0
    }
}

impl Hooks {
    /// Applies events as they come, forever: the caller spawns it, and drops it to stop.
    pub async fn run(self) {
        let mut storing = interval(SEEN_STORED_EVERY);
        storing.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut applying: JoinSet<()> = JoinSet::new();
        loop {
            let (taken, next) = lock(&self.shared.queue).take_due(Instant::now());
            for (key, items) in taken {
                let hooks = self.clone();
                applying.spawn(async move {
                    let mut wait = None;
                    for item in items {
                        wait = hooks.finish_one(item).await;
                    }
                    lock(&hooks.shared.queue).done(&key, Instant::now(), wait);
                    hooks.shared.work.notify_one();
                });
            }
            if lock(&self.shared.queue).is_empty() {
                self.shared.drained.notify_waiters();
            }
            let rests = async {
                match next {
                    Some(next) => sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.shared.work.notified() => {}
                () = rests => {}
                Some(_) = applying.join_next() => {}
                _ = storing.tick() => self.store_seen().await,
            }
        }
    }

    /// Applies one event, and answers its sender. Returns the wait in which the session is then.
    async fn finish_one(&self, item: Item) -> Option<WaitOf> {
        let outcome: Result<Outcome> = self.apply(&item).await;
        let wait = outcome.as_ref().ok().and_then(|done| done.wait.clone());
        if let Err(error) = &outcome {
            self.shared.metrics.failed();
            tracing::debug!(
                source = %item.hook.source,
                event = ?item.hook.event,
                %error,
                "an event of a harness was not applied"
            );
        }
        if let Wanted::Outcome { answer, .. } = item.wanted {
            // The sender may have gone.
            let _ = answer.send(outcome);
        }
        wait
    }

    /// Answers all requests that wait for a decision, without one.
    pub fn stop_waiting(&self) {
        self.shared.stopping.send_replace(true);
    }

    /// Applies all events that wait, and stores the last events of the harnesses.
    ///
    /// The caller limits the time, and runs [`Hooks::run`] meanwhile.
    pub async fn finish(&self) {
        self.stop_waiting();
        lock(&self.shared.queue).ends = true;
        loop {
            let drained = self.shared.drained.notified();
            tokio::pin!(drained);
            drained.as_mut().enable();
            if lock(&self.shared.queue).is_empty() {
                break;
            }
            self.shared.work.notify_one();
            drained.await;
        }
        self.store_seen().await;
    }

    async fn store_seen(&self) {
        let unsaved = lock(&self.shared.seen).take_unsaved();
        if unsaved.is_empty() {
            return;
        }
        if let Err(error) = self.shared.service.store_hooks_seen(unsaved.clone()).await {
            lock(&self.shared.seen).put_back(&unsaved);
            tracing::warn!(%error, "the last events of harnesses were not stored");
        }
    }
}

#[cfg(test)]
mod tests;
