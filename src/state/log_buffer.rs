//! Log lines of a project, in a ring of fixed size.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use leptos::prelude::{ArcRwSignal, Update};
use tasktree_protocol::Timestamp;
use tasktree_protocol::event::LogLines;

use super::following::Following;
use super::load::Load;
use crate::api::LogEntry;

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

/// Log lines, and those that are not in the signal yet.
pub(super) struct LogBuffer {
    pub(super) lines: ArcRwSignal<VecDeque<LogLine>>,
    pub(super) load: ArcRwSignal<Load>,
    fresh: RefCell<Vec<LogLine>>,
    pub(super) next: Cell<u64>,
    /// Created when lines are first requested.
    pub(super) following: OnceCell<Rc<Following>>,
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
    pub(super) fn replace(&self, mut stored: Vec<LogEntry>, since: u64) {
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
