//! A simulated world: one server, some clients, and the faults between them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, UNIX_EPOCH};

use tasktree_protocol::session::constants::{PROBE_AFTER_SILENCE_MS, PROBE_TIMEOUT_MS};
use tasktree_protocol::{Cursor, StreamId, TaskCard, TaskId};
use tasktree_server::service::{NoPublisher, Service};
use turmoil::Sim;

use crate::connect::SERVER;
use crate::server::PROJECT;
use crate::shared::{Counts, START_MS, Shared};
use crate::{TICK, client, server};

/// Latency of a message.
const MIN_LATENCY: Duration = Duration::from_millis(1);
const MAX_LATENCY: Duration = Duration::from_millis(80);
/// Time for which things break.
const BREAKING: Duration = Duration::from_secs(20);
/// Time after the healing within which every client must be live.
///
/// In it a link that died silently is noticed, a paused stream goes on, a snapshot is fetched.
const RECOVERY: Duration = Duration::from_secs(90);
/// Time within which a session notices a link that died silently: its silence, and an unanswered
/// probe.
const SILENT_LINK: Duration =
    Duration::from_millis((PROBE_AFTER_SILENCE_MS + PROBE_TIMEOUT_MS).unsigned_abs());
/// Time within which a change reaches everybody when nothing is broken.
const ON_ITS_WAY: Duration = Duration::from_secs(5);

/// Report of a world, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    worlds: u64,
    crashes: u64,
    cuts: u64,
    reloads: u64,
    slowest_recovery: Duration,
    counts: Counts,
    /// Number that differs if anything in the world did.
    trace: u64,
}

impl Report {
    pub(crate) fn plus(self, other: Self) -> Self {
        let (one, two) = (self.counts, other.counts);
        Self {
            worlds: self.worlds + other.worlds,
            crashes: self.crashes + other.crashes,
            cuts: self.cuts + other.cuts,
            reloads: self.reloads + other.reloads,
            slowest_recovery: self.slowest_recovery.max(other.slowest_recovery),
            trace: self.trace ^ other.trace,
            counts: Counts {
                events: one.events + two.events,
                snapshots: one.snapshots + two.snapshots,
                connections: one.connections + two.connections,
                resyncs: one.resyncs + two.resyncs,
                frames_doubled: one.frames_doubled + two.frames_doubled,
                wakes_lost: one.wakes_lost + two.wakes_lost,
                clock_jumps: one.clock_jumps + two.clock_jumps,
                freezes: one.freezes + two.freezes,
                resets: one.resets + two.resets,
                acknowledged: one.acknowledged + two.acknowledged,
            },
        }
    }

    /// Returns true if every kind of fault happened in about every world, and work went on
    /// nevertheless.
    pub(crate) fn is_eventful(&self) -> bool {
        let counts = &self.counts;
        let rare = [
            self.crashes,
            self.cuts,
            self.reloads,
            counts.wakes_lost,
            counts.clock_jumps,
            counts.freezes,
            counts.resets,
        ];
        rare.iter().all(|count| *count >= self.worlds / 4)
            && counts.events > 50 * self.worlds
            && counts.acknowledged > 5 * self.worlds
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            worlds,
            crashes,
            cuts,
            reloads,
            slowest_recovery,
            counts,
            ..
        } = self;
        write!(
            formatter,
            "{worlds} worlds: {crashes} crashes, {cuts} broken links, {reloads} reloads, {counts:?}; recovered after {slowest_recovery:?} at most"
        )
    }
}

/// A simulated world.
pub(crate) struct World {
    sim: Sim<'static>,
    shared: Arc<Shared>,
    random: fastrand::Rng,
    clients: usize,
    /// Repairs that happen by themselves, with their times.
    repairs: Vec<(Duration, Repair)>,
    report: Report,
}

#[derive(Clone, Copy)]
enum Repair {
    Server,
    Link(usize),
}

