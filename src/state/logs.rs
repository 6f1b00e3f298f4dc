//! The newest log lines of a project, in a ring of fixed size.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use leptos::prelude::{ArcRwSignal, LocalStorage, Signal, StoredValue, Update, WithValue};
use tasktree_protocol::event::{Level, LogLines};
use tasktree_protocol::{AgentId, TaskId, Timestamp};

use super::core::Core;
use crate::api::{self, LogEntry};

/// Lines that are kept; a panel shows a screenful of them.
pub(super) const KEPT_LINES: usize = 2_000;
/// Lines that are fetched when a panel opens.
const HISTORY_LINES: usize = 500;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its place among all lines of this page: a key for lists. Lines from before the page was opened count down from -1.
    pub index: i64,
    /// When it was sent.
    pub at: Timestamp,
    /// How serious.
    pub level: Level,
    /// Who wrote it; empty for the system.
    pub agent: Option<AgentId>,
    /// About which task.
    pub task: Option<TaskId>,
    /// What it says.
    pub text: String,
}

/// The log as a panel sees it.
#[derive(Clone, Copy, Debug)]
pub struct Logs {
    /// The lines, oldest first. Read it by reference; it is long.
    pub lines: Signal<VecDeque<LogLine>>,
    core: StoredValue<Weak<Core>, LocalStorage>,
}

impl Logs {
    /// Fetches lines from before the page was opened; the first call does.
    pub fn load(&self) {
        if let Some(core) = self.core.try_with_value(Weak::upgrade).flatten() {
            core.load_logs();
        }
    }
}

/// Lines, and those that the signal has not been told of.
#[derive(Default)]
pub(super) struct LogBuffer {
    lines: ArcRwSignal<VecDeque<LogLine>>,
    fresh: RefCell<Vec<LogLine>>,
    next: Cell<i64>,
    history_asked: Cell<bool>,
}

impl LogBuffer {
    pub(super) fn handle(&self, core: Weak<Core>) -> Logs {
        Logs {
            lines: self.lines.read_only().into(),
            core: StoredValue::new_local(core),
        }
    }

    /// Takes the lines of a message.
    pub(super) fn hear(&self, at: Timestamp, log: &LogLines) {
        let mut fresh = self.fresh.borrow_mut();
        for text in &log.lines {
            let index = self.next.get();
            self.next.set(index + 1);
            let (agent, task) = (log.agent.clone(), log.task_id.clone());
            fresh.push(LogLine {
                index,
                at,
                level: log.level,
                agent,
                task,
                text: text.clone(),
            });
        }
        // A storm of lines between two flushes must not fill the memory.
        let excess = fresh.len().saturating_sub(KEPT_LINES);
        fresh.drain(..excess);
    }

    /// Tells the signal.
    pub(super) fn flush(&self) {
        let fresh = self.fresh.take();
        if !fresh.is_empty() {
            self.lines.update(|lines| {
                lines.extend(fresh);
                let excess = lines.len().saturating_sub(KEPT_LINES);
                lines.drain(..excess);
            });
        }
    }

    /// Puts lines from before the page was opened in front; `stored` is oldest first.
    fn prepend(&self, stored: Vec<LogEntry>) {
        self.flush();
        self.lines.update(|lines| {
            // What was heard here is stored there too.
            let first = lines.front().map(|line| line.at.unix_millis(0));
            let mut index = 0;
            for entry in stored.into_iter().rev() {
                let is_here = first.is_some_and(|first| entry.at.unix_millis(0) >= first);
                if is_here || lines.len() >= KEPT_LINES {
                    continue;
                }
                index -= 1;
                let LogEntry {
                    at,
                    level,
                    agent,
                    task_id: task,
                    line: text,
                } = entry;
                lines.push_front(LogLine {
                    index,
                    at,
                    level,
                    agent,
                    task,
                    text,
                });
            }
        });
    }
}

impl Core {
    fn load_logs(self: &Rc<Self>) {
        if self.logs.history_asked.replace(true) {
            return;
        }
        let me = Rc::downgrade(self);
        let project = self.project.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let answer = api::project_logs(&project, HISTORY_LINES).await;
            let Some(core) = me.upgrade() else { return };
            match answer {
                Ok(stored) => core.logs.prepend(stored),
                // The next call tries again.
                Err(_) => core.logs.history_asked.set(false),
            }
        });
    }
}
