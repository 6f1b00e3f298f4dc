//! One agent: a session of a harness.

use std::collections::BTreeMap;

use tasktree_protocol::AgentStatus;
use tasktree_protocol::agent::{Source, WaitKind};

use super::{LEASE, NO_PROGRESS, RENEWED_AFTER, SILENT, SILENT_BUSY, SILENT_RESTING, edited};
use crate::wire::{Said, Tool, Wire};

/// Time after the beginning of a wait in which another call that begins may run beside it.
const BESIDE: i64 = 2_000;

/// State of an agent.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) source: Source,
    pub(crate) folder: String,
    pub(crate) status: AgentStatus,
    pub(crate) wait: Option<Wait>,
    pub(crate) session_open: bool,
    pub(crate) turn_open: bool,
    /// Last sign of life.
    pub(crate) heard: i64,
    /// Last progress, or the later time at which it began to work again.
    pub(crate) progressed: Option<i64>,
    pub(crate) holds: Option<u64>,
    /// True if its task was taken from it, and it has claimed none since.
    pub(crate) lost: bool,
    /// Task that it failed at, until it works again.
    pub(crate) failed_at: Option<u64>,
    pub(crate) silent: bool,
    pub(crate) children: BTreeMap<String, Child>,
    /// Ends of its leases.
    pub(crate) leases: BTreeMap<String, i64>,
}

/// A running subagent.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) seen: i64,
    pub(crate) turn_open: bool,
}

/// A wait of an agent.
#[derive(Clone, Debug)]
pub(crate) struct Wait {
    pub(crate) kind: WaitKind,
    pub(crate) since: i64,
    pub(crate) until: Option<i64>,
    /// Call that waits, if the harness names it.
    call: Option<Tool>,
    /// Subagent that waits.
    child: Option<String>,
    /// True if the agent reported the wait itself.
    own: bool,
    pub(crate) answered: bool,
}

impl Wait {
    /// Returns the wait of an agent that asks by itself.
    pub(super) fn own(now: i64) -> Self {
        Self {
            own: true,
            ..Self::new(WaitKind::Question, now)
        }
    }

    fn new(kind: WaitKind, now: i64) -> Self {
        Self {
            kind,
            since: now,
            until: None,
            call: None,
            child: None,
            own: false,
            answered: false,
        }
    }

    /// Returns true if a call that begins or ends shows that the wait is over.
    fn ends_with(&self, child: Option<&String>, step: Step<'_>, opens: bool, now: i64) -> bool {
        if self.own {
            return opens;
        }
        if self.kind == WaitKind::RateLimit {
            return child.is_none();
        }
        let is_old = now - self.since >= BESIDE;
        match (step, &self.call) {
            (Step::Ends(tool), Some(call)) if tool == call => true,
            _ if child != self.child.as_ref() => false,
            (Step::Ends(_), None) => true,
            (Step::Ends(_), Some(_)) => false,
            (Step::Begins(tool), call) => {
                is_old && tool.is_none_or(|tool| Some(tool) != call.as_ref())
            }
        }
    }
}