fn name(client: usize) -> String {
    format!("client{client}")
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        // For the server's random numbers.
        fastrand::seed(seed);
        let mut random = fastrand::Rng::with_seed(seed);
        let clients = random.usize(2..4);
        let shared = Shared::new(seed, clients);
        let start = UNIX_EPOCH + Duration::from_millis(u64::try_from(START_MS).unwrap());
        let mut sim = turmoil::Builder::new()
            .epoch(start)
            .rng_seed(seed)
            .tick_duration(TICK)
            .simulation_duration(Duration::from_secs(3_600))
            .min_message_latency(MIN_LATENCY)
            .max_message_latency(MAX_LATENCY)
            .tcp_capacity(256)
            .build();
        let servers = Arc::clone(&shared);
        sim.host(SERVER, move || server::serve(Arc::clone(&servers)));
        for index in 0..clients {
            let pages = Arc::clone(&shared);
            sim.host(name(index), move || client::page(index, Arc::clone(&pages)));
        }
        let report = Report {
            worlds: 1,
            ..Report::default()
        };
        Self {
            sim,
            shared,
            random,
            clients,
            repairs: Vec::new(),
            report,
        }
    }

    /// Breaks things, heals them, and checks the outcome.
    ///
    /// # Errors
    /// The promise that was not kept.
    pub(crate) fn run(mut self) -> Result<Report, String> {
        let mut next = Duration::ZERO;
        while self.sim.elapsed() < BREAKING {
            if self.sim.elapsed() >= next {
                self.break_something();
                next = self.sim.elapsed() + Duration::from_millis(self.random.u64(100..2_500));
            }
            self.repair_what_is_due();
            self.step()?;
        }
        self.heal();
        let healed_at = self.sim.elapsed();
        self.until_everybody_has_everything(RECOVERY)?;
        self.report.slowest_recovery = self.sim.elapsed() - healed_at;
        // A link that died just before the healing may not have been noticed yet.
        while self.sim.elapsed() < healed_at + SILENT_LINK {
            self.step()?;
        }
        self.until_everybody_has_everything(RECOVERY)?;
        for _ in 0..2 {
            let tasks = self.stored()?.1.len();
            self.shared.last_words.fetch_add(1, Ordering::Relaxed);
            let until = self.sim.elapsed() + ON_ITS_WAY;
            while self.stored()?.1.len() == tasks && self.sim.elapsed() < until {
                self.step()?;
            }
            self.until_everybody_has_everything(ON_ITS_WAY)?;
        }
        self.every_command_took_effect_once()?;
        self.report.counts = *self.shared.counts.lock().unwrap();
        self.report.trace = self.trace()?;
        Ok(self.report)
    }

    fn step(&mut self) -> Result<(), String> {
        self.sim.step().map(drop).map_err(|error| error.to_string())
    }

    fn break_something(&mut self) {
        let client = self.random.usize(0..self.clients);
        let peer = name(client);
        match self.random.u32(0..12) {
            0..2 => self.sim.partition(SERVER, peer.as_str()),
            2..4 => self.sim.partition_oneway(SERVER, peer.as_str()),
            4..6 => self.sim.partition_oneway(peer.as_str(), SERVER),
            6..8 => self.sim.hold(SERVER, peer.as_str()),
            8..10 => {
                if self.sim.is_host_running(SERVER) {
                    self.crash_server();
                    self.repair_in(100..8_000, Repair::Server);
                }
                return;
            }
            10 => {
                self.report.reloads += 1;
                return self.sim.bounce(peer.as_str());
            }
            _ => return,
        }
        self.report.cuts += 1;
        self.repair_in(500..45_000, Repair::Link(client));
    }

    /// Ends the server's process.
    ///
    /// The system then ends its connections, in an order that the runtime does not fix: so all
    /// those messages are equally fast.
    fn crash_server(&mut self) {
        self.report.crashes += 1;
        self.sim.set_max_message_latency(MIN_LATENCY);
        self.sim.crash(SERVER);
        self.sim.set_max_message_latency(MAX_LATENCY);
    }

    fn repair_in(&mut self, millis: std::ops::Range<u64>, repair: Repair) {
        let at = self.sim.elapsed() + Duration::from_millis(self.random.u64(millis));
        self.repairs.push((at, repair));
    }

    fn repair_what_is_due(&mut self) {
        let now = self.sim.elapsed();
        let (due, later) = self.repairs.drain(..).partition(|(at, _)| *at <= now);
        self.repairs = later;
        let due: Vec<(Duration, Repair)> = due;
        for (_, repair) in due {
            self.repair(repair);
        }
    }

    fn repair(&mut self, repair: Repair) {
        match repair {
            Repair::Server if !self.sim.is_host_running(SERVER) => self.sim.bounce(SERVER),
            Repair::Server => {}
            Repair::Link(client) => {
                self.sim.release(SERVER, name(client).as_str());
                self.sim.repair(SERVER, name(client).as_str());
            }
        }
    }

    fn heal(&mut self) {
        self.repairs.clear();
        self.repair(Repair::Server);
        for client in 0..self.clients {
            self.repair(Repair::Link(client));
        }
        self.shared.heal();
    }

    fn until_everybody_has_everything(&mut self, within: Duration) -> Result<(), String> {
        let until = self.sim.elapsed() + within;
        loop {
            let missing = self.missing()?;
            let Some(missing) = missing else {
                return Ok(());
            };
            if self.sim.elapsed() >= until {
                return Err(format!("{within:?} after it has healed, {missing}"));
            }
            for _ in 0..5 {
                self.step()?;
            }
        }
    }

    /// Returns a description of what a client lacks.
    fn missing(&self) -> Result<Option<String>, String> {
        let views: Vec<_> = (0..self.clients)
            .map(|index| self.shared.view(index))
            .collect();
        if let Some(index) = views.iter().position(|view| !view.is_live) {
            return Ok(Some(format!("client {index} is not live")));
        }
        let (cursor, tasks) = self.stored()?;
        Ok(views.iter().enumerate().find_map(|(index, view)| {
            let (at, has) = (view.tasks.cursor(), view.tasks.tasks());
            if at != Some(&cursor) {
                Some(format!("client {index} is at {at:?} instead of {cursor:?}"))
            } else if *has != tasks {
                Some(format!("client {index} has {has:?} instead of {tasks:?}"))
            } else if view.pending > 0 {
                Some(format!("client {index} waits for {} answers", view.pending))
            } else {
                None
            }
        }))
    }

    /// Returns the contents of the store, read past the simulated machines.
    fn stored(&self) -> Result<(Cursor, BTreeMap<TaskId, TaskCard>), String> {
        let store = Arc::new(self.shared.store.clone());
        let service = Service::new(store, Arc::new(NoPublisher));
        let cards = futures_util::FutureExt::now_or_never(service.list_cards(&PROJECT.into()));
        let snapshot = cards
            .ok_or("the store works inline")?
            .map_err(|error| error.to_string())?;
        let cards = snapshot.value.into_iter();
        Ok((
            snapshot.cursor,
            cards.map(|card| (card.id.clone(), card)).collect(),
        ))
    }

    fn every_command_took_effect_once(&self) -> Result<(), String> {
        let executed = self.shared.executed.lock().unwrap();
        if let Some((id, times)) = executed.iter().find(|(_, times)| **times > 1) {
            return Err(format!("command {id} was executed {times} times"));
        }
        let acknowledged = self.shared.acknowledged.lock().unwrap();
        match acknowledged.iter().find(|id| !executed.contains_key(*id)) {
            Some(id) => Err(format!("command {id} was acknowledged, and is not there")),
            None => Ok(()),
        }
    }

    /// Returns a hash of the final state, and of its time.
    fn trace(&self) -> Result<u64, String> {
        let (cursor, tasks) = self.stored()?;
        let text = format!(
            "{} {:?} {} {}",
            StreamId::from(PROJECT),
            self.sim.elapsed(),
            cursor.seq,
            tasks.len()
        );
        let titles: String = tasks.values().map(|card| card.title.as_str()).collect();
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Ok((text + &titles).bytes().fold(0xcbf2_9ce4_8422_2325, hash))
    }
}
