//! Attention items: those that are stored are those that follow from the state.

use std::collections::{BTreeMap, BTreeSet};

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::attention::{AttentionChanged, AttentionItem, AttentionKind};
use tasktree_protocol::task::{AttemptOutcome, Verdict};
use tasktree_protocol::{Agent, AgentStatus, Event, Status, Task, TaskId};

use super::snapshot::State;
use super::world::World;
use crate::core_support::{Told, event};

/// Minutes without progress, and for ready tasks, in these histories.
pub(super) const MINUTES: u32 = 1;

const MS: i64 = MINUTES as i64 * 60_000;

/// Items as the events describe them.
pub(super) type Followed = BTreeMap<u64, AttentionItem>;

/// Cause of an item: what decides that it is another one.
type Cause = (AttentionKind, String, Option<u64>, Option<TaskId>, bool);

/// Checks the items after a step; `swept` is true if the sweeper has run since the last change.
pub(super) async fn check(world: &World, state: &State, followed: &mut Followed, swept: bool) {
    let service = &world.core.service;
    let listed = service.attention(None).await.unwrap();
    assert_eq!(listed.rest, []);
    follow(world, followed);
    let by_id = |item: &AttentionItem| (item.id, item.clone());
    let items: Followed = listed.items.iter().map(by_id).collect();
    assert_eq!(*followed, items, "the events lead to the list");
    let now = service.now().unix_millis(0);
    let stored: Vec<Cause> = items.values().map(cause).collect();
    let stored_once: BTreeSet<_> = stored.iter().cloned().collect();
    assert_eq!(stored_once.len(), stored.len(), "nothing appears twice");
    let mut certain = BTreeSet::new();
    let mut possible = BTreeSet::new();
    for agent in state.agents() {
        match of_agent(state, agent, now) {
            Some((cause, false)) => drop(certain.insert(cause)),
            Some((cause, true)) => drop(possible.insert(cause)),
            None => {}
        }
    }
    for lease in state.leases() {
        for other in &lease.conflicts {
            let pair = (&lease.agent).min(other);
            let names = format!("{pair} {}", (&lease.agent).max(other));
            certain.insert((AttentionKind::LeaseConflict, names, None, None, false));
        }
    }
    for task in state.tasks() {
        if task.status == Status::Completed && task.verdict == Some(Verdict::Contradicted) {
            let (kind, agent) = (AttentionKind::Contradicted, task.session.clone());
            let id = Some(task.id.clone());
            certain.insert((kind, agent.unwrap_or_default(), None, id, false));
        }
    }
    let ready = |task: &&Task| is_ready(state, task);
    let has_free = state.agents().iter().any(|agent| is_free(state, agent));
    let claimable: Vec<&Task> = match has_free {
        true => state.tasks().iter().filter(ready).collect(),
        false => Vec::new(),
    };
    for task in &claimable {
        let (kind, id) = (AttentionKind::ReadyUnclaimed, Some(task.id.clone()));
        possible.insert((kind, String::new(), None, id, false));
    }
    for cause in &certain {
        assert!(
            stored_once.contains(cause),
            "{cause:?} is missing: {items:#?}"
        );
    }
    for cause in &stored_once {
        let has_cause = certain.contains(cause) || possible.contains(cause);
        assert!(has_cause, "{cause:?} has outlived its cause");
    }
    let waiting = |kind| stored.iter().filter(|cause| cause.0 == kind).count();
    assert!(waiting(AttentionKind::ReadyUnclaimed) <= 1);
    if !swept {
        return;
    }
    for cause in possible
        .iter()
        .filter(|cause| cause.0 != AttentionKind::ReadyUnclaimed)
    {
        assert!(stored_once.contains(cause), "{cause:?} is due");
    }
    let is_due = |task: &&Task| now - ready_since(state, task) >= MS;
    if claimable.iter().any(is_due) {
        assert_eq!(waiting(AttentionKind::ReadyUnclaimed), 1, "{claimable:?}");
    }
}

