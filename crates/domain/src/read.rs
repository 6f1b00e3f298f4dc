//! Read operations: rows with values derived from other rows.

use tasktree_protocol::agent::{AgentMessage, Lease, Run};
use tasktree_protocol::http::AgentRun;
use tasktree_protocol::task::{Attempt, sort_key};
use tasktree_protocol::{
    Agent, AgentId, Comment, Project, ProjectId, ProjectStats, Status, Task, TaskCard, TaskId,
    Timestamp,
};

use super::exists::require;
use super::listing::Keyed;
use super::{agent, dependencies, lease};
use crate::auth::{Principal, Scope, SpeaksAs};
use crate::error::{Error, Result};
use crate::store::{ChangePage, ChangeQuery, HistoryEntry, Inbox, LogEntry, Read};

/// Returns a project.
pub fn project(rows: &dyn Read, id: &ProjectId) -> Result<Project> {
    rows.project(id)?.ok_or_else(|| Error::no_project(id))
}

/// Returns the numbers of tasks and agents of a project.
pub fn stats(rows: &dyn Read, id: &ProjectId) -> Result<ProjectStats> {
    require(rows, id)?;
    let mut stats = ProjectStats {
        total_agents_run: rows.agents_registered(id)?,
        ..Default::default()
    };
    for (status, count) in rows.tasks_by_status(id)? {
        stats.total_tasks += count;
        *match status {
            Status::Unclaimed => &mut stats.unclaimed_tasks,
            Status::UpNext => &mut stats.up_next_tasks,
            Status::InProgress => &mut stats.in_progress_tasks,
            Status::Completed => &mut stats.completed_tasks,
            Status::Merged => &mut stats.merged_tasks,
        } += count;
    }
    stats.active_agents = rows.active_agents(id)?;
    Ok(stats)
}

/// Returns the tasks of a project in their order.
pub fn tasks(rows: &dyn Read, id: &ProjectId) -> Result<Vec<Task>> {
    require(rows, id)?;
    let mut tasks = rows.tasks(id)?;
    dependencies::fill_blocked_by(&mut tasks);
    tasks.sort_by_key(|task| sort_key(task.priority, task.number));
    Ok(tasks)
}

/// Returns the cards of a project in their order.
pub fn cards(rows: &dyn Read, id: &ProjectId) -> Result<Vec<TaskCard>> {
    require(rows, id)?;
    let mut cards = rows.cards(id)?;
    cards.sort_by_key(TaskCard::sort_key);
    Ok(cards)
}

/// Returns a task.
pub fn task(rows: &dyn Read, id: &ProjectId, task: &TaskId) -> Result<Task> {
    require(rows, id)?;
    let stored = super::task::find(rows, id, task)?;
    super::task::answer(rows, id, stored.into_task())
}

/// Returns those of the tasks that block their dependents.
pub fn open_tasks(rows: &dyn Read, id: &ProjectId, tasks: &[TaskId]) -> Result<Vec<u64>> {
    let numbers = tasks.iter().filter_map(|task| task.number_in(id));
    let states = rows.task_states(id, &numbers.collect::<Vec<_>>())?;
    let open = states
        .iter()
        .filter(|state| !state.removed && !state.status.is_done());
    Ok(open.map(|state| state.number).collect())
}

/// Returns the numbers of the ready tasks that depend on a task, at most `limit`.
pub fn unlocked_by(rows: &dyn Read, id: &ProjectId, task: u64, limit: usize) -> Result<Vec<u64>> {
    let graph = rows.dependency_graph(id)?;
    let mut ready = rows.ready_tasks(id)?;
    ready.retain(|number| graph.of(*number).contains(&task));
    ready.truncate(limit);
    Ok(ready)
}

/// Returns a task even if it was removed since: an answer about it may be sent again.
pub fn task_even_removed(rows: &dyn Read, id: &ProjectId, number: u64) -> Result<Task> {
    let stored = rows
        .task(id, number)?
        .ok_or_else(|| Error::no_task(&number))?;
    super::task::answer(rows, id, stored.task)
}

/// Returns the projects that the caller can access, oldest first.
pub fn projects(rows: &dyn Read, scope: &Scope) -> Result<Keyed<ProjectId, Project>> {
    let mut ids = rows.project_ids()?;
    ids.retain(|id| scope.has(id));
    Ok(Keyed::new(ids, |rows: &dyn Read, id: &ProjectId| {
        rows.project(id)
    }))
}

/// Returns the agents of a project, by identifier.
pub fn agents(rows: &dyn Read, id: &ProjectId, now: Timestamp) -> Result<Keyed<AgentId, Agent>> {
    require(rows, id)?;
    let project = id.clone();
    let agent = move |rows: &dyn Read, agent: &AgentId| {
        let stored = rows.agent(&project, agent)?;
        Ok(stored.map(|stored| agent::seen_at(stored, now)))
    };
    Ok(Keyed::new(rows.agent_ids(id)?, agent))
}

