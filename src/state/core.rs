//! The core of a [`BoardState`](super::BoardState): the data, its signals, and the flush from one
//! to the other.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use gloo_timers::callback::Timeout;
use leptos::prelude::{ArcRwSignal, GetUntracked, Update};
use tasktree_protocol::agent::Lease;
use tasktree_protocol::{Agent, ProjectId, TaskCard, TaskId, Timestamp};

use super::agents::Agents;
use super::cells::{Cells, Flash, Share, Shown, write};
use super::deletion_log::DeletionLog;
use super::filter::Filter;
use super::load::Load;
use super::log_buffer::LogBuffer;
use super::move_log::MoveLog;
use super::movers::Movers;
use super::rows::{Changes, Rows};
use super::syncing::Syncing;
use super::unsent::Unsent;
use crate::api::ApiError;
use crate::browser::clock::now_ms;
use crate::net::WebSocketHandle;

/// Shortest time between two flushes in a burst: one frame of a 60 Hz screen, in milliseconds.
pub const FRAME_MS: u32 = 16;
/// Age up to which a change by somebody else still flashes when its card appears, in milliseconds.
pub const FLASH_FRESH_MS: i64 = 1_000;

/// Signals of the whole board.
#[derive(Clone, Debug)]
pub(super) struct Signals {
    pub(super) load: ArcRwSignal<Load>,
    pub(super) refresh_error: ArcRwSignal<Option<ApiError>>,
    pub(super) team: ArcRwSignal<Load>,
    /// Version of each column; it rises when the column's tasks or their order change.
    pub(super) columns: [ArcRwSignal<u64>; 5],
    /// Version of all tasks; it rises when any task changes.
    pub(super) tasks: ArcRwSignal<u64>,
    pub(super) agents: ArcRwSignal<Vec<Agent>>,
    pub(super) leases: ArcRwSignal<Vec<Lease>>,
    pub(super) filter: ArcRwSignal<Filter>,
}

/// State of one open project.
pub(super) struct Core {
    pub(super) project: ProjectId,
    pub(super) socket: WebSocketHandle,
    pub(super) unsent: Unsent,
    pub(super) signals: Signals,
    pub(super) rows: RefCell<Rows>,
    pub(super) agents: RefCell<Agents>,
    pub(super) logs: LogBuffer,
    pub(super) changes: RefCell<Changes>,
    pub(super) agents_changed: Cell<bool>,
    pub(super) flashes: RefCell<HashMap<TaskId, Flash>>,
    pub(super) moves: RefCell<MoveLog>,
    pub(super) deletions: RefCell<DeletionLog>,
    pub(super) movers: RefCell<Movers>,
    /// Receiver that resolves when the last undo has begun.
    pub(super) undo_turn: Cell<Option<oneshot::Receiver<()>>>,
    shown: RefCell<Shown>,
    flush_due: RefCell<Option<Timeout>>,
    flush_queued: Cell<bool>,
    flushed_ms: Cell<i64>,
    pub(super) sync: Syncing,
    pub(super) me: Weak<Self>,
}

