//! Clocks: the machine's or one that a test sets, and work at intervals.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tasktree_protocol::Timestamp;
use tokio::time::MissedTickBehavior;

use crate::error::Result;
use crate::limits::CLOCK_SLACK_MS;

/// Source of the time.
pub trait Clock: Send + Sync {
    /// Returns the present moment.
    fn now(&self) -> Timestamp;

    /// Returns the time since a fixed moment by a clock that nobody can set.
    ///
    /// On Linux it goes on while the machine sleeps. By default it is the clock's own time, for a
    /// clock that is never set.
    fn steady(&self) -> Duration {
        let millis = u64::try_from(self.now().unix_millis(0));
        Duration::from_millis(millis.unwrap_or_default())
    }
}

/// True if the steady clock goes on while the machine sleeps, so that it alone measures durations.
pub(super) const COUNTS_SLEEP: bool = cfg!(target_os = "linux");

/// A moment by two clocks: the machine's, which can be set, and the steady one.
///
/// A deadline has passed when the steady clock says so: a machine's clock that is set neither
/// extends nor ends anything. Where the steady clock stands still while the machine sleeps, one of
/// the two is enough, since a sleep must not extend anything either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970 by the machine's clock.
    pub millis: i64,
    /// Time by the steady clock.
    pub steady: Duration,
}

impl Moment {
    /// Returns the moment that many milliseconds later. A negative number counts as 0.
    #[must_use]
    pub fn after(self, millis: i64) -> Self {
        let span = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
        Self {
            millis: self.millis.saturating_add(millis),
            steady: self.steady.saturating_add(span),
        }
    }

    /// Returns true if this deadline has passed at `now`.
    pub fn has_passed(self, now: Self) -> bool {
        now.steady >= self.steady || (!COUNTS_SLEEP && now.millis >= self.millis)
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
        steady()
    }
}

/// Returns the time since the start of the machine, sleep included.
#[cfg(target_os = "linux")]
fn steady() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// Returns the time since the first call.
#[cfg(not(target_os = "linux"))]
fn steady() -> Duration {
    static STARTED: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    STARTED.elapsed()
}

/// Detector of changes of the machine's clock.
#[derive(Debug)]
pub(super) struct Setting {
    /// Lead of the machine's clock over the steady one, in milliseconds.
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

    /// Returns true on the first call only: the clock may have been set back before the start.
    pub(super) fn is_first_look(&self) -> bool {
        !self.looked.swap(true, Ordering::SeqCst)
    }

    /// Returns the milliseconds by which the clock was set back since the last call, if it was set.
    ///
    /// The number is negative if it was set forward.
    pub(super) fn back_since(&self, now: Moment) -> Option<i64> {
        let ahead = ahead(now);
        let before = self.ahead.swap(ahead, Ordering::SeqCst);
        Some(before - ahead).filter(|back| is_set(*back))
    }

    /// Returns the time by the clock as it was at the last look. Stored deadlines that are not
    /// moved yet are in that time.
    pub(super) fn unset(&self, now: Moment) -> Timestamp {
        let back = self.ahead.load(Ordering::SeqCst).saturating_sub(ahead(now));
        let back = if is_set(back) { back } else { 0 };
        Timestamp::from_unix_millis(now.millis.saturating_add(back))
    }
}

/// Returns true if a difference means that the clock was set.
///
/// It must be more than the corrections that machines make all the time, and not the sleep of a
/// machine whose steady clock stood still.
const fn is_set(back: i64) -> bool {
    back > CLOCK_SLACK_MS || (COUNTS_SLEEP && back < -CLOCK_SLACK_MS)
}

fn ahead(now: Moment) -> i64 {
    let steady = i64::try_from(now.steady.as_millis()).unwrap_or(i64::MAX);
    now.millis.saturating_sub(steady)
}

/// Runs work now and at every interval, forever; a failure is logged in the given words, and the
/// next run may succeed.
pub(crate) async fn every<Change: Future<Output = Result<()>>>(
    interval: Duration,
    failed: &'static str,
    mut change: impl FnMut() -> Change,
) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = change().await {
            tracing::warn!(%error, "{failed}");
        }
    }
}

/// Returns the machine's clock in milliseconds since 1970; 0 on a machine whose clock shows an
/// earlier year.
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
    /// Creates a clock that stands at `millis` milliseconds since 1970.
    pub const fn at(millis: i64) -> Self {
        Self {
            millis: AtomicI64::new(millis),
            steady: AtomicU64::new(0),
        }
    }

    /// Moves the clock by `millis` forward or back, and leaves the steady time as it is.
    pub fn set(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// Lets `millis` pass on both clocks. A negative number sets the clock back, and leaves the
    /// steady time as it is.
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
