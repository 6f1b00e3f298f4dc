//! A day: the server, two boards that watch, and the agents.

mod check;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use serde_json::json;
use tasktree_protocol::AgentStatus;
use tasktree_protocol::agent::Source;
use tasktree_protocol::http::paths;
use tasktree_server::http::AppState;
use tasktree_server::service::ManualClock;
use tokio::time::sleep;

use crate::board::Board;
use crate::model::{MINUTE, Model};
use crate::plan::{HOUR, Seat, Step};
use crate::server::{Caller, start};
use crate::wire::{FOLDER, Said};

pub(crate) const PROJECT: &str = "alpha";

/// Time at which the days begin.
pub(crate) const START_MS: i64 = 1_700_000_000_000;

const SEATS: usize = 20;
const TASKS: usize = 12;

/// Time after which nothing more is reported.
const DAY: i64 = 10 * HOUR;

/// Time after the day in which everybody falls silent.
const NIGHT: i64 = 25 * HOUR;

/// Time after which all that was received is applied and shown: activity waits for a second.
const SETTLED: Duration = Duration::from_millis(1_100);

/// Time after which an answered wait is no longer shown.
const SHORT: Duration = Duration::from_millis(100);

/// The last steps of a day, for the report of a failure.
pub(crate) type Trace = Arc<Mutex<VecDeque<String>>>;

const TRACED: usize = 25;

/// Numbers of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) moments: u64,
    pub(crate) events: u64,
    pub(crate) items: u64,
    pub(crate) reconnects: u64,
}

/// A day in progress.
pub(crate) struct World {
    random: fastrand::Rng,
    clock: Arc<ManualClock>,
    now: i64,
    state: AppState,
    caller: Caller,
    /// The first stays connected, the second comes and goes.
    boards: [Board; 2],
    is_linked: bool,
    seats: Vec<Seat>,
    model: Model,
    /// Times at which something was last sent for an agent.
    last_sent: BTreeMap<String, i64>,
    /// Sessions by the name of their agent.
    sessions: BTreeMap<String, (Source, String)>,
    trace: Trace,
    report: Report,
}

impl World {
    pub(crate) async fn new(seed: u64, trace: Trace) -> Self {
        // For the server's random numbers.
        fastrand::seed(seed);
        let mut random = fastrand::Rng::with_seed(seed);
        let clock = Arc::new(ManualClock::at(START_MS));
        let (state, door) = start(Arc::clone(&clock)).await;
        let mut caller = door.caller().await;
        let new = json!({"id": PROJECT, "name": "Alpha", "path": FOLDER});
        caller.write(Method::POST, paths::PROJECTS, &new).await;
        let boards = [(); 2].map(|()| Board::open(&door, random.fork()));
        let seats = (0..SEATS).map(|number| Seat::new(number, &mut random, START_MS));
        let seats = seats.collect();
        Self {
            random,
            clock,
            now: START_MS,
            state,
            caller,
            boards,
            is_linked: true,
            seats,
            model: Model::default(),
            last_sent: BTreeMap::new(),
            sessions: BTreeMap::new(),
            trace,
            report: Report::default(),
        }
    }

    /// Runs the day.
    ///
    /// # Errors
    /// Returns a description of the first row that is not as predicted.
    pub(crate) async fn run(mut self) -> Result<Report, String> {
        for _ in 0..TASKS {
            self.add_task().await;
        }
        sleep(SETTLED).await;
        while let Some(next) = self.next() {
            // Just before it is due, nothing may have happened yet.
            let is_early = self.model.deadline(self.now) == Some(next)
                && next > self.now + 1
                && self.random.u32(0..4) == 0;
            self.pass_until(next - i64::from(is_early)).await?;
        }
        self.nobody_is_alive().await?;
        Ok(self.report)
    }

    /// Returns the next moment at which something happens.
    fn next(&self) -> Option<i64> {
        let (day, night) = (START_MS + DAY, START_MS + DAY + NIGHT);
        let due = self.seats.iter().map(|seat| seat.due);
        let step = due.filter(|due| *due <= day).min();
        let deadline = self.model.deadline(self.now);
        step.into_iter()
            .chain(deadline.filter(|at| *at <= night))
            .min()
    }

    /// Lets time pass, then lets happen what is due.
    async fn pass_until(&mut self, at: i64) -> Result<(), String> {
        self.clock.advance(at - self.now);
        self.now = at;
        self.report.moments += 1;
        let mut acted = false;
        for seat in 0..self.seats.len() {
            while self.seats[seat].due <= at.min(START_MS + DAY) {
                let step = self.seats[seat].step(&mut self.random);
                self.act(seat, step).await;
                acted = true;
            }
        }
        if self.random.u32(0..40) == 0 && acted {
            self.add_task().await;
        }
        self.change_link().await?;
        if acted {
            sleep(SHORT).await;
            self.no_wait_without_cause().await?;
            sleep(SETTLED).await;
            // Items that time causes are opened by the sweeper, but not closed by it.
            self.no_item_without_cause().await?;
        }
        self.model.sweep(at);
        self.state.service.sweep().await.unwrap();
        sleep(Duration::from_millis(1)).await;
        self.everything_is_right().await
    }

