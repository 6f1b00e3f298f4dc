//! State machine of an agent and its claim, as one table without rows, clocks or events.
//!
//! Every entry point ends here: REST, WebSocket commands, the sweeper and the operations of people
//! name an [`AgentEvent`], and [`step`] returns the new state of the agent and of its task.

use tasktree_protocol::AgentStatus;

/// Event that affects an agent's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgentEvent {
    /// The agent registers, or registers again.
    Register,
    /// The agent claims a task, or a person assigns one to it.
    Claim,
    /// The agent reports that it works.
    Work,
    /// The agent reports that it waits.
    Wait,
    /// The agent's turn has ended.
    Stop,
    /// The agent reports that it has completed its task.
    Complete,
    /// The agent reports that it has failed.
    Fail,
    /// The agent releases its task.
    Release,
    /// The agent's task is taken from it, deleted, or reset.
    Lose,
}

impl AgentEvent {
    /// All events.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 9] = [
        Self::Register,
        Self::Claim,
        Self::Work,
        Self::Wait,
        Self::Stop,
        Self::Complete,
        Self::Fail,
        Self::Release,
        Self::Lose,
    ];
}

/// Relation of an agent to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The agent holds no task.
    Nothing,
    /// The agent holds a task.
    Task,
    /// The agent's task was taken from it, and it has not claimed another since.
    Lost,
}

/// Change of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimStep {
    /// The claim stays as it is.
    Keep,
    /// The agent holds the task of the event.
    Take,
    /// The task is completed, and nobody holds it.
    Complete,
    /// The task is unclaimed again.
    Release,
    /// The agent no longer holds the task; the event's cause decides the task's new state.
    Lose,
}

/// State after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Status of the agent.
    pub(crate) status: AgentStatus,
    /// Change of its claim.
    pub(crate) claim: ClaimStep,
}

/// Error for a report about a task that the agent has lost: it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Late;

/// Returns the state after an event.
///
/// # Errors
/// [`Late`] for the end of a task that was taken from the agent.
pub(crate) fn step(status: AgentStatus, hold: Hold, event: AgentEvent) -> Result<Step, Late> {
    use AgentStatus::{Done, Failed, Idle, Waiting, Working};
    let (status, claim) = match (event, hold) {
        (AgentEvent::Register, _) if status == Waiting => (Waiting, ClaimStep::Keep),
        (AgentEvent::Register | AgentEvent::Work, _) => (Working, ClaimStep::Keep),
        (AgentEvent::Claim, _) => (Working, ClaimStep::Take),
        (AgentEvent::Wait, _) => (Waiting, ClaimStep::Keep),
        // The harness's stop hook fires after the report that ended the work.
        (AgentEvent::Stop, Hold::Nothing) if matches!(status, Done | Failed) => {
            (status, ClaimStep::Keep)
        }
        (AgentEvent::Stop, _) => (Idle, ClaimStep::Keep),
        (AgentEvent::Complete | AgentEvent::Fail, Hold::Lost) => return Err(Late),
        (AgentEvent::Complete, Hold::Task) => (Done, ClaimStep::Complete),
        (AgentEvent::Complete, Hold::Nothing) => (Done, ClaimStep::Keep),
        (AgentEvent::Fail, Hold::Task) => (Failed, ClaimStep::Release),
        (AgentEvent::Fail, Hold::Nothing) => (Failed, ClaimStep::Keep),
        (AgentEvent::Release, Hold::Task) => (Working, ClaimStep::Release),
        (AgentEvent::Lose, Hold::Task) => (Idle, ClaimStep::Lose),
        (AgentEvent::Release | AgentEvent::Lose, _) => (status, ClaimStep::Keep),
    };
    Ok(Step { status, claim })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLDS: [Hold; 3] = [Hold::Nothing, Hold::Task, Hold::Lost];

    fn all() -> impl Iterator<Item = (AgentStatus, Hold, AgentEvent)> {
        AgentStatus::ALL.into_iter().flat_map(|status| {
            HOLDS
                .into_iter()
                .flat_map(move |hold| AgentEvent::ALL.map(|event| (status, hold, event)))
        })
    }

    fn holds_after(hold: Hold, claim: ClaimStep) -> bool {
        match claim {
            ClaimStep::Keep => hold == Hold::Task,
            ClaimStep::Take => true,
            ClaimStep::Complete | ClaimStep::Release | ClaimStep::Lose => false,
        }
    }

    #[test]
    fn a_finished_agent_holds_nothing_whatever_happened() {
        for (status, hold, event) in all() {
            // Only open agents hold a task.
            if hold == Hold::Task && !status.is_open() {
                continue;
            }
            let Ok(after) = step(status, hold, event) else {
                continue;
            };
            let holds = holds_after(hold, after.claim);
            assert!(
                after.status.is_open() || !holds,
                "{status:?} {hold:?} {event:?}"
            );
        }
    }

    #[test]
    fn only_the_end_of_a_lost_task_is_late() {
        for (status, hold, event) in all() {
            let is_end = matches!(event, AgentEvent::Complete | AgentEvent::Fail);
            let is_late = step(status, hold, event) == Err(Late);
            assert_eq!(
                is_late,
                is_end && hold == Hold::Lost,
                "{status:?} {event:?}"
            );
        }
    }

    #[test]
    fn nothing_ends_a_claim_but_its_end() {
        for (status, hold, event) in all() {
            let Ok(after) = step(status, hold, event) else {
                continue;
            };
            let ends = matches!(
                event,
                AgentEvent::Complete | AgentEvent::Fail | AgentEvent::Release | AgentEvent::Lose
            );
            let keeps = matches!(after.claim, ClaimStep::Keep | ClaimStep::Take);
            assert_eq!(!keeps, ends && hold == Hold::Task, "{status:?} {event:?}");
        }
    }

    #[test]
    fn the_table_is_as_the_architecture_has_it() {
        use AgentStatus::{Done, Failed, Idle, Waiting, Working};
        let rows = [
            (
                AgentEvent::Register,
                [Working, Working, Waiting, Working, Working],
            ),
            (AgentEvent::Claim, [Working; 5]),
            (AgentEvent::Work, [Working; 5]),
            (AgentEvent::Wait, [Waiting; 5]),
            (AgentEvent::Stop, [Idle, Idle, Idle, Done, Failed]),
            (AgentEvent::Complete, [Done; 5]),
            (AgentEvent::Fail, [Failed; 5]),
            (AgentEvent::Release, AgentStatus::ALL),
            (AgentEvent::Lose, AgentStatus::ALL),
        ];
        for (event, expected) in rows {
            let after = AgentStatus::ALL
                .map(|status| step(status, Hold::Nothing, event).map(|step| step.status));
            assert_eq!(after, expected.map(Ok), "{event:?}");
        }
        let while_holding = [
            (AgentEvent::Register, Working, ClaimStep::Keep),
            (AgentEvent::Claim, Working, ClaimStep::Take),
            (AgentEvent::Work, Working, ClaimStep::Keep),
            (AgentEvent::Wait, Waiting, ClaimStep::Keep),
            (AgentEvent::Stop, Idle, ClaimStep::Keep),
            (AgentEvent::Complete, Done, ClaimStep::Complete),
            (AgentEvent::Fail, Failed, ClaimStep::Release),
            (AgentEvent::Release, Working, ClaimStep::Release),
            (AgentEvent::Lose, Idle, ClaimStep::Lose),
        ];
        for (event, status, claim) in while_holding {
            let expected = Ok(Step { status, claim });
            assert_eq!(step(Working, Hold::Task, event), expected, "{event:?}");
        }
    }
}
