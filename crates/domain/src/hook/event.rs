//! The normalized event.

use tasktree_protocol::agent::{Source, WaitKind};

/// Event of a harness in the terms of the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Harness.
    pub source: Source,
    /// Id of the session. Bodies without one are identified by their folder.
    pub session: String,
    /// Name of the agent without the harness, if the session's id is not to be used for it.
    pub nickname: Option<String>,
    /// Session that started this one.
    pub parent: Option<String>,
    /// Subagent of the session that the event is about.
    pub subagent: Option<String>,
    /// Name that the harness gave the event.
    pub event: String,
    /// Folder of the session.
    pub folder: Option<String>,
    /// Time of the event by the harness's clock, in milliseconds since 1970.
    pub at: Option<i64>,
    /// Id of the turn that the event belongs to.
    pub turn: Option<String>,
    /// Id of the tool call that the event is about.
    pub tool_use_id: Option<String>,
    /// Meaning of the event.
    pub deed: Deed,
}

/// Meaning of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The session began, or its process was started again.
    Born {
        /// True if the session begins with a prompt, and works at once.
        works: bool,
    },
    /// The agent works.
    Work(Work),
    /// The agent waits for a person.
    Waits(Asked),
    /// The turn ended at a usage limit.
    Limited {
        /// Words of the harness.
        text: String,
        /// Expected end of the limit, in milliseconds since 1970.
        until: Option<i64>,
    },
    /// The turn failed.
    Failed {
        /// Reason that the harness gave.
        reason: String,
    },
    /// The turn ended.
    Idle {
        /// Summary of the last message.
        note: Option<String>,
        /// True if programs that the agent started still run.
        busy: bool,
        /// True for a reminder that the session has been idle for a while.
        is_reminder: bool,
    },
    /// A person has answered the wait on the board, and the harness has the answer.
    Decided,
    /// Nobody has answered the wait on the board in time: the harness asks in its terminal.
    Undecided,
    /// A subagent began.
    ChildStart,
    /// A subagent ended.
    ChildStop,
    /// The session ended.
    Gone,
    /// The agent changed its own list of things to do.
    Todos(String),
    /// Anything else: a sign of life.
    Alive,
}

/// Work of an agent. Several events in a row are one: see [`Work::absorb`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// True if a person has sent a prompt.
    pub prompts: bool,
    /// True if a tool call or a turn began.
    pub begins: bool,
    /// Summary of the tool call that began last.
    pub begun: Option<String>,
    /// Summaries of the tool calls that ended.
    pub ended: Vec<String>,
    /// Summary of the activity.
    pub activity: Option<String>,
    /// Files that are edited.
    pub paths: Vec<String>,
}

/// Files of one event that are leased.
pub(super) const PATHS: usize = 50;

/// Ended tool calls that are remembered for one write.
const CALLS: usize = 50;

impl Work {
    /// Adds later work, as if both were one event.
    pub fn absorb(&mut self, later: Self) {
        self.prompts |= later.prompts;
        self.begins |= later.begins;
        self.begun = later.begun.or(self.begun.take());
        self.activity = later.activity.or(self.activity.take());
        for path in later.paths {
            if self.paths.len() < PATHS && !self.paths.contains(&path) {
                self.paths.push(path);
            }
        }
        self.ended.extend(later.ended);
        let surplus = self.ended.len().saturating_sub(CALLS);
        self.ended.drain(..surplus);
    }
}

/// Wait of an agent for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Kind of wait.
    pub kind: WaitKind,
    /// Question, in one line.
    pub text: String,
    /// Answers that are offered.
    pub options: Vec<String>,
    /// Summary of the tool call that waits; none for a reminder that names no call.
    pub call: Option<String>,
}

impl Hook {
    /// Returns true for events that may be dropped or delayed when there are too many.
    pub fn is_activity(&self) -> bool {
        match &self.deed {
            Deed::Work(work) => !work.prompts,
            Deed::Alive | Deed::Todos(_) => true,
            Deed::Born { .. }
            | Deed::Waits(_)
            | Deed::Limited { .. }
            | Deed::Failed { .. }
            | Deed::Idle { .. }
            | Deed::Decided
            | Deed::Undecided
            | Deed::ChildStart
            | Deed::ChildStop
            | Deed::Gone => false,
        }
    }

    /// Merges a later event of the same session into this one, if both are work or signs of life.
    ///
    /// # Errors
    /// Returns the later event if they cannot be one.
    pub fn fold(&mut self, later: Self) -> Result<(), Box<Self>> {
        let is_same = self.session == later.session && self.subagent == later.subagent;
        if !is_same || !self.is_activity() || !later.is_activity() {
            return Err(Box::new(later));
        }
        let deed = match (&mut self.deed, later.deed) {
            (Deed::Work(work), Deed::Work(more)) => {
                work.absorb(more);
                None
            }
            (Deed::Work(_) | Deed::Todos(_), Deed::Alive) => None,
            (Deed::Alive, deed) => Some(deed),
            (_, deed) => return Err(Box::new(Self { deed, ..later })),
        };
        if let Some(deed) = deed {
            self.deed = deed;
        }
        self.event = later.event;
        self.folder = later.folder.or(self.folder.take());
        self.at = later.at.or(self.at);
        self.turn = later.turn.or(self.turn.take());
        self.tool_use_id = later.tool_use_id;
        Ok(())
    }
}
