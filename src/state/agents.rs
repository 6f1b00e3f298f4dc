//! The agents of a project, without signals.

use std::collections::{BTreeMap, HashMap};

use tasktree_protocol::{Agent, AgentId, TaskCard, TaskId, Timestamp};

/// Shortest step in which an agent's last heartbeat is updated, in milliseconds. No age on the page
/// is shown more precisely.
const HEARD_STEP_MS: i64 = 15_000;

/// Agents, sorted by id. There are at most a thousand.
#[derive(Debug, Default)]
pub(super) struct Agents(Vec<Agent>);

impl Agents {
    /// Replaces all agents with a snapshot.
    pub(super) fn replace_all(&mut self, agents: Vec<Agent>) {
        self.0.clear();
        for agent in agents {
            self.upsert(agent);
        }
    }

    /// Stores the server's row.
    pub(super) fn upsert(&mut self, agent: Agent) {
        match self.position(&agent.id) {
            Ok(at) => self.0[at] = agent,
            Err(at) => self.0.insert(at, agent),
        }
    }

    /// Removes an agent that is no longer registered.
    pub(super) fn remove(&mut self, id: &AgentId) {
        if let Ok(at) = self.position(id) {
            self.0.remove(at);
        }
    }

    /// Returns the position of an agent, or the one at which it belongs.
    fn position(&self, id: &AgentId) -> Result<usize, usize> {
        self.0.binary_search_by(|agent| agent.id.cmp(id))
    }

    /// Records when a known agent was last heard from. Returns true if the change is worth showing.
    /// Such a message has no position in the log, so it must neither add an agent that was removed
    /// since, nor restore the state that an agent had then.
    pub(super) fn heard(&mut self, id: &AgentId, at: Timestamp) -> bool {
        let Some(agent) = self.position(id).ok().and_then(|at| self.0.get_mut(at)) else {
            return false;
        };
        let before = agent.last_heartbeat.map_or(0, |at| at.unix_millis(0));
        let is_later = at.unix_millis(0) - before >= HEARD_STEP_MS;
        if is_later {
            agent.last_heartbeat = Some(at);
        }
        is_later
    }

    /// Removes the agents that are not among `names`. Returns true if `names` has one that is not
    /// known here.
    pub(super) fn keep_only<T>(&mut self, names: &BTreeMap<String, T>) -> bool {
        self.0.retain(|agent| names.contains_key(agent.id.as_str()));
        names.len() > self.0.len()
    }

    /// Returns an agent.
    pub(super) fn one(&self, id: &AgentId) -> Option<&Agent> {
        self.position(id).ok().map(|at| &self.0[at])
    }

    /// Returns all agents, by name.
    pub(super) fn list(&self) -> Vec<Agent> {
        self.0.clone()
    }

    /// Returns the agents by the task that they work on.
    pub(super) fn by_task(&self) -> HashMap<TaskId, Vec<&Agent>> {
        let mut by_task: HashMap<TaskId, Vec<&Agent>> = HashMap::new();
        for agent in &self.0 {
            if let Some(task) = agent.task() {
                by_task.entry(task).or_default().push(agent);
            }
        }
        by_task
    }

    /// Returns the agent that a card shows: the holder of the task, or else one that works on it
    /// and is alive.
    pub(super) fn on(by_task: &HashMap<TaskId, Vec<&Agent>>, card: &TaskCard) -> Option<Agent> {
        let there = by_task.get(&card.id)?;
        let holder = there
            .iter()
            .find(|agent| card.session.as_deref() == Some(agent.id.as_str()));
        holder
            .or_else(|| there.iter().find(|agent| agent.is_alive))
            .map(|agent| (*agent).clone())
    }
}
