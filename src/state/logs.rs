//! The newest log lines of a project, in a ring of fixed size.
//!
//! Lines are not numbered and not replayed. If some may have been missed, the stored lines are read
//! and replace the received ones; only lines that arrived since that read began follow them.

use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use leptos::prelude::{LocalStorage, Set, Signal, StoredValue, WithValue};
use tasktree_protocol::follower::Config;
use tasktree_protocol::{Cursor, Message, ProjectId, StreamId};

use super::core::Core;
use super::following::{Fetching, Followed, Following, Replace};
use super::load::Load;
use super::log_buffer::{KEPT_LINES, LogLine};
use crate::api::{self, ApiError, Snapshot};

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
    pub(super) fn of(core: &Rc<Core>) -> Self {
        Self {
            lines: core.logs.lines.read_only().into(),
            load: core.logs.load.read_only().into(),
            core: StoredValue::new_local(Rc::downgrade(core)),
        }
    }

    /// Reads the stored lines: when a panel opens, and once the connection is back.
    pub fn read(&self) {
        if let Some(core) = self.core.try_with_value(Weak::upgrade).flatten() {
            core.read_logs();
        }
    }
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
