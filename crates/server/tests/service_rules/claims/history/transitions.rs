//! The changes that a step may make, and those that it must make.

use tasktree_protocol::task::{Attempt, AttemptOutcome};
use tasktree_protocol::{AgentId, AgentStatus, Status, Task};

use super::snapshot::State;
use super::steps::{AGENTS, ByAgent, ByPerson, Of, Step};
use super::world::{Named, id, name};

/// One step that succeeded, with the states around it.
pub(super) struct Taken<'a> {
    pub(super) step: &'a Step,
    pub(super) before: &'a State,
    pub(super) after: &'a State,
}

/// Returns true for a report about a claim that its agent does not hold.
///
/// The report of a completion may come again.
pub(super) fn is_late(step: &Step, named: &Named, before: &State) -> bool {
    let (Step::Agent(agent, deed), Some(generation)) = (step, named.generation) else {
        return false;
    };
    let id = id(*agent);
    let Some(agent) = before.agent(&id) else {
        return true;
    };
    let own = agent.task();
    let about = named.task.clone().or_else(|| own.clone());
    if about.is_none() || about != own {
        return true;
    }
    let completes = reported(deed) == Some(AgentStatus::Done);
    let repeats = completes
        && agent.status == AgentStatus::Done
        && before.tasks().iter().any(|task| {
            Some(&task.id) == own.as_ref()
                && task.generation == generation
                && task.session.as_deref() == Some(id.as_str())
        });
    agent.generation != Some(generation) && !repeats
}

/// Returns the status that an action reports.
pub(super) fn reported(deed: &ByAgent) -> Option<AgentStatus> {
    match deed {
        ByAgent::Report(status, _) => Some(*status),
        ByAgent::Complete(_) => Some(AgentStatus::Done),
        _ => None,
    }
}

/// Returns the claim that an action reports about.
pub(super) fn reports_of(step: &Step) -> Option<(u8, Of)> {
    let Step::Agent(agent, deed) = step else {
        return None;
    };
    match deed {
        ByAgent::Report(_, of)
        | ByAgent::Complete(of)
        | ByAgent::Progress(of)
        | ByAgent::Wait(_, of)
        | ByAgent::Release(of) => Some((*agent, *of)),
        _ => None,
    }
}

/// Returns true for a step that may change no task at all.
fn is_quiet(step: &Step) -> bool {
    match step {
        Step::Silence(_) => true,
        Step::Person(_, deed) => matches!(deed, ByPerson::Answer(_) | ByPerson::Resend(_)),
        Step::Agent(_, deed) => match deed {
            ByAgent::Report(status, _) => status.is_open(),
            ByAgent::Progress(_)
            | ByAgent::Wait(..)
            | ByAgent::Heartbeat
            | ByAgent::Lease
            | ByAgent::Log
            | ByAgent::BeginRun { .. }
            | ByAgent::Turn { .. }
            | ByAgent::EndRun(_)
            | ByAgent::ReadAnswers
            | ByAgent::Forbidden(..) => true,
            _ => false,
        },
    }
}

/// Returns the task that a step names.
fn names(step: &Step) -> Option<u8> {
    match step {
        Step::Agent(_, deed) => match deed {
            ByAgent::Register { task, .. } | ByAgent::Next(task) => *task,
            ByAgent::Claim(task)
            | ByAgent::Moves(task, _)
            | ByAgent::Claims(task)
            | ByAgent::Releases(task) => Some(*task),
            _ => None,
        },
        Step::Person(_, deed) => match deed {
            ByPerson::Move { task, .. }
            | ByPerson::Assign { task, .. }
            | ByPerson::Unassign { task, .. }
            | ByPerson::Hold(task, _)
            | ByPerson::Edit(task, _)
            | ByPerson::Delete(task)
            | ByPerson::Restore(task)
            | ByPerson::Merge(task) => Some(*task),
            _ => None,
        },
        Step::Silence(_) => None,
    }
}

/// Returns the agent that a step takes a task from.
fn takes(step: &Step) -> Option<u8> {
    match step {
        Step::Person(
            _,
            ByPerson::Move { take, .. }
            | ByPerson::Assign { take, .. }
            | ByPerson::Unassign { take, .. },
        ) => *take,
        _ => None,
    }
}

