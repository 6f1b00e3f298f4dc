//! The state of an agent, and the reason for which it waits, in words.

use tasktree_protocol::agent::{WaitKind, WaitingFor};
use tasktree_protocol::{Agent, AgentStatus};

use crate::i18n::I18n;

/// State of an agent, derived from its own report and its last heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It works.
    Running,
    /// Its turn has ended.
    Idle,
    /// It waits.
    Waiting,
    /// It has finished.
    Completed,
    /// It has given up.
    Failed,
    /// Nothing was heard from it for two minutes.
    Silent,
    /// A session that is not registered as an agent.
    Unknown,
}

impl Liveness {
    /// Returns the state of an agent. The server decides when one is silent, since this browser's
    /// clock may differ.
    pub fn of(agent: &Agent) -> Self {
        match agent.status {
            AgentStatus::Done => Self::Completed,
            AgentStatus::Failed => Self::Failed,
            _ if !agent.is_alive => Self::Silent,
            AgentStatus::Working => Self::Running,
            AgentStatus::Idle => Self::Idle,
            AgentStatus::Waiting => Self::Waiting,
        }
    }

    /// Returns its name in the style sheet.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Idle => "idle",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Silent => "silent",
            Self::Unknown => "unknown",
        }
    }

    /// Returns its name in words.
    pub fn name(self, i18n: I18n) -> Option<&'static str> {
        Some(match self {
            Self::Running => i18n.t(|s| s.agent.running),
            Self::Idle => i18n.t(|s| s.agent.idle),
            Self::Waiting => i18n.t(|s| s.agent.waiting),
            Self::Completed => i18n.t(|s| s.agent.completed),
            Self::Failed => i18n.t(|s| s.agent.failed),
            Self::Silent => i18n.t(|s| s.agent.silent),
            Self::Unknown => return None,
        })
    }
}

/// Returns the reason for which an agent waits, in its own words if it gave any.
pub fn waiting_text(i18n: I18n, wait: Option<&WaitingFor>) -> String {
    let Some(wait) = wait else {
        return i18n.t(|s| s.agent.waiting).to_owned();
    };
    if !wait.text.is_empty() {
        return wait.text.clone();
    }
    let name = match wait.kind {
        WaitKind::Question => i18n.t(|s| s.agent.waits_question),
        WaitKind::Permission => i18n.t(|s| s.agent.waits_permission),
        WaitKind::Auth => i18n.t(|s| s.agent.waits_auth),
        WaitKind::Dependency => i18n.t(|s| s.agent.waits_dependency),
        WaitKind::RateLimit => i18n.t(|s| s.agent.waits_rate_limit),
        WaitKind::Other => i18n.t(|s| s.agent.waiting),
    };
    name.to_owned()
}

/// Returns true for a wait that is an open question, which a person can answer on the board.
pub fn asks(wait: &WaitingFor) -> bool {
    wait.request.is_some() && (wait.kind.needs_person() || wait.kind == WaitKind::Other)
}