/// Applies the events since the last call.
fn follow(world: &World, followed: &mut Followed) {
    for told in world.core.told.take() {
        let Told::Event(logged) = told else { continue };
        let Event::AttentionChanged(data) = event(&logged) else {
            continue;
        };
        let changed = AttentionChanged::read(&data).unwrap();
        for id in changed.closed {
            assert!(followed.remove(&id).is_some(), "{id} was open");
        }
        for item in changed.opened {
            assert!(item.text.len() <= 500);
            followed.insert(item.id, item);
        }
    }
}

fn cause(item: &AttentionItem) -> Cause {
    let agent = item.agent.as_ref().map_or("", |agent| agent.as_str());
    let names = match &item.other {
        Some(other) => format!("{agent} {other}"),
        None => agent.to_owned(),
    };
    (
        item.kind,
        names,
        item.question,
        item.task.clone(),
        item.answered,
    )
}

/// Returns the cause that an agent's state is, and true if time made it one.
fn of_agent(state: &State, agent: &Agent, now: i64) -> Option<(Cause, bool)> {
    let of = |kind, question, task: Option<TaskId>, answered| {
        (kind, agent.id.to_string(), question, task, answered)
    };
    let wait = agent.waiting_for.as_ref();
    let asks = |kind: WaitKind| kind.needs_person() || kind == WaitKind::Other;
    if wait.is_some_and(|wait| asks(wait.kind)) {
        let mut questions = state.questions().iter();
        let open = questions.find(|one| one.agent == agent.id && one.closed_at.is_none())?;
        let answered = open.answers.iter().any(|answer| !answer.late);
        let cause = of(
            AttentionKind::Waiting,
            Some(open.id),
            agent.held_task(),
            answered,
        );
        return Some((cause, false));
    }
    if agent.status == AgentStatus::Failed {
        let is_open = match agent.task() {
            None => true,
            Some(id) => state.tasks().iter().any(|task| {
                let newest = state.attempts(&task.id).first();
                task.id == id
                    && matches!(task.status, Status::Unclaimed | Status::UpNext)
                    && newest.is_some_and(|attempt| {
                        attempt.agent == agent.id && attempt.outcome == Some(AttemptOutcome::Failed)
                    })
            }),
        };
        return is_open.then(|| (of(AttentionKind::Failed, None, agent.task(), false), false));
    }
    let silent = agent.status.is_open() && !agent.is_alive;
    if silent && agent.generation.is_some() {
        return Some((
            of(AttentionKind::Silent, None, agent.held_task(), false),
            false,
        ));
    }
    let works = agent.status == AgentStatus::Working && !silent;
    let busy = agent.generation.is_some() || agent.run.as_ref().is_some_and(|run| run.turn_open);
    let progressed = agent.progressed_at.map(|at| at.unix_millis(0));
    let is_stuck = works && busy && progressed.is_some_and(|at| now - at >= MS);
    is_stuck.then(|| {
        (
            of(AttentionKind::NoProgress, None, agent.held_task(), false),
            true,
        )
    })
}

fn is_free(state: &State, agent: &Agent) -> bool {
    let has_turn = state.runs(&agent.id).iter().any(|run| run.turn_open);
    matches!(agent.status, AgentStatus::Working | AgentStatus::Idle)
        && agent.is_alive
        && agent.generation.is_none()
        && !has_turn
}

fn is_ready(state: &State, task: &Task) -> bool {
    let parts = parts(state, task);
    matches!(task.status, Status::Unclaimed | Status::UpNext)
        && task.on_hold.is_none()
        && task.blocked_by.is_empty()
        && parts.iter().all(|part| part.status.is_done())
}

/// Returns the parts of a task, and the parts of those.
fn parts<'a>(state: &'a State, task: &Task) -> Vec<&'a Task> {
    let own = |one: &&Task| one.parent.as_ref() == Some(&task.id);
    let mut found = Vec::new();
    for part in state.tasks().iter().filter(own) {
        found.push(part);
        found.extend(parts(state, part));
    }
    found
}

fn ready_since(state: &State, task: &Task) -> i64 {
    let needed = state
        .tasks()
        .iter()
        .filter(|one| task.dependencies.contains(&one.id) || one.parent.as_ref() == Some(&task.id));
    let changed = needed.map(|one| one.status_changed_at.unwrap_or(one.updated_at));
    let times = changed.map(|at| at.unix_millis(0));
    times.fold(task.updated_at.unix_millis(0), i64::max)
}
