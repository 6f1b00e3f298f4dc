//! Agents of tool calls, for a short time.
//!
//! A call of a tool of this server carries the id of the tool call, and the hook before it told
//! which session makes that call. The id is in memory before the hook is answered.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tasktree_protocol::{AgentId, ProjectId};
use tokio::time::{Instant, timeout_at};

use super::sessions::Key;
use super::{Hooks, caller, lock};
use crate::auth::Principal;

/// Time for which the agent of a tool call is remembered, in milliseconds.
const KEPT_MS: i64 = 10 * 60_000;

/// Number of remembered tool calls. A further one drops the oldest.
const CALLS: usize = 10_000;

/// Agent that makes a tool call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallOf {
    /// Project of the agent.
    pub project: ProjectId,
    /// The agent.
    pub agent: AgentId,
    /// Its subagent, if one makes the call.
    pub subagent: Option<String>,
}

/// Session of a tool call.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) subagent: Option<String>,
    pub(super) arrived: i64,
}

/// Sessions of the last tool calls.
#[derive(Debug, Default)]
pub(super) struct Calls {
    entries: HashMap<String, Entry>,
    order: VecDeque<String>,
}

impl Calls {
    pub(super) fn note(&mut self, call: String, entry: Entry) {
        let now = entry.arrived;
        if self.entries.insert(call.clone(), entry).is_none() {
            self.order.push_back(call);
        }
        while let Some(oldest) = self.order.front() {
            let is_over = self
                .entries
                .get(oldest)
                .is_none_or(|entry| now - entry.arrived > KEPT_MS);
            if !is_over && self.order.len() <= CALLS {
                break;
            }
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }

    fn get(&self, call: &str, now: i64) -> Option<&Entry> {
        let found = self.entries.get(call);
        found.filter(|entry| (0..=KEPT_MS).contains(&(now - entry.arrived)))
    }
}

impl Hooks {
    /// Returns the agent that makes a tool call of this caller, if a hook has told.
    ///
    /// The hook of a call may come a moment after the call itself, so this waits up to `patience`.
    pub async fn agent_of_call(
        &self,
        principal: &Principal,
        call: &str,
        patience: Duration,
    ) -> Option<CallOf> {
        let deadline = Instant::now() + patience;
        loop {
            let placed = self.shared.placed.notified();
            tokio::pin!(placed);
            placed.as_mut().enable();
            if let Some(found) = self.known_call(principal, call) {
                return Some(found);
            }
            if timeout_at(deadline, placed).await.is_err() {
                return self.known_call(principal, call);
            }
        }
    }

    fn known_call(&self, principal: &Principal, call: &str) -> Option<CallOf> {
        let now = self.shared.service.now().unix_millis(0);
        let entry = lock(&self.shared.calls).get(call, now).cloned()?;
        if !entry.key.is_of(&caller(principal)) {
            return None;
        }
        let known = lock(&self.shared.sessions).get(&entry.key);
        Some(CallOf {
            project: known.project?,
            agent: known.agent?,
            subagent: entry.subagent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tool_calls_are_forgotten_after_ten_minutes_and_the_oldest_when_there_are_many() {
        let mut calls = Calls::default();
        let entry = |arrived| Entry {
            key: Key::default(),
            subagent: None,
            arrived,
        };
        calls.note("a".to_owned(), entry(0));
        assert!(calls.get("a", KEPT_MS).is_some());
        assert!(calls.get("a", KEPT_MS + 1).is_none());
        calls.note("b".to_owned(), entry(KEPT_MS + 1));
        assert_eq!(calls.entries.len(), 1);
        for number in 0..CALLS {
            calls.note(number.to_string(), entry(KEPT_MS + 2));
        }
        assert_eq!(calls.entries.len(), CALLS);
        assert!(calls.get("b", KEPT_MS + 2).is_none());
    }
}
