//! What time it is: the machine's clock, or one that a test sets; and what is done by it.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tasktree_protocol::Timestamp;
use tokio::time::MissedTickBehavior;

use crate::error::Result;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Returns the time since a fixed moment by a clock that nobody can set. It may stand still
    /// while the machine sleeps. For a clock that is never set it is the same clock.
    fn steady(&self) -> Duration {
        let millis = u64::try_from(self.now().unix_millis(0));
        Duration::from_millis(millis.unwrap_or_default())
    }
}

/// The moment from which the machine's steady clock counts.
static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A moment by two clocks: the machine's, which can be set, and the steady one.
///
/// A deadline has passed when either clock says so. A clock that is set back therefore extends
/// nothing, and neither does a machine that sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970 by the machine's clock.
    pub millis: i64,
    /// The time by the steady clock.
    pub steady: Duration,
}

impl Moment {
    /// Returns the moment that many milliseconds later. A negative number is none.
    #[must_use]
    pub fn after(self, millis: i64) -> Self {
        let span = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
        Self {
            millis: self.millis.saturating_add(millis),
            steady: self.steady.saturating_add(span),
        }
    }

    /// Tells whether this deadline has passed at `now`.
    pub fn has_passed(self, now: Self) -> bool {
        now.millis >= self.millis || now.steady >= self.steady
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(system_millis())
    }

    fn steady(&self) -> Duration {
        STARTED.elapsed()
    }
}

/// A clock that is set by less than this, in milliseconds, is left alone: machines correct theirs
/// all the time.
pub(crate) const CLOCK_SLACK_MS: i64 = 2_000;

/// Notices that the machine's clock is set back.
#[derive(Debug)]
pub(super) struct Setting {
    /// By how much the machine's clock is ahead of the steady one, in milliseconds.
    ahead: AtomicI64,
    looked: AtomicBool,
}

impl Setting {
    pub(super) fn new(now: Moment) -> Self {
        Self {
            ahead: AtomicI64::new(ahead(now)),
            looked: AtomicBool::new(false),
        }
    }

    /// Tells, once, that nobody has looked yet: the clock may have been set back before the start.
    pub(super) fn is_first_look(&self) -> bool {
        !self.looked.swap(true, Ordering::SeqCst)
    }

    /// Returns by how many milliseconds the clock was set back since the last look, if it was.
    pub(super) fn back_since(&self, now: Moment) -> Option<i64> {
        let ahead = ahead(now);
        let before = self.ahead.swap(ahead, Ordering::SeqCst);
        Some(before - ahead).filter(|back| *back > CLOCK_SLACK_MS)
    }
}

fn ahead(now: Moment) -> i64 {
    let steady = i64::try_from(now.steady.as_millis()).unwrap_or(i64::MAX);
    now.millis.saturating_sub(steady)
}

/// Does something now and at every interval, for ever; a failure is logged in the given words, and the next try may do better.
pub(crate) async fn every<Work: Future<Output = Result<()>>>(
    interval: Duration,
    failed: &'static str,
    mut work: impl FnMut() -> Work,
) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = work().await {
            tracing::warn!(%error, "{failed}");
        }
    }
}

/// The machine's clock in milliseconds since 1970; 0 on a machine that believes to be in an earlier year.
pub(crate) fn system_millis() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}

/// A clock that stands still until it is moved: for tests and simulations.
#[derive(Debug)]
pub struct ManualClock {
    millis: AtomicI64,
    steady: AtomicU64,
}

impl ManualClock {
    /// A clock that stands at `millis` milliseconds since 1970.
    pub const fn at(millis: i64) -> Self {
        Self {
            millis: AtomicI64::new(millis),
            steady: AtomicU64::new(0),
        }
    }

    /// Moves it on, or sets it back, which leaves the steady time as it is.
    pub fn advance(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
        let passed = u64::try_from(millis).unwrap_or_default();
        self.steady.fetch_add(passed, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.millis.load(Ordering::SeqCst))
    }

    fn steady(&self) -> Duration {
        Duration::from_millis(self.steady.load(Ordering::SeqCst))
    }
}
