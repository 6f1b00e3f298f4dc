//! Memory of the sessions that sent events.

use std::collections::HashMap;

use tasktree_protocol::agent::Source;
use tasktree_protocol::{AgentId, ProjectId};

use super::{HookRequest, caller};
use crate::auth::Principal;
use crate::domain::hook::{Hook, Memory};

/// Number of remembered sessions. Beyond it, the half that was used longest ago is forgotten.
const SESSIONS: usize = 10_000;

/// Session of a harness, as one caller reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Key {
    caller: String,
    source: Option<Source>,
    session: String,
    /// Project that the request names.
    project: Option<ProjectId>,
}

impl Key {
    pub(super) fn new(principal: &Principal, request: &HookRequest, hook: &Hook) -> Self {
        Self {
            caller: caller(principal),
            source: Some(hook.source),
            session: hook.session.clone(),
            project: request.project.clone(),
        }
    }

    pub(super) fn is_of(&self, caller: &str) -> bool {
        self.caller == caller
    }
}

/// Memory of one session.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) memory: Memory,
    pub(super) project: Option<ProjectId>,
    pub(super) agent: Option<AgentId>,
    /// Number of the last use.
    used: u64,
}

/// Memory of all sessions.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    known: HashMap<Key, Known>,
    uses: u64,
}

impl Sessions {
    /// Returns what is known of a session.
    pub(super) fn get(&self, key: &Key) -> Known {
        self.known.get(key).cloned().unwrap_or_default()
    }

    /// Forgets a session.
    pub(super) fn forget(&mut self, key: &Key) {
        self.known.remove(key);
    }

    /// Remembers the place of a session; returns its memory, to add an event to it.
    pub(super) fn note(
        &mut self,
        key: &Key,
        project: &ProjectId,
        agent: Option<&AgentId>,
    ) -> &mut Memory {
        if self.known.len() >= SESSIONS && !self.known.contains_key(key) {
            let mut uses: Vec<u64> = self.known.values().map(|known| known.used).collect();
            let (_, middle, _) = uses.select_nth_unstable(SESSIONS / 2);
            let middle = *middle;
            self.known.retain(|_, known| known.used > middle);
        }
        self.uses += 1;
        let known = self.known.entry(key.clone()).or_default();
        known.used = self.uses;
        known.project = Some(project.clone());
        known.agent = agent.cloned();
        &mut known.memory
    }
}
