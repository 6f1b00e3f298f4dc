//! Comparison of the server's rows with the model, of the boards with the rows, and rules that hold
//! whatever the model says.

use std::collections::{BTreeMap, BTreeSet};

use tasktree_protocol::agent::Lease;
use tasktree_protocol::attention::{AttentionItem, AttentionKind};
use tasktree_protocol::{Agent, AgentId, AgentStatus, Cursor, Status, TaskCard, TaskId, Timestamp};

use super::{PROJECT, World};
use crate::board::View;
use crate::model::{Actor, Cause, MINUTE, Task};

/// Silence after which no agent shows as working, whatever it does.
const DEAD: i64 = 15 * MINUTE;

/// The server's rows.
struct Rows {
    agents: BTreeMap<AgentId, Agent>,
    tasks: BTreeMap<TaskId, TaskCard>,
    cursor: Cursor,
    leases: Vec<Lease>,
    items: BTreeMap<u64, AttentionItem>,
}

fn is(right: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    right.then_some(()).ok_or_else(what)
}

fn equal<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T, of: &str) -> Result<(), String> {
    is(found == expected, || {
        format!("{of}: found {found:#?}, expected {expected:#?}")
    })
}

fn millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| at.unix_millis(0))
}

impl World {
    async fn rows(&self) -> Rows {
        let (service, project) = (&self.state.service, PROJECT.into());
        let agents = service.list_agents(&project).await.unwrap().value;
        let tasks = service.list_cards(&project).await.unwrap();
        let leases = service.list_leases(&project).await.unwrap().value;
        let items = service.attention(None).await.unwrap().items;
        let agents = agents.into_iter();
        Rows {
            agents: agents.map(|agent| (agent.id.clone(), agent)).collect(),
            cursor: tasks.cursor,
            tasks: tasks
                .value
                .into_iter()
                .map(|card| (card.id.clone(), card))
                .collect(),
            leases,
            items: items.into_iter().map(|item| (item.id, item)).collect(),
        }
    }

    /// Checks that no item has outlived its cause, before anything is swept.
    pub(super) async fn no_item_without_cause(&self) -> Result<(), String> {
        self.have_causes(&AttentionKind::ALL).await
    }

    /// Does the same for waits, whose end does not wait for its turn as other activity does.
    pub(super) async fn no_wait_without_cause(&self) -> Result<(), String> {
        self.have_causes(&[AttentionKind::Waiting]).await
    }

    async fn have_causes(&self, kinds: &[AttentionKind]) -> Result<(), String> {
        let found = self.state.service.attention(None).await.unwrap();
        let causes = self.model.causes(self.now);
        for item in found.items.iter().filter(|item| kinds.contains(&item.kind)) {
            let cause = Cause::of(item);
            is(causes.contains(&cause), || {
                format!("an item without a cause: {item:#?}, causes: {causes:#?}")
            })?;
        }
        Ok(())
    }

    /// Compares everything.
    pub(super) async fn everything_is_right(&mut self) -> Result<(), String> {
        let rows = self.rows().await;
        self.report.items = self.report.items.max(rows.items.len() as u64);
        self.rows_are_as_modeled(&rows)?;
        self.rules_hold(&rows)?;
        self.sessions_have_one_agent().await?;
        for (number, board) in self.boards.iter().enumerate() {
            if number == 0 || self.is_linked {
                shows(&board.view(), &rows, number == 0)
                    .map_err(|why| format!("board {number}: {why}"))?;
            }
        }
        Ok(())
    }

    fn rows_are_as_modeled(&self, rows: &Rows) -> Result<(), String> {
        let names: Vec<&str> = rows.agents.keys().map(AgentId::as_str).collect();
        let expected: Vec<&str> = self.model.agents.keys().map(String::as_str).collect();
        equal(&names, &expected, "agents")?;
        for (name, actor) in &self.model.agents {
            let agent = &rows.agents[&AgentId::from(name.as_str())];
            is_as_modeled(agent, actor)
                .map_err(|why| format!("{name}: {why}\n{agent:#?}\n{actor:#?}"))?;
        }
        let leases: BTreeSet<_> = rows
            .leases
            .iter()
            .map(|lease| {
                let end = lease.expires_at.unix_millis(0);
                (lease.agent.as_str(), lease.path.as_str(), end)
            })
            .collect();
        let agents = self.model.agents.iter();
        let expected: BTreeSet<_> = agents
            .flat_map(|(name, agent)| {
                let leases = agent.leases.iter();
                leases.map(move |(path, end)| (name.as_str(), path.as_str(), *end))
            })
            .collect();
        equal(&leases, &expected, "leases")?;
        equal(&rows.leases.len(), &leases.len(), "number of leases")?;
        for (number, task) in &self.model.tasks {
            let card = &rows.tasks[&TaskId::new(*number, &PROJECT.into())];
            let found = (card.status, card.session.as_deref());
            let expected = match task {
                Task::Free { .. } => (Status::Unclaimed, None),
                Task::Held(by) => (Status::InProgress, Some(by.as_str())),
                Task::Done(by) => (Status::Completed, Some(by.as_str())),
            };
            equal(&found, &expected, &format!("task {number}"))?;
        }
        let found: BTreeSet<Cause> = rows.items.values().map(Cause::of).collect();
        equal(&found, &self.model.causes(self.now), "attention items")?;
        equal(&rows.items.len(), &found.len(), "number of attention items")
    }

