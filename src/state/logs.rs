//! The newest log lines of a project, in a ring of fixed size.
//!
//! Lines are not numbered and not replayed. If some may have been missed, the stored lines are read
//! and replace the received ones; only lines that arrived since that read began follow them.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use leptos::prelude::{ArcRwSignal, LocalStorage, Set, Signal, StoredValue, Update, WithValue};
use tasktree_protocol::event::LogLines;
use tasktree_protocol::follower::Config;
use tasktree_protocol::{Cursor, Message, ProjectId, StreamId, Timestamp};

use super::board::Load;
use super::core::Core;
use super::following::{Fetching, Followed, Following, Replace};
use crate::api::{self, ApiError, LogEntry, Snapshot};

/// Number of lines that are kept and shown.
pub const KEPT_LINES: usize = 500;

/// Log line with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Unique id of the line on this page, a key for lists. Lines that the page received later have
    /// greater ids.
    pub id: u64,
    /// Text, author and time of the line.
    pub entry: LogEntry,
}

/// Log as a panel sees it.
#[derive(Clone, Copy, Debug)]
pub struct Logs {
    /// Lines, oldest first. Read them by reference: the list is long.
    pub lines: Signal<VecDeque<LogLine>>,
    /// State of the last read of the stored lines.
    pub load: Signal<Load>,
    core: StoredValue<Weak<Core>, LocalStorage>,
}

impl Logs {
    /// Reads the stored lines: when a panel opens, and once the connection is back.
    pub fn read(&self) {
        if let Some(core) = self.core.try_with_value(Weak::upgrade).flatten() {
            core.read_logs();
        }
    }
}

/// Log lines, and those that are not in the signal yet.
pub(super) struct LogBuffer {
    lines: ArcRwSignal<VecDeque<LogLine>>,
    load: ArcRwSignal<Load>,
    fresh: RefCell<Vec<LogLine>>,
    next: Cell<u64>,
    /// Created when lines are first requested.
    following: OnceCell<Rc<Following>>,
}

impl LogBuffer {
    pub(super) fn new() -> Self {
        Self {
            lines: ArcRwSignal::default(),
            load: ArcRwSignal::new(Load::Loading),
            fresh: RefCell::default(),
            next: Cell::new(0),
            following: OnceCell::new(),
        }
    }

    pub(super) fn handle(&self, core: Weak<Core>) -> Logs {
        Logs {
            lines: self.lines.read_only().into(),
            load: self.load.read_only().into(),
            core: StoredValue::new_local(core),
        }
    }

    /// Appends the lines of a message.
    pub(super) fn append(&self, at: Timestamp, log: &LogLines) {
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

    /// Moves the new lines into the signal.
    pub(super) fn flush(&self) {
        let fresh = self.fresh.take();
        if !fresh.is_empty() {
            self.lines.update(|lines| {
                lines.extend(fresh);
                keep_newest(lines);
            });
        }
    }

    /// Removes all lines, because the project was reset or replaced by another of that name.
    pub(super) fn clear(&self) {
        self.fresh.take();
        self.lines.update(VecDeque::clear);
        if let Some(following) = self.following.get() {
            following.fetch_now();
        }
    }

    /// Replaces the lines with an id below `since` by the stored lines (oldest first).
    fn replace(&self, mut stored: Vec<LogEntry>, since: u64) {
        self.flush();
        self.lines.update(|lines| {
            let mut late = lines.split_off(lines.partition_point(|line| line.id < since));
            // Lines that arrived since then may be stored already.
            if let Some(first) = late.front()
                && let Some(at) = stored.iter().position(|entry| *entry == first.entry)
            {
                stored.truncate(at);
            }
            // A known line keeps its id, also in a list that somebody reads.
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
    /// Reads the stored lines again, because some were not received. If no panel has requested any
    /// yet, it does so when it opens.
    pub(super) fn lines_missed(&self) {
        if let Some(following) = self.logs.following.get() {
            following.fetch_soon();
        }
    }

    fn read_logs(&self) {
        let following = self.logs.following.get_or_init(|| {
            let stored = StoredLines {
                core: self.me.clone(),
                project: self.project.clone(),
            };
            let stream = StreamId::project(&self.project);
            Following::new(stream, Config::default(), Box::new(stored))
        });
        following.fetch_now();
    }
}

/// Stored lines of an open project. Lines have no positions, so its follower gets no messages.
struct StoredLines {
    core: Weak<Core>,
    project: ProjectId,
}

impl StoredLines {
    fn set_load(&self, load: Load) {
        if let Some(core) = self.core.upgrade() {
            core.logs.load.set(load);
        }
    }
}

impl Followed for StoredLines {
    fn fetch(&self) -> Fetching {
        let (core, project) = (self.core.clone(), self.project.clone());
        let since = core.upgrade().map_or(0, |core| core.logs.next.get());
        Box::pin(async move {
            let replace: Replace = match api::project_logs(&project, KEPT_LINES).await {
                Ok(stored) => Box::new(move || {
                    if let Some(core) = core.upgrade() {
                        core.logs.replace(stored, since);
                    }
                }),
                // An older server stores none: the log begins with the first line received.
                Err(error) if error.is_no_endpoint() => Box::new(|| ()),
                Err(error) => return Err(error),
            };
            Ok(Snapshot {
                value: replace,
                cursor: None,
            })
        })
    }

    fn apply(&self, _: &Message, _: bool) {}

    fn show(&self) {
        self.set_load(Load::Ready);
    }

    fn acknowledge(&self, _: Option<Cursor>) {}

    /// Leaves the retry to the panel, which reads again once the connection is back.
    fn failed(&self, error: ApiError) -> bool {
        self.set_load(Load::Failed(error));
        false
    }
}
