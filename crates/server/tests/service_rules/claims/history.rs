//! Random histories of agents and people: the invariants after every step.

mod agents;
mod attention;
mod people;
mod recorded;
mod snapshot;
mod standing;
mod steps;
mod transitions;
mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;
use tasktree_protocol::{AgentId, AgentStatus};
use tasktree_server::error::Error;
use tasktree_server::limits::TRASH_PER_PROJECT;

use snapshot::State;
use steps::{ByPerson, Door, Step, steps};
use transitions::{Taken, is_late, reported, reports_of};
use world::{Named, World, id};

/// Steps after which a removed project is restored.
const ABSENT: usize = 3;

/// Memory of a history, for everything that a step may depend on.
#[derive(Default)]
struct Memory {
    /// States of the project in the trash, oldest first.
    kept: Vec<State>,
    /// Agents whose task was taken from them, and that have not registered or claimed since.
    lost: BTreeSet<AgentId>,
    /// Number of steps since the project was removed.
    absent: usize,
}

impl Memory {
    fn keep(&mut self, state: &State) {
        self.kept.push(state.kept());
        if self.kept.len() > TRASH_PER_PROJECT {
            self.kept.remove(0);
        }
    }

    /// Follows a step of the whole project that succeeded; returns false for any other.
    fn follow_project(&mut self, step: &Step, before: &State, after: &State) -> bool {
        let Step::Person(_, deed) = step else {
            return false;
        };
        match deed {
            ByPerson::Trash => assert!(!after.is_there()),
            ByPerson::ResetProject => {
                assert!(after.tasks().is_empty() && after.agents().is_empty());
            }
            ByPerson::BringBack => {
                let expected = self.kept.pop().expect("something was kept");
                assert_eq!(*after, expected, "it is as it was");
            }
            _ => return false,
        }
        if before.is_there() {
            self.keep(before);
        }
        self.lost.clear();
        true
    }

    /// Follows a step for the agents that lost a task by it.
    fn follow_losses(&mut self, step: &Step, before: &State, after: &State) {
        for was in before.agents() {
            let is_own = matches!(step, Step::Agent(agent, _) if id(*agent) == was.id);
            let held_and_holds = after
                .agent(&was.id)
                .map(|is| (was.generation.is_some(), is.generation.is_some()));
            match held_and_holds {
                Some((true, false)) if !is_own => self.lost.insert(was.id.clone()),
                Some((_, false)) if !registers(step, &was.id) => false,
                _ => self.lost.remove(&was.id),
            };
        }
    }

    /// Returns true for the report of an end of a task that its agent has lost.
    fn is_of_lost(&self, step: &Step, named: &Named) -> bool {
        let Step::Agent(agent, deed) = step else {
            return false;
        };
        let ends = matches!(
            reported(deed),
            Some(AgentStatus::Done | AgentStatus::Failed)
        );
        ends && named.generation.is_none() && self.lost.contains(&id(*agent))
    }
}

fn registers(step: &Step, agent: &AgentId) -> bool {
    matches!(step, Step::Agent(one, steps::ByAgent::Register { .. }) if id(*one) == *agent)
}

async fn live_through(history: Vec<Step>) {
    let mut world = World::new().await;
    let mut memory = Memory::default();
    let mut before = State::read(&world.core).await;
    let mut items = attention::Followed::new();
    standing::check(&before);
    for mut step in history {
        if memory.absent == ABSENT {
            step = Step::Person(Door::Rest, ByPerson::BringBack);
        }
        world.remember(&before);
        let named = reports_of(&step).map(|(agent, of)| world.named(agent, of, &before));
        let named = named.unwrap_or_default();
        let outcome = world.perform(&step, &before).await;
        let after = State::read(&world.core).await;
        standing::check(&after);
        let swept = outcome.is_ok() && matches!(step, Step::Silence(_));
        attention::check(&world, &after, &mut items, swept).await;
        match &outcome {
            Err(error) => {
                let is_planned = !matches!(error, Error::Internal(_) | Error::Storage { .. });
                assert!(is_planned, "{step:?}: {error}");
                assert_eq!(before, after, "{step:?} was refused: {error}");
            }
            Ok(()) => {
                let is_late = is_late(&step, &named, &before);
                assert!(!is_late, "{step:?} is late and was taken");
                let is_of_lost = memory.is_of_lost(&step, &named);
                assert!(!is_of_lost, "{step:?} is of a lost task and was taken");
                if !memory.follow_project(&step, &before, &after) {
                    let (before, after) = (&before, &after);
                    let step = &step;
                    Taken {
                        step,
                        before,
                        after,
                    }
                    .check();
                    memory.follow_losses(step, before, after);
                }
            }
        }
        memory.absent = if after.is_there() {
            0
        } else {
            memory.absent + 1
        };
        before = after;
    }
    recorded::check(&world, &before).await;
}

proptest! {
    // A quarter of the usual number: each case is a server with a history of up to 80 steps.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases / 4,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_a_task_has_one_holder_and_late_reports_change_nothing(history in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(live_through(history));
    }
}
