//! State that outlives a crash, and that the test reads from outside of its world.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tasktree_protocol::Timestamp;
use tasktree_protocol::replica::Replica;
use tasktree_server::service::Clock;
use tasktree_server::store::InlineStore;

use crate::server::PROJECT;

/// Time at which the simulated worlds begin.
pub(crate) const START_MS: i64 = 1_700_000_000_000;

/// Returns the milliseconds since the world began.
pub(crate) fn elapsed_ms() -> i64 {
    let elapsed = turmoil::sim_elapsed().unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap()
}

/// The clock of the simulated server.
pub(crate) struct SimulatedClock;

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(START_MS + elapsed_ms())
    }
}

/// State of a client, as it shows it.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) tasks: Replica,
    pub(crate) is_live: bool,
    /// Number of commands without an answer.
    pub(crate) pending: usize,
}

impl View {
    /// Returns the view of a page that was just loaded.
    pub(crate) fn empty() -> Self {
        Self {
            tasks: Replica::new(PROJECT.into()),
            is_live: false,
            pending: 0,
        }
    }
}

/// Counts of what happened, to check that it was enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) events: u64,
    pub(crate) snapshots: u64,
    pub(crate) connections: u64,
    pub(crate) resyncs: u64,
    pub(crate) frames_doubled: u64,
    pub(crate) wakes_lost: u64,
    pub(crate) clock_jumps: u64,
    pub(crate) freezes: u64,
    pub(crate) resets: u64,
    pub(crate) acknowledged: u64,
}

/// State shared by the machines of a world and the test.
pub(crate) struct Shared {
    pub(crate) store: InlineStore,
    /// True once nothing breaks any more, and nobody writes.
    healed: AtomicBool,
    /// Number of tasks that the writer created after that.
    pub(crate) last_words: AtomicU64,
    random: Mutex<fastrand::Rng>,
    /// Commits by the command that caused them.
    pub(crate) executed: Mutex<BTreeMap<String, u32>>,
    /// Commands that were answered with success.
    pub(crate) acknowledged: Mutex<Vec<String>>,
    pub(crate) views: Vec<Mutex<View>>,
    pub(crate) counts: Mutex<Counts>,
    commands: AtomicU64,
}

impl Shared {
    pub(crate) fn new(seed: u64, clients: usize) -> Arc<Self> {
        Arc::new(Self {
            store: InlineStore::new().unwrap(),
            healed: AtomicBool::new(false),
            last_words: AtomicU64::new(0),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            executed: Mutex::default(),
            acknowledged: Mutex::default(),
            views: (0..clients).map(|_| Mutex::new(View::empty())).collect(),
            counts: Mutex::default(),
            commands: AtomicU64::new(0),
        })
    }

    pub(crate) fn view(&self, client: usize) -> MutexGuard<'_, View> {
        self.views[client].lock().unwrap()
    }

    pub(crate) fn random(&self) -> MutexGuard<'_, fastrand::Rng> {
        self.random.lock().unwrap()
    }

    /// Returns true with this probability, while things still break.
    pub(crate) fn breaks(&self, probability: f64) -> bool {
        !self.is_healed() && self.random().f64() < probability
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock().unwrap());
    }

    pub(crate) fn is_healed(&self) -> bool {
        self.healed.load(Ordering::Relaxed)
    }

    pub(crate) fn heal(&self) {
        self.healed.store(true, Ordering::Relaxed);
    }

    /// Returns a number that no other command has.
    pub(crate) fn next_command(&self) -> u64 {
        self.commands.fetch_add(1, Ordering::Relaxed)
    }
}
