//! Memory of a session between its events.
//!
//! Hooks run as programs of their own, so their events may come out of order and twice. An event
//! of a turn that has ended must not open it again. Where the bodies have the id of the turn or a
//! time, these decide; otherwise the order of arrival does, with [`LATE_MS`] of tolerance. After a
//! restart of the server nothing is remembered, and only the state of the agent decides.

use std::collections::HashMap;

use super::event::{Deed, Hook};

/// Time after the end of a turn in which its events count as late, in milliseconds.
///
/// A hook gives up after a second, so nothing that was sent before the end comes much later.
pub(super) const LATE_MS: i64 = 5_000;

/// Subagents whose ends are remembered per session.
const CHILDREN: usize = 64;

/// Memory of one session.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// End of the last turn, if none began since.
    closed: Option<Edge>,
    /// Last sign that the turn is open.
    opened: Option<Edge>,
    /// Ends of subagents.
    children: HashMap<String, Edge>,
    /// True if the session has ended.
    gone: bool,
    /// True if programs run although the turn has ended.
    busy: bool,
    /// Last wait of the turn.
    wait: Option<WaitOf>,
}

/// Beginning or end of a turn.
#[derive(Clone, Debug)]
struct Edge {
    turn: Option<String>,
    at: Option<i64>,
    arrived: i64,
}

impl Edge {
    fn of(hook: &Hook, arrived: i64) -> Self {
        Self {
            turn: hook.turn.clone(),
            at: hook.at,
            arrived,
        }
    }

    /// Returns true for a time of arrival shortly after this edge's.
    fn is_near(&self, arrived: i64) -> bool {
        (0..LATE_MS).contains(&(arrived - self.arrived))
    }
}

/// Origin of a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitOf {
    /// Summary of the tool call that waits, if the event named one.
    pub call: Option<String>,
    /// Subagent that waits.
    pub subagent: Option<String>,
    /// Time at which the event arrived, in milliseconds since 1970.
    pub arrived: i64,
    /// Question that the event opened.
    pub question: Option<u64>,
}

impl WaitOf {
    /// Returns true if an event reports the end of the call that waits. Without a known call, it
    /// may be any.
    pub fn is_ended_by(&self, hook: &Hook) -> bool {
        match (&hook.deed, &self.call) {
            (Deed::Work(work), Some(call)) => work.ended.contains(call),
            (Deed::Work(work), None) => !work.ended.is_empty(),
            _ => false,
        }
    }
}

impl Memory {
    /// Returns true for an event that belongs to a turn, a subagent or a session that has ended,
    /// and only arrived later.
    pub fn is_late(&self, hook: &Hook, arrived: i64) -> bool {
        let opens = match &hook.deed {
            Deed::Work(work) => work.prompts || work.begins,
            Deed::Waits(_) | Deed::Limited { .. } | Deed::Failed { .. } => true,
            Deed::Idle { is_reminder, .. } => {
                return self.gone || (*is_reminder && self.busy) || self.is_outrun(hook, arrived);
            }
            Deed::Alive | Deed::Todos(_) | Deed::ChildStop => return self.gone,
            Deed::ChildStart if self.gone => true,
            Deed::ChildStart | Deed::Born { .. } | Deed::Gone | Deed::Decided | Deed::Undecided => {
                return false;
            }
        };
        let closed = match &hook.subagent {
            Some(subagent) => self.children.get(subagent).or(
                // Subagents may go on after the turn, but not after the session.
                self.closed.as_ref().filter(|_| self.gone),
            ),
            None => self.closed.as_ref(),
        };
        let Some(closed) = closed else {
            return false;
        };
        let is_near = closed.is_near(arrived);
        match (&hook.turn, &closed.turn, hook.at, closed.at) {
            (Some(turn), Some(ended), ..) if turn != ended => false,
            // Another program may have kept the agent from stopping: then the turn goes on.
            (Some(_), Some(_), ..) => !opens || is_near,
            (.., Some(at), Some(ended)) if at != ended => at < ended,
            _ => {
                let prompts = matches!(&hook.deed, Deed::Work(work) if work.prompts);
                !prompts && (!opens || is_near)
            }
        }
    }

    /// Returns true for the end of a turn after which another turn has begun.
    fn is_outrun(&self, hook: &Hook, arrived: i64) -> bool {
        let opened = self
            .opened
            .as_ref()
            .filter(|opened| opened.is_near(arrived));
        opened.is_some_and(|opened| match (&hook.turn, &opened.turn) {
            (Some(turn), Some(other)) => turn != other,
            _ => hook.at.zip(opened.at).is_some_and(|(at, open)| at < open),
        })
    }

    /// Returns the origin of the last wait of the turn. It may be over: see
    /// [`WaitOf::question`].
    pub fn wait(&self) -> Option<&WaitOf> {
        self.wait.as_ref()
    }

    /// Remembers an event that is not late. `question` is the one that it asks.
    pub fn note(&mut self, hook: &Hook, arrived: i64, question: Option<u64>) {
        match &hook.deed {
            Deed::Born { .. } => *self = Self::default(),
            Deed::Work(work) => {
                if work.prompts || work.begins {
                    self.open(hook, arrived);
                }
            }
            Deed::Waits(asked) => {
                self.open(hook, arrived);
                // Otherwise it reminds of a question whose origin is known, if an event is it.
                if question.is_some() {
                    self.wait = Some(WaitOf {
                        call: asked.call.clone(),
                        subagent: hook.subagent.clone(),
                        arrived,
                        question,
                    });
                }
            }
            Deed::Idle { busy: true, .. } => {
                self.busy = true;
                self.wait = None;
            }
            Deed::Idle { .. } | Deed::Limited { .. } | Deed::Failed { .. } => {
                self.closed = Some(Edge::of(hook, arrived));
                self.busy = false;
                self.wait = None;
            }
            Deed::ChildStart => self.open(hook, arrived),
            Deed::ChildStop => {
                if let Some(subagent) = &hook.subagent {
                    if self.children.len() >= CHILDREN {
                        self.children.clear();
                    }
                    self.children
                        .insert(subagent.clone(), Edge::of(hook, arrived));
                }
            }
            Deed::Gone => {
                self.closed = Some(Edge::of(hook, arrived));
                self.gone = true;
                self.busy = false;
                self.wait = None;
            }
            Deed::Decided => self.wait = None,
            Deed::Undecided | Deed::Alive | Deed::Todos(_) => {}
        }
    }

    /// Remembers that a turn goes on.
    fn open(&mut self, hook: &Hook, arrived: i64) {
        match &hook.subagent {
            Some(subagent) => {
                self.children.remove(subagent);
            }
            None => {
                self.closed = None;
                self.opened = Some(Edge::of(hook, arrived));
                self.busy = false;
            }
        }
        self.gone = false;
    }
}
