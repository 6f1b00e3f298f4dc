//! Invariants of every state.

use std::collections::BTreeSet;

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{Agent, AgentStatus, Status, Task};

use super::snapshot::State;

pub(super) fn check(state: &State) {
    for task in state.tasks() {
        check_task(state, task);
    }
    for agent in state.agents() {
        check_agent(state, agent);
    }
    check_questions(state);
    let attempts = state
        .tasks()
        .iter()
        .flat_map(|task| state.attempts(&task.id));
    let mut claims: Vec<_> = attempts
        .map(|attempt| (&attempt.agent, attempt.generation))
        .collect();
    let all = claims.len();
    claims.sort_unstable();
    claims.dedup();
    assert_eq!(
        claims.len(),
        all,
        "no two claims of an agent have one generation"
    );
    for lease in state.leases() {
        let holder = state
            .agent(&lease.agent)
            .expect("leases end with their agents");
        let is_silent = holder.status.is_open() && !holder.is_alive;
        assert!(!is_silent, "leases end with the silence of {holder:?}");
    }
}

/// Checks that a task in progress has one holder or none, and that its attempts say the same.
fn check_task(state: &State, task: &Task) {
    if let Some(holder) = &task.holder {
        assert_eq!(task.status, Status::InProgress, "{task:?}");
        assert_eq!(task.session.as_deref(), Some(holder.as_str()), "{task:?}");
        let agent = state.agent(holder).expect("the holder is registered");
        assert_eq!(agent.held_task().as_ref(), Some(&task.id), "{agent:?}");
        assert_eq!(agent.generation, Some(task.generation), "{agent:?}");
    }
    let attempts = state.attempts(&task.id);
    let generations: Vec<_> = attempts.iter().map(|attempt| attempt.generation).collect();
    let newest = generations.first().copied().unwrap_or_default();
    assert_eq!(
        newest, task.generation,
        "each claim is an attempt: {task:?}"
    );
    assert!(
        generations.is_sorted_by(|newer, older| newer > older),
        "{task:?}"
    );
    for attempt in attempts {
        let is_held = attempt.generation == task.generation && task.holder.is_some();
        let is_open = attempt.ended_at.is_none();
        assert_eq!(is_open, is_held, "{attempt:?} of {task:?}");
        assert_eq!(attempt.outcome.is_none(), is_open, "{attempt:?}");
        assert!(!is_held || task.holder.as_ref() == Some(&attempt.agent));
    }
}

/// Checks that an agent holds at most one task, a finished one none, and that a waiting one has a
/// reason.
fn check_agent(state: &State, agent: &Agent) {
    let tasks = state.tasks().iter();
    let held = tasks.filter(|task| task.holder.as_ref() == Some(&agent.id));
    let held = held.count();
    assert_eq!(held, usize::from(agent.generation.is_some()), "{agent:?}");
    assert!(agent.status.is_open() || held == 0, "{agent:?}");
    let waits = agent.status == AgentStatus::Waiting;
    assert_eq!(agent.waiting_for.is_some(), waits, "{agent:?}");
    if let Some(run) = &agent.run {
        assert_eq!(run.parent, None, "an agent's own run is no subagent's");
        let runs = state.runs(&agent.id);
        assert!(runs.contains(run), "{agent:?}");
        let children = runs.iter().filter(|one| one.parent.is_some());
        let open = children.filter(|one| one.ended_at.is_none()).count();
        let shown = if agent.status.is_open() { open } else { 0 };
        assert_eq!(agent.children as usize, shown, "{agent:?}");
    }
}

/// Checks that a question is open exactly while its agent waits for it, and that at most one answer
/// is applied.
fn check_questions(state: &State) {
    let mut asking = BTreeSet::new();
    for question in state.questions() {
        let applied = question.answers.iter().filter(|answer| !answer.late);
        assert!(applied.count() <= 1, "{question:?}");
        for answer in &question.answers {
            let was_sent = answer.sent_again_at.is_some();
            assert!(answer.late || !was_sent, "{answer:?}");
            let was_given = answer.delivered_at.is_some();
            assert!(!was_given || !answer.late, "{answer:?}");
            assert!(answer.read_at.is_none() || was_given, "{answer:?}");
        }
        assert_eq!(question.closed_at.is_some(), question.outcome.is_some());
        if question.closed_at.is_some() {
            let has_open_answer =
                |one: &tasktree_protocol::question::Answer| !one.late && one.delivered_at.is_none();
            assert!(
                !question.answers.iter().any(has_open_answer),
                "{question:?}"
            );
            continue;
        }
        let agent = state.agent(&question.agent).expect("it is registered");
        let wait = agent.waiting_for.as_ref().expect("it waits");
        let request = question.id.to_string();
        assert_eq!(wait.request, Some(request), "{agent:?}");
        assert_eq!(agent.generation, question.generation, "{agent:?}");
        assert!(
            asking.insert(&agent.id),
            "{agent:?} asks one thing at a time"
        );
    }
    for agent in state.agents() {
        let kind = agent.waiting_for.as_ref().map(|wait| wait.kind);
        let asks = kind.is_some_and(|kind| kind.needs_person() || kind == WaitKind::Other);
        assert_eq!(asks, asking.contains(&agent.id), "{agent:?}");
    }
}