/// Step of a turn.
#[derive(Clone, Copy)]
enum Step<'a> {
    Begins(Option<&'a Tool>),
    Ends(&'a Tool),
}

impl Actor {
    pub(super) fn new(wire: &Wire, now: i64) -> Self {
        Self {
            source: wire.harness.source(),
            folder: wire.folder.clone(),
            status: AgentStatus::Working,
            wait: None,
            session_open: true,
            turn_open: false,
            heard: now,
            progressed: None,
            holds: None,
            lost: false,
            failed_at: None,
            silent: false,
            children: BTreeMap::new(),
            leases: BTreeMap::new(),
        }
    }

    pub(super) fn is_heard(&mut self, now: i64) {
        self.heard = now;
        self.silent = false;
    }

    /// Changes the status to one that is no wait.
    pub(super) fn rest(&mut self, status: AgentStatus) {
        self.status = status;
        self.wait = None;
        if status.is_open() {
            self.failed_at = None;
        }
    }

    fn work(&mut self, now: i64) {
        if self.status != AgentStatus::Working && self.progressed.is_some() {
            self.progressed = Some(now);
        }
        self.rest(AgentStatus::Working);
    }

    pub(super) fn waits(&mut self, wait: Wait) {
        self.rest(AgentStatus::Waiting);
        self.wait = Some(wait);
    }

    /// Returns the number of subagents that the board shows: none once the agent has finished.
    pub(crate) fn shown_children(&self) -> usize {
        match self.status.is_open() {
            true => self.children.len(),
            false => 0,
        }
    }

    /// Returns true if the agent could claim a task.
    pub(super) fn is_free(&self) -> bool {
        matches!(self.status, AgentStatus::Working | AgentStatus::Idle)
            && !self.silent
            && self.holds.is_none()
            && !self.has_open_turn()
    }

    fn has_open_turn(&self) -> bool {
        self.turn_open || self.children.values().any(|child| child.turn_open)
    }

    /// Applies an event; returns the task that the agent fails at.
    pub(super) fn hear(&mut self, wire: &Wire, said: &Said, now: i64) -> Option<u64> {
        if !self.session_open {
            let revives = matches!(
                said,
                Said::Starts { .. } | Said::Prompt | Said::Begins(_) | Said::Asks(_)
            );
            if !revives {
                return None;
            }
            self.session_open = true;
        }
        self.is_heard(now);
        match said {
            Said::Starts { .. } => {
                self.children.clear();
                self.turn_open = false;
                if self.status.is_open() {
                    self.rest(AgentStatus::Idle);
                }
            }
            // It tells no prompt, only that the session is at work.
            Said::Prompt if self.source == Source::OpenCode => {
                self.step(None, Step::Begins(None), now);
            }
            Said::Prompt => {
                self.turn_open = true;
                self.work(now);
            }
            Said::Begins(tool) => self.step(None, Step::Begins(Some(tool)), now),
            Said::Ends(tool) | Said::Denied(tool) => self.step(None, Step::Ends(tool), now),
            Said::Replied => self.step(None, Step::Begins(None), now),
            Said::Asks(tool) => {
                self.turn_open = true;
                self.asks(wire, tool, None, now);
            }
            Said::Stops => self.stops(),
            Said::Limited(seconds) => {
                self.turn_open = false;
                self.waits(Wait {
                    until: Some(now + seconds * 1_000),
                    ..Wait::new(WaitKind::RateLimit, now)
                });
            }
            Said::Fails => {
                self.turn_open = false;
                if self.status.is_open() && self.lost {
                    self.rest(AgentStatus::Idle);
                } else if self.status.is_open() {
                    self.rest(AgentStatus::Failed);
                    self.leases.clear();
                    self.failed_at = self.holds.take();
                    return self.failed_at;
                }
            }
            Said::Leaves => self.leaves(),
            Said::ChildStarts(id) => self.child_is_seen(id, now),
            Said::ChildBegins(id, tool) => self.step(Some(id), Step::Begins(Some(tool)), now),
            Said::ChildEnds(id, tool) => self.step(Some(id), Step::Ends(tool), now),
            Said::ChildAsks(id, tool) => {
                self.child_is_seen(id, now);
                self.asks(wire, tool, Some(id), now);
            }
            Said::ChildStops(id) => {
                self.children.remove(id);
                let waited = self.wait.as_ref().and_then(|wait| wait.child.as_ref());
                if waited == Some(id) {
                    self.work(now);
                }
            }
            Said::Reminds | Said::Murmurs => {}
        }
        None
    }

    fn child_is_seen(&mut self, id: &str, now: i64) {
        let child = Child {
            seen: now,
            turn_open: true,
        };
        self.children.insert(id.to_owned(), child);
    }

    /// Applies the beginning or the end of a tool call.
    fn step(&mut self, child: Option<&String>, step: Step<'_>, now: i64) {
        let opens = match child {
            Some(id) => {
                self.child_is_seen(id, now);
                false
            }
            None => !std::mem::replace(&mut self.turn_open, true),
        };
        let goes_on = match (&self.wait, self.status) {
            (Some(wait), _) => wait.ends_with(child, step, opens, now),
            (None, AgentStatus::Idle) => child.is_none(),
            (None, AgentStatus::Done | AgentStatus::Failed) => opens,
            (None, _) => false,
        };
        if goes_on {
            self.work(now);
        }
        let (Step::Begins(Some(tool)) | Step::Ends(tool)) = step else {
            return;
        };
        self.progressed = Some(now);
        if let Some(path) = edited(tool) {
            let end = self.leases.get(path);
            if end.is_none_or(|end| end - now <= LEASE - RENEWED_AFTER) {
                self.leases.insert(path.clone(), now + LEASE);
            }
        }
    }

    fn asks(&mut self, wire: &Wire, tool: &Tool, child: Option<&String>, now: i64) {
        let asked = Wait {
            call: wire.harness.names_call().then(|| tool.clone()),
            child: child.cloned(),
            ..Wait::new(WaitKind::Permission, now)
        };
        let is_same =
            |wait: &Wait| !wait.own && (&wait.call, &wait.child) == (&asked.call, &asked.child);
        if !self.wait.as_ref().is_some_and(is_same) {
            self.waits(asked);
        }
    }

    fn stops(&mut self) {
        let was_open = std::mem::replace(&mut self.turn_open, false);
        let keeps_waiting = self
            .wait
            .as_ref()
            .is_some_and(|wait| wait.own || (wait.kind == WaitKind::RateLimit && !was_open));
        if self.status.is_open() && !keeps_waiting {
            self.rest(AgentStatus::Idle);
        }
    }

    fn leaves(&mut self) {
        (self.session_open, self.turn_open) = (false, false);
        self.children.clear();
        self.leases.clear();
        if self.status.is_open() {
            self.rest(AgentStatus::Idle);
            self.silent = true;
        }
    }

    /// Returns the time at which the agent falls silent, unless it is heard before.
    fn silent_at(&self) -> Option<i64> {
        let limit = match self.status {
            AgentStatus::Done | AgentStatus::Failed => return None,
            AgentStatus::Idle | AgentStatus::Waiting if self.session_open => SILENT_RESTING,
            _ if self.has_open_turn() => SILENT_BUSY,
            _ => SILENT,
        };
        Some(self.heard + limit).filter(|_| !self.silent)
    }

    /// Returns the time since which an agent that works has made no progress.
    pub(super) fn stuck_since(&self) -> Option<i64> {
        let works = self.status == AgentStatus::Working && !self.silent;
        self.progressed
            .filter(|_| works && (self.holds.is_some() || self.turn_open))
    }

    pub(super) fn sweep(&mut self, now: i64) {
        self.leases.retain(|_, end| *end > now);
        if self.silent_at().is_some_and(|at| at <= now) {
            self.silent = true;
            self.leases.clear();
        }
        self.children
            .retain(|_, child| child.seen + SILENT_BUSY > now);
    }

    /// Returns the times at which time alone changes something.
    pub(super) fn deadlines(&self) -> Vec<i64> {
        let mut all: Vec<i64> = self.leases.values().copied().collect();
        all.extend(self.children.values().map(|child| child.seen + SILENT_BUSY));
        all.extend(self.silent_at());
        all.extend(self.stuck_since().map(|since| since + NO_PROGRESS));
        all.extend(self.wait.as_ref().and_then(|wait| wait.until));
        all
    }
}
