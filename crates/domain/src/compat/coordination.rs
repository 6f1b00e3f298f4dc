//! Coordination views of the older dashboard, from the server's own data.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tasktree_protocol::{AgentId, ProjectId, StreamId, Timestamp};

use crate::error::Result;
use crate::store::Read;
use crate::validate::shortened;
use crate::{agent, exists, lease};

/// Agent as shown on the older dashboard's coordination page. Its "todos" are the tasks whose
/// session it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "names of the older API")]
pub struct CoordinationAgent {
    pub agent_id: AgentId,
    pub project_id: ProjectId,
    pub task_id: String,
    pub branch: String,
    pub description: String,
    pub status: String,
    pub started_at: Timestamp,
    pub last_heartbeat: Option<Timestamp>,
    pub is_alive: bool,
    pub todo_count: u64,
    pub completed_todos: u64,
    pub file_locks: Vec<String>,
}

/// Agents and their work, as older dashboards read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "names of the older API")]
pub struct CoordinationStats {
    pub project_id: ProjectId,
    pub total_agents: u64,
    pub active_agents: u64,
    pub total_todos: u64,
    pub completed_todos: u64,
    /// Rate in percent.
    pub todo_completion_rate: f64,
    pub active_file_locks: u64,
    #[schema(value_type = Value)]
    pub agents: BTreeMap<String, CoordinationAgent>,
    #[schema(value_type = Value)]
    pub file_locks: BTreeMap<String, String>,
    #[schema(value_type = Value)]
    pub communication_graph: BTreeMap<String, Vec<String>>,
}

/// Event of an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "names of the older API")]
pub struct CoordinationEvent {
    pub event_type: String,
    pub project_id: ProjectId,
    pub agent_id: String,
    pub timestamp: Timestamp,
    pub data: Value,
}

/// Returns the numbers that the coordination monitor shows.
pub fn stats(rows: &dyn Read, project: &ProjectId, now: Timestamp) -> Result<CoordinationStats> {
    let agents = rows.agent_ids(project)?;
    exists::require(rows, project)?;
    // Per session, the number of its tasks and the number of those that are done.
    let mut tasks: HashMap<String, (u64, u64)> = HashMap::new();
    for (session, status, count) in rows.tasks_by_session(project)? {
        let (all, done) = tasks.entry(session).or_default();
        *all += count;
        *done += if status.is_done() { count } else { 0 };
    }
    let leases = rows.leases(project)?;
    let leases: Vec<_> = leases
        .into_iter()
        .filter(|lease| !lease::has_ended(lease, now))
        .collect();
    let mut stats = CoordinationStats {
        project_id: project.clone(),
        total_agents: agents.len() as u64,
        active_agents: 0,
        total_todos: 0,
        completed_todos: 0,
        todo_completion_rate: 0.0,
        active_file_locks: leases.len() as u64,
        agents: BTreeMap::new(),
        file_locks: BTreeMap::new(),
        communication_graph: BTreeMap::new(),
    };
    let mut paths: HashMap<AgentId, Vec<String>> = HashMap::new();
    for lease in &leases {
        let of_agent = paths.entry(lease.agent.clone()).or_default();
        of_agent.push(lease.path.clone());
    }
    for id in agents {
        // One by one: their texts are long, and most of them are not shown here.
        let Some(stored) = rows.agent(project, &id)? else {
            continue;
        };
        let agent = agent::seen_at(stored, now);
        let (todos, done) = tasks.get(agent.id.as_str()).copied().unwrap_or_default();
        stats.active_agents += u64::from(agent.is_alive && agent::is_working(agent.status));
        stats.total_todos += todos;
        stats.completed_todos += done;
        let status = serde_json::to_value(agent.status)?;
        let row = CoordinationAgent {
            agent_id: agent.id.clone(),
            project_id: project.clone(),
            task_id: agent.task_id,
            branch: agent.branch,
            description: shortened(&agent.description.unwrap_or_default()),
            status: status.as_str().unwrap_or_default().to_owned(),
            started_at: agent.started_at,
            last_heartbeat: agent.last_heartbeat,
            is_alive: agent.is_alive,
            todo_count: todos,
            completed_todos: done,
            file_locks: paths.remove(&agent.id).unwrap_or_default(),
        };
        stats.agents.insert(agent.id.to_string(), row);
    }
    if stats.total_todos > 0 {
        stats.todo_completion_rate =
            stats.completed_todos as f64 * 100.0 / stats.total_todos as f64;
    }
    for lease in leases {
        stats.file_locks.insert(lease.path, lease.agent.to_string());
    }
    for (from, to) in rows.correspondents(project)? {
        stats
            .communication_graph
            .entry(from)
            .or_default()
            .push(to.to_string());
    }
    Ok(stats)
}

/// Event types about agents: the type, its older name, and the field of the data that names the
/// agent.
const KINDS: &[(&str, &str, &str)] = &[
    ("agent_spawned", "agent_registered", "session"),
    ("agent_status_update", "agent_heartbeat", "id"),
    ("agent_messages", "agent_communication", "agent"),
    ("task_completed", "task_completed", "session"),
];

#[derive(Deserialize)]
struct Seen {
    timestamp: Timestamp,
    #[serde(default)]
    data: Value,
}

/// Returns the newest events for the coordination monitor.
pub fn events(
    rows: &dyn Read,
    project: &ProjectId,
    limit: usize,
) -> Result<Vec<CoordinationEvent>> {
    exists::require(rows, project)?;
    let kinds: Vec<_> = KINDS.iter().map(|(kind, _, _)| *kind).collect();
    let mut events = Vec::new();
    for row in rows.events_of_kinds(&StreamId::project(project), &kinds, limit)? {
        let Some((_, name, field)) = KINDS.iter().find(|(kind, _, _)| *kind == row.kind) else {
            continue;
        };
        let seen: Seen = serde_json::from_slice(&row.message)?;
        events.push(CoordinationEvent {
            event_type: (*name).to_owned(),
            project_id: project.clone(),
            agent_id: seen.data[field].as_str().unwrap_or_default().to_owned(),
            timestamp: seen.timestamp,
            data: seen.data,
        });
    }
    Ok(events)
}