impl Taken<'_> {
    pub(super) fn check(&self) {
        let tasks = self.before.tasks().iter();
        let pairs = tasks.map(|was| {
            let mut after = self.after.tasks().iter();
            (was, after.find(|is| is.id == was.id))
        });
        for (was, is) in pairs {
            self.check_holder(was, is);
            let Some(is) = is else {
                let Step::Person(_, ByPerson::Delete(number)) = self.step else {
                    panic!("only a person removes {was:?}");
                };
                assert_eq!(u64::from(*number), was.number);
                continue;
            };
            self.check_generation(was, is);
            if let Step::Agent(agent, deed) = self.step {
                self.check_by_agent(&id(*agent), deed, was, is);
            }
            if is_quiet(self.step) {
                assert_eq!(was, is);
            }
        }
        match self.step {
            Step::Agent(agent, deed) => self.check_deed(&id(*agent), deed),
            Step::Person(_, deed) => self.check_person(deed),
            Step::Silence(_) => {}
        }
    }

    /// Checks that a claim ends only by its holder, or by a step that names it.
    ///
    /// A live agent's claim ends otherwise only if a person takes or deletes its task, removes the
    /// agent, or resets all tasks.
    fn check_holder(&self, was: &Task, is: Option<&Task>) {
        let Some(holder) = &was.holder else {
            return;
        };
        let keeps = is.is_some_and(|is| {
            is.holder.as_ref() == Some(holder) && is.generation == was.generation
        });
        if keeps {
            return;
        }
        let is_named = names(self.step).map(u64::from) == Some(was.number);
        let is_live = self
            .before
            .agent(holder)
            .is_some_and(|agent| agent.is_alive);
        let may = match self.step {
            Step::Agent(agent, _) if id(*agent) == *holder => true,
            // The agent was removed to make room for another.
            Step::Agent(_, ByAgent::Register { .. }) => {
                !is_live && (is_named || self.after.agent(holder).is_none())
            }
            Step::Agent(..) => !is_live && is_named,
            Step::Person(_, ByPerson::Delete(_)) => is_named,
            Step::Person(_, ByPerson::Remove(agent)) => id(*agent) == *holder,
            Step::Person(_, ByPerson::ResetTasks) => true,
            Step::Person(..) => {
                is_named && (!is_live || takes(self.step).map(id).as_ref() == Some(holder))
            }
            Step::Silence(_) => false,
        };
        assert!(may, "{holder} lost {was:?}, which is now {is:?}");
    }

    /// Checks that a new claim has a number that no earlier one had, unless the end of a claim is
    /// undone.
    fn check_generation(&self, was: &Task, is: &Task) {
        let is_next = is.generation > was.generation;
        assert!(
            is_next || is.generation == was.generation,
            "{was:?}, {is:?}"
        );
        let begins = is.holder.is_some() && is.holder != was.holder;
        let is_undone = matches!(self.step, Step::Person(_, ByPerson::Undo));
        assert!(!begins || is_next != is_undone, "{was:?}, {is:?}");
    }

    /// Checks that an agent changes only its own task and the one that it names, and leaves the
    /// fields that people set.
    fn check_by_agent(&self, agent: &AgentId, deed: &ByAgent, was: &Task, is: &Task) {
        let set_by_people = |task: &Task| {
            let task = task.clone();
            (task.title, task.priority, task.on_hold, task.dependencies)
        };
        assert_eq!(set_by_people(was), set_by_people(is));
        let is_merged = |task: &Task| task.status == Status::Merged;
        assert_eq!(is_merged(was), is_merged(is));
        let begins = is.generation > was.generation;
        assert!(!begins || was.on_hold.is_none(), "{was:?} is on hold");
        if was == is {
            return;
        }
        let made_room = was
            .holder
            .as_ref()
            .is_some_and(|holder| self.after.agent(holder).is_none());
        let is_next = matches!(deed, ByAgent::Next(None)) && is.holder.as_ref() == Some(agent);
        let is_theirs = was.holder.as_ref() == Some(agent);
        let is_named = names(self.step).map(u64::from) == Some(was.number);
        assert!(
            made_room || is_next || is_theirs || is_named,
            "{was:?}, {is:?}"
        );
        if is_next && begins {
            assert!(
                matches!(was.status, Status::Unclaimed | Status::UpNext),
                "{was:?}"
            );
            assert!(was.holder.is_none() && was.blocked_by.is_empty(), "{was:?}");
        }
    }

    /// Checks that an agent's action has the effect that it was accepted for.
    fn check_deed(&self, agent: &AgentId, deed: &ByAgent) {
        let held = self.before.agent(agent).and_then(|agent| agent.held_task());
        match deed {
            ByAgent::Register {
                task: Some(task), ..
            }
            | ByAgent::Claim(task)
            | ByAgent::Next(Some(task))
            | ByAgent::Claims(task) => {
                let task = self.after.task(*task).expect("it was claimed");
                let is_held = task.holder.as_ref() == Some(agent);
                // Its own completed task may be named again; an unregistered agent is a label.
                let is_label = task.session.as_deref() == Some(agent.as_str())
                    && (task.status.is_done() || self.after.agent(agent).is_none());
                assert!(is_held || is_label, "{task:?}");
            }
            ByAgent::Report(AgentStatus::Done, _) | ByAgent::Complete(_) => {
                if let Some(held) = held {
                    let ended = self.ended(&held, AttemptOutcome::Completed);
                    let says = ended.evidence.is_some();
                    assert_eq!(says, matches!(deed, ByAgent::Complete(_)), "{ended:?}");
                    let task = self.after.tasks().iter().find(|task| task.id == held);
                    let task = task.expect("it is there");
                    assert_eq!(
                        (task.status, &task.evidence),
                        (Status::Completed, &ended.evidence)
                    );
                }
            }
            ByAgent::Report(AgentStatus::Failed, _) => {
                if let Some(held) = held {
                    self.ended(&held, AttemptOutcome::Failed);
                }
            }
            ByAgent::Release(_) => {
                if let Some(held) = held {
                    self.ended(&held, AttemptOutcome::Released);
                }
            }
            ByAgent::Leave => {
                assert!(self.after.agent(agent).is_none());
                if let Some(held) = held {
                    self.ended(&held, AttemptOutcome::Removed);
                }
            }
            _ => {}
        }
        if let (Some(status), Some(after)) = (reported(deed), self.after.agent(agent)) {
            // The end of a turn does not change that an agent has finished.
            let stays = status == AgentStatus::Idle && !after.status.is_open();
            assert!(after.status == status || stays, "{deed:?}: {after:?}");
        }
    }

    /// Returns the newest attempt of a task, which must have ended with that outcome.
    fn ended(&self, task: &tasktree_protocol::TaskId, outcome: AttemptOutcome) -> &Attempt {
        let attempt = self.after.attempts(task).first().expect("it was claimed");
        assert_eq!(attempt.outcome, Some(outcome));
        attempt
    }

    /// Checks that a person's action has the effect that it was accepted for.
    fn check_person(&self, deed: &ByPerson) {
        match deed {
            ByPerson::Move { task, status, .. } => {
                let (was, is) = self.pair(*task);
                assert_eq!(is.status, *status);
                assert!(was.status == is.status || is.holder.is_none(), "{is:?}");
            }
            ByPerson::Assign { task, to, .. } => {
                let (_, is) = self.pair(*task);
                assert_eq!(is.status, Status::InProgress);
                let agent = id(*to);
                let holder = self.after.agent(&agent).map(|agent| agent.id.clone());
                assert_eq!(is.holder, holder);
                let label = if *to < AGENTS {
                    name(*to)
                } else {
                    "nobody-there".to_owned()
                };
                assert_eq!(is.session, Some(label));
            }
            ByPerson::Unassign { task, .. } => {
                let (_, is) = self.pair(*task);
                assert_eq!((&is.session, &is.holder), (&None, &None));
            }
            ByPerson::Hold(task, on) => {
                let (was, is) = self.pair(*task);
                assert_eq!(is.on_hold.is_some(), *on);
                assert_eq!((was.status, &was.holder), (is.status, &is.holder));
            }
            ByPerson::Edit(task, number) => {
                let (was, is) = self.pair(*task);
                assert_eq!(is.title, format!("Title {number}"));
                assert_eq!((was.status, &was.holder), (is.status, &is.holder));
            }
            ByPerson::Merge(task) => assert_eq!(self.pair(*task).1.status, Status::Merged),
            ByPerson::Remove(agent) => assert!(self.after.agent(&id(*agent)).is_none()),
            ByPerson::ResetTasks => {
                assert!(self.after.agents().is_empty());
                let rests = |task: &Task| matches!(task.status, Status::Unclaimed | Status::Merged);
                assert!(self.after.tasks().iter().all(rests));
            }
            _ => {}
        }
    }

    fn pair(&self, number: u8) -> (&Task, &Task) {
        let (was, is) = (self.before.task(number), self.after.task(number));
        was.zip(is).expect("what was changed was there, and is")
    }
}
