//! The agents of a project, without signals.

use std::collections::{BTreeMap, HashMap};

use tasktree_protocol::{Agent, AgentId, TaskCard, TaskId, Timestamp};

/// An agent that is heard again sooner than this is not noted, in milliseconds: no age that is shown is finer.
const HEARD_STEP_MS: i64 = 15_000;

/// All agents, by identifier.
#[derive(Debug, Default)]
pub(super) struct Agents(BTreeMap<AgentId, Agent>);

impl Agents {
    /// Takes a snapshot.
    pub(super) fn replace_all(&mut self, agents: Vec<Agent>) {
        self.0.clear();
        self.0
            .extend(agents.into_iter().map(|agent| (agent.id.clone(), agent)));
    }

    /// Takes the server's row.
    pub(super) fn upsert(&mut self, agent: Agent) {
        self.0.insert(agent.id.clone(), agent);
    }

    /// Forgets an agent that is no longer registered.
    pub(super) fn remove(&mut self, id: &AgentId) {
        self.0.remove(id);
    }

    /// Notes when a known agent was heard; says whether that is worth showing. Such a message has no place in the log: of an agent that is
    /// gone since it must not make one that is there, nor give one the state it had then.
    pub(super) fn heard(&mut self, id: &AgentId, at: Timestamp) -> bool {
        let Some(agent) = self.0.get_mut(id) else {
            return false;
        };
        let before = agent.last_heartbeat.map_or(0, |at| at.unix_millis(0));
        let is_later = at.unix_millis(0) - before >= HEARD_STEP_MS;
        if is_later {
            agent.last_heartbeat = Some(at);
        }
        is_later
    }

    /// Forgets agents that are not among `names`; says whether `names` has one that is not known here.
    pub(super) fn keep_only<T>(&mut self, names: &BTreeMap<String, T>) -> bool {
        self.0.retain(|id, _| names.contains_key(id.as_str()));
        names.len() > self.0.len()
    }

    /// All of them, by name.
    pub(super) fn list(&self) -> Vec<Agent> {
        self.0.values().cloned().collect()
    }

    /// The agents by the task that they work on.
    pub(super) fn by_task(&self) -> HashMap<TaskId, Vec<&Agent>> {
        let mut by_task: HashMap<TaskId, Vec<&Agent>> = HashMap::new();
        for agent in self.0.values() {
            if let Some(task) = agent.task() {
                by_task.entry(task).or_default().push(agent);
            }
        }
        by_task
    }

    /// The agent that a card shows: the one that holds the task, else whichever works on it and is alive.
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