/// Returns an agent as it is at `now`.
pub fn agent(rows: &dyn Read, id: &ProjectId, agent: &AgentId, now: Timestamp) -> Result<Agent> {
    require(rows, id)?;
    Ok(agent::seen_at(agent::find(rows, id, agent)?, now))
}

/// Returns the messages to an agent, for a caller that speaks for it.
pub fn messages(
    rows: &dyn Read,
    id: &ProjectId,
    to: &AgentId,
    unread: bool,
    principal: &Principal,
) -> Result<Vec<AgentMessage>> {
    require(rows, id)?;
    let agent = agent::find(rows, id, to)?;
    agent::check_speaks_as(principal.speaks_as(), &agent)?;
    let of = match (unread, principal.speaks_as()) {
        (true, _) => Inbox::Unread,
        // A former agent may have had its name; that one's messages are for people only.
        (false, SpeaksAs::Agent { .. }) => Inbox::Own,
        (false, SpeaksAs::Anyone | SpeaksAs::Person(_)) => Inbox::All,
    };
    rows.messages(id, to, of)
}

/// Returns the leases that have not ended at `now`, with their conflicts.
pub fn leases(rows: &dyn Read, id: &ProjectId, now: Timestamp) -> Result<Vec<Lease>> {
    require(rows, id)?;
    lease::held(rows, id, now)
}

/// Returns the newest log lines of a project, or of one of its agents.
pub fn log_lines(
    rows: &dyn Read,
    id: &ProjectId,
    agent: Option<&AgentId>,
    limit: usize,
) -> Result<Vec<LogEntry>> {
    require(rows, id)?;
    if let Some(agent) = agent {
        agent::find(rows, id, agent)?;
    }
    rows.log_lines(id, agent, limit)
}

/// Returns the comments on a task, even on a removed one: they help to decide on restoring it.
pub fn comments(rows: &dyn Read, id: &ProjectId, task: &TaskId) -> Result<Keyed<u64, Comment>> {
    require(rows, id)?;
    let comments = rows.comment_ids(id, known(rows, id, task)?)?;
    let project = id.clone();
    Ok(Keyed::new(comments, move |rows: &dyn Read, id: &u64| {
        rows.comment(&project, *id)
    }))
}

/// Returns the number of a task that exists or was removed.
fn known(rows: &dyn Read, id: &ProjectId, task: &TaskId) -> Result<u64> {
    let number = task.number_in(id).ok_or_else(|| Error::no_task(task))?;
    rows.task(id, number)?.ok_or_else(|| Error::no_task(task))?;
    Ok(number)
}

/// Returns the history of a task, newest first, even of a removed one: it helps to decide on
/// restoring it.
pub fn history(
    rows: &dyn Read,
    id: &ProjectId,
    task: &TaskId,
    limit: usize,
) -> Result<Keyed<u64, HistoryEntry>> {
    require(rows, id)?;
    let entries = rows.history_ids(id, known(rows, id, task)?, limit)?;
    let project = id.clone();
    Ok(Keyed::new(entries, move |rows: &dyn Read, id: &u64| {
        rows.history_entry(&project, *id)
    }))
}

/// Returns changes of a project, newest first. As everywhere, a task can be given by id or number.
pub fn changes(rows: &dyn Read, id: &ProjectId, mut query: ChangeQuery) -> Result<ChangePage> {
    require(rows, id)?;
    if let Some(task) = query
        .subject
        .as_deref()
        .and_then(|it| it.strip_prefix("task:"))
        && let Some(number) = TaskId::from(task).number_in(id)
    {
        query.subject = Some(format!("task:{number}"));
    }
    rows.changes(id, &query)
}

/// Returns the claims of a task, newest first.
pub fn attempts(
    rows: &dyn Read,
    id: &ProjectId,
    task: &TaskId,
    limit: usize,
) -> Result<Vec<Attempt>> {
    require(rows, id)?;
    rows.attempts(id, known(rows, id, task)?, limit)
}

/// Returns the runs of an agent, newest first.
pub fn runs(rows: &dyn Read, id: &ProjectId, agent: &AgentId, limit: usize) -> Result<Vec<Run>> {
    require(rows, id)?;
    agent::find(rows, id, agent)?;
    rows.runs(id, agent, limit)
}

/// Returns the runs of a harness's session with their agents, newest first.
pub fn runs_of_session(
    rows: &dyn Read,
    id: &ProjectId,
    source: &str,
    session: &str,
) -> Result<Vec<AgentRun>> {
    require(rows, id)?;
    let runs = rows.runs_of_session(id, source, session)?.into_iter();
    Ok(runs.map(|(agent, run)| AgentRun { agent, run }).collect())
}
