//! A simulation that the server runs: a few agents that work through a sample project, for people
//! who want to see a moving board.
//!
//! The simulated agents use the operations of real ones, in a project that is flagged as a
//! simulation and named accordingly. No other project is touched.

mod project;
mod sample;
mod worker;

use std::sync::Arc;

use tasktree_protocol::ProjectId;
use tokio::sync::{Mutex, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::actor::Actor;
use crate::auth::{Permission, Principal, Target};
use crate::error::Result;
use crate::service::{Service, WriteContext};
use worker::Worker;

/// Speed of the simulation, in percent of one that is comfortable to watch.
pub const SPEED_PERCENT: u32 = 100;

/// Lowest and highest speed, in percent.
pub const SPEEDS: std::ops::RangeInclusive<u32> = 10..=10_000;

/// The simulation of a server. Cloning returns another handle to the same one.
#[derive(Clone, Debug)]
pub struct Simulation(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    service: Service,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    project: ProjectId,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// State of the simulation.
pub type State = tasktree_protocol::http::Demo;

impl Simulation {
    /// Creates a simulation that does not run yet.
    pub fn new(service: &Service) -> Self {
        Self(Arc::new(Inner {
            service: service.acting_for(Principal::server()),
            running: Mutex::new(None),
        }))
    }

    /// Starts the simulation, unless it runs already.
    ///
    /// # Errors
    /// If `by` may not change all projects, or the project cannot be created.
    pub async fn start(&self, by: &Principal, speed_percent: u32) -> Result<State> {
        by.check(Permission::Manage, Target::Everything)?;
        let mut running = self.0.running.lock().await;
        if let Some(known) = running.as_ref().filter(|known| !known.task.is_finished()) {
            return Ok(known.state(true));
        }
        let project = project::prepare(&self.0.service).await?;
        let (service, id) = (self.0.service.clone(), project.clone());
        let speed = f64::from(speed_percent) / 100.0;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            if let Err(error) = simulate(&service, &id, speed, stopped).await {
                tracing::warn!(%error, project = %id, "the simulation ended");
            }
        });
        let started = Running {
            project,
            stop,
            task,
        };
        Ok(running.insert(started).state(true))
    }

    /// Stops the simulation, if it runs, and removes its agents; its project stays.
    ///
    /// # Errors
    /// If `by` may not change all projects.
    pub async fn stop(&self, by: &Principal) -> Result<State> {
        by.check(Permission::Manage, Target::Everything)?;
        let mut running = self.0.running.lock().await;
        let Some(known) = running.take() else {
            return Ok(State {
                project: None,
                running: false,
            });
        };
        let state = known.state(false);
        // Until they have ended, its agents could register again.
        let _ = known.stop.send(());
        let _ = known.task.await;
        for agent in sample::AGENTS {
            // It may not exist: it has not registered yet, or somebody removed it.
            let (service, id) = (&self.0.service, agent.name.into());
            let _ = service.remove_agent(context(), &known.project, &id).await;
        }
        Ok(state)
    }
}

impl Running {
    fn state(&self, running: bool) -> State {
        State {
            project: Some(self.project.clone()),
            running,
        }
    }
}

/// Returns the context of the changes that a person would make.
fn context() -> WriteContext {
    WriteContext::new(Actor::local())
}

/// Runs until it is stopped.
async fn simulate(
    service: &Service,
    project: &ProjectId,
    speed: f64,
    stop: oneshot::Receiver<()>,
) -> Result<()> {
    let mut workers = JoinSet::new();
    let outcome = tokio::select! {
        outcome = rounds(service, project, speed, &mut workers) => outcome,
        _ = stop => Ok(()),
    };
    workers.shutdown().await;
    outcome
}

/// Runs round after round: fills the project, and works until all tasks are merged.
async fn rounds(
    service: &Service,
    project: &ProjectId,
    speed: f64,
    workers: &mut JoinSet<Result<()>>,
) -> Result<()> {
    loop {
        project::fill(service, project).await?;
        for (index, agent) in sample::AGENTS.iter().enumerate() {
            workers.spawn(Worker::new(service, project, agent, index, speed).work());
        }
        while let Some(done) = workers.join_next().await {
            done.unwrap_or(Ok(()))?;
        }
        project::announce_end(service, project).await?;
        worker::pause(6.0, speed).await;
        service.reset_project(context(), project).await?;
    }
}