    /// Rules that need no model of the states.
    fn rules_hold(&self, rows: &Rows) -> Result<(), String> {
        let mut held = BTreeSet::new();
        for agent in rows.agents.values() {
            if let Some(task) = agent.held_task() {
                is(held.insert(task.clone()), || {
                    format!("two agents hold {task}")
                })?;
                let session = rows.tasks[&task].session.as_deref();
                equal(
                    &session,
                    &Some(agent.id.as_str()),
                    &format!("holder of {task}"),
                )?;
            }
            let silence = self.now - self.last_sent[agent.id.as_str()];
            let looks_alive = agent.is_alive && agent.status == AgentStatus::Working;
            is(silence < DEAD || !looks_alive, || {
                format!("{} works after {silence} ms of silence", agent.id)
            })?;
        }
        let in_progress = rows
            .tasks
            .values()
            .filter(|card| card.status == Status::InProgress);
        let in_progress: BTreeSet<TaskId> = in_progress.map(|card| card.id.clone()).collect();
        equal(&held, &in_progress, "tasks that are held")?;
        for item in rows.items.values() {
            let agent = item.agent.as_ref().map(|agent| &rows.agents[agent]);
            let is_dead = agent.is_some_and(Agent::is_silent);
            let fits = match item.kind {
                AttentionKind::Silent => is_dead,
                AttentionKind::NoProgress | AttentionKind::LeaseConflict => !is_dead,
                _ => true,
            };
            is(fits, || format!("{item:#?} about {agent:#?}"))?;
        }
        Ok(())
    }

    /// Checks that each session has one agent and one run.
    async fn sessions_have_one_agent(&self) -> Result<(), String> {
        let checked = self.report.moments % self.sessions.len().max(1) as u64;
        let checked = usize::try_from(checked).unwrap();
        let Some((name, (source, session))) = self.sessions.iter().nth(checked) else {
            return Ok(());
        };
        let (service, project) = (&self.state.service, PROJECT.into());
        let source = source.as_str().to_owned();
        let runs = service.runs_of_session(&project, source, session.clone());
        let runs = runs.await.unwrap().value;
        let agents: Vec<&str> = runs.iter().map(|run| run.agent.as_str()).collect();
        equal(
            &agents,
            &vec![name.as_str()],
            &format!("agents of session {session}"),
        )
    }

    /// Checks that after a day of silence nobody looks alive.
    pub(super) async fn nobody_is_alive(&self) -> Result<(), String> {
        let rows = self.rows().await;
        let is_over = |agent: &Agent| !agent.is_alive && agent.children == 0;
        let alive = rows.agents.values().find(|agent| !is_over(agent));
        is(alive.is_none() && rows.leases.is_empty(), || {
            format!("a day later: {alive:#?}, {:#?}", rows.leases)
        })
    }
}

fn is_as_modeled(agent: &Agent, actor: &Actor) -> Result<(), String> {
    equal(&agent.status, &actor.status, "status")?;
    let wait = agent.waiting_for.as_ref();
    let wait = wait.map(|wait| (wait.kind, wait.since.unix_millis(0), millis(wait.until)));
    let expected = actor.wait.as_ref();
    let expected = expected.map(|wait| (wait.kind, wait.since, wait.until));
    equal(&wait, &expected, "wait")?;
    if actor.status.is_open() {
        equal(&agent.is_alive, &!actor.silent, "alive")?;
    }
    equal(
        &millis(agent.last_heartbeat),
        &Some(actor.heard),
        "last sign of life",
    )?;
    equal(
        &millis(agent.progressed_at),
        &actor.progressed,
        "last progress",
    )?;
    let held = agent.held_task();
    let held = held.and_then(|task| task.number_in(&PROJECT.into()));
    equal(&held, &actor.holds, "claim")?;
    equal(
        &(agent.children as usize),
        &actor.shown_children(),
        "subagents",
    )?;
    let run = agent.run.as_ref().unwrap();
    equal(&run.turn_open, &actor.turn_open, "turn")?;
    equal(&run.ended_at.is_none(), &actor.session_open, "session")
}

/// Compares a board with the rows. Signs of life are in no log: a board that was away shows the
/// next one.
fn shows(view: &View, rows: &Rows, was_there: bool) -> Result<(), String> {
    is(view.is_live, || "it is not live".to_owned())?;
    equal(&view.tasks.cursor(), &Some(&rows.cursor), "position")?;
    equal(view.tasks.tasks(), &rows.tasks, "tasks")?;
    equal(&view.leases, &rows.leases, "leases")?;
    equal(&view.items, &rows.items, "items")?;
    let without_clocks = |agents: &BTreeMap<AgentId, Agent>| {
        let mut agents = agents.clone();
        for agent in agents.values_mut() {
            agent.last_heartbeat = None;
            // Two minutes after its end it is no longer heard from, which needs no event.
            agent.is_alive &= agent.status.is_open();
            if let Some(run) = &mut agent.run {
                run.seen_at = agent.started_at;
            }
        }
        agents
    };
    equal(
        &without_clocks(&view.agents),
        &without_clocks(&rows.agents),
        "agents",
    )?;
    if !was_there {
        return Ok(());
    }
    for (id, agent) in &rows.agents {
        let shown = view.agents[id].last_heartbeat;
        equal(
            &shown,
            &agent.last_heartbeat,
            &format!("last sign of life of {id}"),
        )?;
    }
    Ok(())
}