impl Core {
    pub(super) fn new(project: ProjectId, socket: WebSocketHandle, unsent: Unsent) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            project,
            socket,
            unsent,
            signals: Signals {
                load: ArcRwSignal::new(Load::Loading),
                refresh_error: ArcRwSignal::new(None),
                team: ArcRwSignal::new(Load::Loading),
                columns: std::array::from_fn(|_| ArcRwSignal::new(0)),
                tasks: ArcRwSignal::new(0),
                agents: ArcRwSignal::new(Vec::new()),
                leases: ArcRwSignal::new(Vec::new()),
                filter: ArcRwSignal::new(Filter::default()),
            },
            rows: RefCell::default(),
            agents: RefCell::default(),
            logs: LogBuffer::new(),
            changes: RefCell::default(),
            agents_changed: Cell::new(false),
            flashes: RefCell::default(),
            moves: RefCell::default(),
            deletions: RefCell::default(),
            movers: RefCell::default(),
            undo_turn: Cell::default(),
            shown: RefCell::default(),
            flush_due: RefCell::default(),
            flush_queued: Cell::new(false),
            flushed_ms: Cell::new(0),
            sync: Syncing::default(),
            me: me.clone(),
        })
    }

    /// Returns the signals of a task for one more reader, until [`Self::release_cells`]; `None` if
    /// the board does not show the task.
    pub(super) fn share_cells(&self, id: &TaskId) -> Option<(Cells, Share)> {
        self.shown.borrow_mut().share(id, || self.new_cells(id))
    }

    /// Removes a reader of a task's signals.
    pub(super) fn release_cells(&self, id: &TaskId, share: Share) {
        self.shown.borrow_mut().release(id, share);
    }

    fn new_cells(&self, id: &TaskId) -> Option<Cells> {
        let rows = self.rows.borrow();
        let card = rows.view(id)?;
        let agents = self.agents.borrow();
        let now = now_ms();
        let flash = self
            .flashes
            .borrow()
            .get(id)
            .filter(|flash| is_fresh(flash, now))
            .cloned();
        Some(Cells {
            card: ArcRwSignal::new(card.clone()),
            pending: ArcRwSignal::new(rows.is_pending(id)),
            blocked_by: ArcRwSignal::new(rows.blocked_by(id)),
            agent: ArcRwSignal::new(Agents::on(&agents.by_task(), card)),
            flash: ArcRwSignal::new(flash),
        })
    }

    /// Schedules a flush after the current message batch, at most once per frame in a burst.
    pub(super) fn schedule_flush(&self) {
        if self.flush_queued.replace(true) {
            return;
        }
        let me = self.me.clone();
        let flush = move || {
            if let Some(core) = me.upgrade() {
                core.flush();
            }
        };
        let since = now_ms() - self.flushed_ms.get();
        if (0..i64::from(FRAME_MS)).contains(&since) {
            self.flush_due.replace(Some(Timeout::new(FRAME_MS, flush)));
        } else {
            wasm_bindgen_futures::spawn_local(async move { flush() });
        }
    }

    /// Updates the signals of everything that changed since the last flush, and no others.
    pub(super) fn flush(&self) {
        self.flush_queued.set(false);
        self.flush_due.take();
        self.flushed_ms.set(now_ms());
        let changes = self.changes.take();
        let agents_changed = self.agents_changed.take();
        if agents_changed {
            let list = self.agents.borrow().list();
            write(&self.signals.agents, list);
        }
        if agents_changed || !changes.is_empty() {
            self.notify_cards(&changes, agents_changed);
            self.notify_columns(&changes, agents_changed);
        }
        self.logs.flush();
    }

    fn notify_cards(&self, changes: &Changes, agents_changed: bool) {
        let rows = self.rows.borrow();
        let mut shown = self.shown.borrow_mut();
        let mut flashes = self.flashes.borrow_mut();
        for id in &changes.tasks {
            if rows.truth(id).is_none() {
                shown.remove(id);
            }
            if let (Some(cells), Some(card)) = (shown.get(id), rows.view(id)) {
                write(&cells.card, card.clone());
                write(&cells.pending, rows.is_pending(id));
                if let Some(flash) = flashes.get(id) {
                    write(&cells.flash, Some(flash.clone()));
                }
            }
        }
        let now = now_ms();
        flashes.retain(|_, flash| is_fresh(flash, now));
        for id in &changes.blocked {
            if let Some(cells) = shown.get(id) {
                write(&cells.blocked_by, rows.blocked_by(id));
            }
        }
        let agents = self.agents.borrow();
        let by_task = agents.by_task();
        let tell_agent = |id: &TaskId, cells: &Cells| {
            if let Some(card) = rows.view(id) {
                write(&cells.agent, Agents::on(&by_task, card));
            }
        };
        if agents_changed {
            shown.iter().for_each(|(id, cells)| tell_agent(id, cells));
        } else {
            let changed = changes
                .tasks
                .iter()
                .filter_map(|id| Some((id, shown.get(id)?)));
            changed.for_each(|(id, cells)| tell_agent(id, cells));
        }
    }

    fn notify_columns(&self, changes: &Changes, agents_changed: bool) {
        let mut columns = changes.columns;
        let filter = self.signals.filter.get_untracked();
        if filter.is_wide() && (agents_changed || !changes.is_empty()) {
            columns = [true; 5];
        } else if !filter.is_empty() {
            // With a filter, a change of a card can make it appear or disappear.
            let rows = self.rows.borrow();
            for card in changes
                .tasks
                .iter()
                .chain(&changes.blocked)
                .filter_map(|id| rows.view(id))
            {
                columns[card.status as usize] = true;
            }
        }
        for (column, _) in self
            .signals
            .columns
            .iter()
            .zip(columns)
            .filter(|(_, changed)| *changed)
        {
            column.update(|version| *version += 1);
        }
        if !changes.is_empty() {
            self.signals.tasks.update(|version| *version += 1);
        }
    }

    /// Changes rows, and schedules a flush.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Rows, &mut Changes) -> T) -> T {
        let outcome = change(&mut self.rows.borrow_mut(), &mut self.changes.borrow_mut());
        self.schedule_flush();
        outcome
    }

    /// Stores the server's row.
    pub(super) fn upsert(&self, card: TaskCard) {
        self.change(|rows, changes| rows.upsert(card, changes));
    }

    /// Records that somebody else changed a task.
    pub(super) fn flash(&self, id: &TaskId, actor: Option<String>) {
        self.flashes.borrow_mut().insert(
            id.clone(),
            (
                actor.unwrap_or_default(),
                Timestamp::from_unix_millis(now_ms()),
            ),
        );
    }
}

fn is_fresh((_, at): &Flash, now: i64) -> bool {
    now - at.unix_millis(0) < FLASH_FRESH_MS
}
