//! The newest log lines of a project, in a ring of fixed size.
//!
//! Lines are not numbered and not sent again. Where some may have been missed, what is stored is read and takes the place of what was
//! heard; only lines that came since the reading began go after it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use leptos::prelude::{ArcRwSignal, LocalStorage, Set, Signal, StoredValue, Update, WithValue};
use tasktree_protocol::Timestamp;
use tasktree_protocol::event::LogLines;

use super::board::Load;
use super::core::Core;
use super::refetch::Refetch;
use crate::api::{self, LogEntry};

/// Lines that are kept and shown.
pub const KEPT_LINES: usize = 500;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Tells it from all other lines of this page; the greater, the later the page learned of it. A key for lists.
    pub id: u64,
    /// What it says, who wrote it, and when.
    pub entry: LogEntry,
}

/// The log as a panel sees it.
#[derive(Clone, Copy, Debug)]
pub struct Logs {
    /// The lines, oldest first. Read it by reference; it is long.
    pub lines: Signal<VecDeque<LogLine>>,
    /// How the last reading of the stored lines went.
    pub load: Signal<Load>,
    core: StoredValue<Weak<Core>, LocalStorage>,
}

impl Logs {
    /// Reads the stored lines: for whoever opens a panel, and once the connection is back.
    pub fn read(&self) {
        if let Some(core) = self.core.try_with_value(Weak::upgrade).flatten() {
            core.read_logs();
        }
    }
}

/// Lines, and those that the signal has not been told of.
pub(super) struct LogBuffer {
    lines: ArcRwSignal<VecDeque<LogLine>>,
    load: ArcRwSignal<Load>,
    fresh: RefCell<Vec<LogLine>>,
    next: Cell<u64>,
    /// Made when lines are first asked for.
    refetch: OnceCell<Rc<Refetch>>,
}

impl LogBuffer {
    pub(super) fn new() -> Self {
        Self {
            lines: ArcRwSignal::default(),
            load: ArcRwSignal::new(Load::Loading),
            fresh: RefCell::default(),
            next: Cell::new(0),
            refetch: OnceCell::new(),
        }
    }

    pub(super) fn handle(&self, core: Weak<Core>) -> Logs {
        Logs {
            lines: self.lines.read_only().into(),
            load: self.load.read_only().into(),
            core: StoredValue::new_local(core),
        }
    }

    /// Takes the lines of a message.
    pub(super) fn hear(&self, at: Timestamp, log: &LogLines) {
        let mut fresh = self.fresh.borrow_mut();
        for line in &log.lines {
            let entry = LogEntry {
                at,
                level: log.level,
                agent: log.agent.clone(),
                task_id: log.task_id.clone(),
                line: line.clone(),
            };
            fresh.push(LogLine {
                id: self.next_id(),
                entry,
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
                keep_newest(lines);
            });
        }
    }

    /// The project begins anew, or is another one of that name: its lines are gone.
    pub(super) fn clear(&self) {
        self.fresh.take();
        self.lines.update(VecDeque::clear);
        if let Some(refetch) = self.refetch.get() {
            refetch.ask_now();
        }
    }

    /// Puts stored lines (oldest first) in the place of those with an id below `since`.
    fn replace(&self, mut stored: Vec<LogEntry>, since: u64) {
        self.flush();
        self.lines.update(|lines| {
            let mut late = lines.split_off(lines.partition_point(|line| line.id < since));
            // What came since then may be stored already.
            if let Some(first) = late.front()
                && let Some(at) = stored.iter().position(|entry| *entry == first.entry)
            {
                stored.truncate(at);
            }
            // A line that is here already stays the one that it is, also in a list that somebody reads.
            let mut known = std::mem::take(lines);
            for entry in stored {
                let here = known.iter().position(|line| line.entry == entry);
                let line = here.and_then(|at| known.drain(..=at).next_back());
                lines.push_back(line.unwrap_or_else(|| LogLine {
                    id: self.next_id(),
                    entry,
                }));
            }
            lines.append(&mut late);
            keep_newest(lines);
        });
    }

    fn next_id(&self) -> u64 {
        let id = self.next.get();
        self.next.set(id + 1);
        id
    }
}

fn keep_newest(lines: &mut VecDeque<LogLine>) {
    let excess = lines.len().saturating_sub(KEPT_LINES);
    lines.drain(..excess);
}

impl Core {
    /// Lines were written that nobody heard here. Where no panel has asked for any, it will when it opens.
    pub(super) fn lines_missed(&self) {
        if let Some(refetch) = self.logs.refetch.get() {
            refetch.ask();
        }
    }

    fn read_logs(&self) {
        let refetch = self.logs.refetch.get_or_init(|| {
            let me = self.me.clone();
            Refetch::new(Box::new(move || {
                let core = me.upgrade();
                Box::pin(async move {
                    if let Some(core) = core {
                        core.fetch_logs().await;
                    }
                })
            }))
        });
        refetch.ask_now();
    }

    async fn fetch_logs(&self) {
        let since = self.logs.next.get();
        let load = match api::project_logs(&self.project, KEPT_LINES).await {
            Ok(stored) => {
                self.logs.replace(stored, since);
                Load::Ready
            }
            // An older backend keeps none: the log begins with what comes.
            Err(error) if error.is_no_endpoint() => Load::Ready,
            Err(error) => Load::Failed(error),
        };
        self.logs.load.set(load);
    }
}