    async fn add_task(&mut self) {
        let number = self.model.add_task(self.now);
        let new = json!({"title": format!("Task {number}")});
        let path = paths::tasks(&PROJECT.into());
        self.caller.write(Method::POST, &path, &new).await;
        self.trace(&format!("task {number} is created"));
    }

    /// Cuts the link of the second board, or restores it.
    async fn change_link(&mut self) -> Result<(), String> {
        if self.random.u32(0..30) != 0 {
            return Ok(());
        }
        self.is_linked = !self.is_linked;
        self.boards[1].set_link(self.is_linked);
        sleep(Duration::from_millis(1)).await;
        if !self.is_linked {
            return Ok(());
        }
        self.report.reconnects += 1;
        for _ in 0..600 {
            if self.boards[1].view().is_live {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Err("the board is not live a minute after its link was restored".to_owned())
    }

    /// Lets an agent, or a person, do a step.
    async fn act(&mut self, seat: usize, step: Step) {
        let name = self.seats[seat].agent();
        self.trace(&format!("{name}: {step:?}"));
        let agent = paths::agent(&PROJECT.into(), &name.as_str().into());
        if step != Step::Answer {
            self.last_sent.insert(name.clone(), self.now);
        }
        if !matches!(step, Step::Say(_) | Step::Again(_) | Step::Late(_)) {
            // Requests of the agent come after the events before them.
            sleep(SETTLED).await;
        }
        match step {
            Step::Say(said) | Step::Again(said) => self.say(seat, &name, &said, false).await,
            Step::Late(said) => self.say(seat, &name, &said, true).await,
            Step::NewSession => self.seats[seat].open(),
            Step::Claim if self.may_claim(&name) => {
                let of_silent = self.model.task_of_silent();
                let of_silent = of_silent.filter(|_| self.random.bool());
                let Some(number) = of_silent.or(self.model.free_task()) else {
                    return;
                };
                self.model.claim(&name, number, self.now);
                let claim = json!({"task_id": number});
                self.caller.write(Method::PUT, &agent, &claim).await;
            }
            Step::Finish if self.holds(&name) => {
                self.model.finish(&name, self.now);
                let done = json!({"status": "completed"});
                self.caller.write(Method::PUT, &agent, &done).await;
            }
            Step::Ask => {
                self.model.ask(&name, self.now);
                let wait = json!({"kind": "question", "text": "Which one?"});
                let asks = json!({"waiting_for": wait});
                self.caller.write(Method::PUT, &agent, &asks).await;
            }
            Step::Answer => self.answer(&name, &agent).await,
            Step::Claim | Step::Finish => {}
        }
    }

    async fn say(&mut self, seat: usize, name: &str, said: &Said, is_late: bool) {
        self.report.events += 1;
        let wire = &self.seats[seat].wire;
        // A late event has the time of its call.
        let written = self.now - if is_late { 10_000 } else { 0 };
        let body = wire.body(said, written).unwrap();
        let source = wire.harness.source();
        self.caller.hook(source.as_str(), &body).await;
        let session = (source, wire.session.clone());
        self.sessions.insert(name.to_owned(), session);
        match is_late {
            true => self.model.hear_late(name, self.now),
            false => self.model.hear(name, wire, said, self.now),
        }
    }

    async fn answer(&mut self, name: &str, agent: &str) {
        let is_asked = self.model.agents[name].wait.is_some();
        let (row, _) = self.caller.fetch(agent).await;
        let row: serde_json::Value = serde_json::from_slice(&row).unwrap();
        let Some(question) = row["waiting_for"]["request"].as_str().filter(|_| is_asked) else {
            return;
        };
        self.model.answer(name);
        let project = PROJECT.into();
        let path = paths::answers(&project, question.parse().unwrap());
        let answer = json!({"text": "The second"});
        self.caller.write(Method::POST, &path, &answer).await;
    }

    fn holds(&self, name: &str) -> bool {
        self.model.agents[name].holds.is_some()
    }

    fn may_claim(&self, name: &str) -> bool {
        let agent = &self.model.agents[name];
        agent.holds.is_none() && agent.status == AgentStatus::Working
    }

    fn trace(&self, step: &str) {
        let minutes = (self.now - START_MS) / MINUTE;
        let (hour, minute) = (minutes / 60, minutes % 60);
        let millis = (self.now - START_MS) % MINUTE;
        let mut trace = self.trace.lock().unwrap();
        if trace.len() == TRACED {
            trace.pop_front();
        }
        let moment = self.report.moments;
        trace.push_back(format!(
            "moment {moment}, {hour:02}:{minute:02}:{:06.3}: {step}",
            f64::from(u32::try_from(millis).unwrap()) / 1_000.0
        ));
    }
}
