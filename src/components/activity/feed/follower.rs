//! The follower that fills the list of events: the newest of the log, and then every event that
//! arrives.
//!
//! If the log and the events do not join, after a reset or when more was missed than is replayed,
//! the newest are read again.

use std::collections::VecDeque;

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{Cursor, Event, Message, ProjectId, StreamId};

use super::undo_of;
use crate::api::{self, ApiError};
use crate::net::{ConnectionState, use_websocket};
use crate::state::{Load, Undos, use_undos};
use crate::ui::Ring;

/// Number of events shown; as many are read when the page opens.
const SHOWN: usize = 200;

/// Follower of a project's events. It ends with the current owner, and can be copied into
/// callbacks.
#[derive(Clone, Copy)]
pub(super) struct Follower {
    /// Events that are shown.
    pub(super) feed: Ring<Message>,
    /// State of reading the log.
    pub(super) load: RwSignal<Load>,
    project: StoredValue<ProjectId>,
    /// Position of the last event of the project's log that is in the feed.
    position: StoredValue<Option<Cursor>>,
    /// Events received while the log is read; they are appended after it.
    early: StoredValue<Option<VecDeque<Message>>, LocalStorage>,
    is_legacy: Memo<bool>,
    undos: Undos,
}

/// Follows a project's events.
pub(super) fn follow(project: ProjectId) -> Follower {
    let socket = use_websocket();
    let follower = Follower {
        feed: Ring::new(SHOWN),
        load: RwSignal::new(Load::Loading),
        project: StoredValue::new(project),
        position: StoredValue::new(None),
        early: StoredValue::new_local(None),
        is_legacy: Memo::new(move |_| socket.state.get() == ConnectionState::Legacy),
        undos: use_undos(),
    };
    socket
        .on_message(move |message| follower.on_message(message))
        .forget();
    follower.read();
    let is_live = Memo::new(move |_| socket.state.with(ConnectionState::is_current));
    Effect::new(move |_| {
        // The connection is back, so a failed read may succeed now.
        if is_live.get() && matches!(follower.load.get_untracked(), Load::Failed(_)) {
            follower.read();
        }
    });
    follower
}

impl Follower {
    /// Reads the newest events, and replaces the shown ones.
    pub(super) fn read(self) {
        let is_reading = self
            .early
            .try_update_value(|early| early.replace(VecDeque::new()).is_some());
        // `None`: the page was left.
        if is_reading != Some(false) {
            return;
        }
        spawn_local(async move {
            let Some(project) = self.project.try_get_value() else {
                return;
            };
            let newest = newest_events(&project).await;
            if let Ok((events, _)) = &newest {
                // Before they are shown, so that an expired undo is not offered even for a moment.
                let known = events.iter().filter_map(undo_of).cloned().collect();
                self.undos.check(&project, known).await;
            }
            let Some(early) = self.early.try_update_value(Option::take) else {
                return;
            };
            match newest {
                Ok((events, position)) => {
                    self.position.set_value(position);
                    self.feed.replace(events);
                    self.load.set(Load::Ready);
                }
                Err(error) => self.load.set(Load::Failed(error)),
            }
            early
                .into_iter()
                .flatten()
                .for_each(|message| self.take(message));
        });
    }

    fn on_message(self, message: &Message) {
        let is_ours = self
            .project
            .try_with_value(|project| message.project_id.as_ref() == Some(project));
        if is_ours != Some(true) || self.is_passing(message) {
            return;
        }
        let is_early = self.early.try_update_value(|early| match early {
            Some(early) => {
                // The oldest would not be shown anyway; the gap is detected and read.
                if early.len() == SHOWN {
                    early.pop_front();
                }
                early.push_back(message.clone());
                true
            }
            None => false,
        });
        if is_early == Some(false) {
            self.take(message.clone());
        }
    }

    /// Returns true for log lines, which have a list of their own, and for heartbeats, which are
    /// not events. Older servers number nothing.
    fn is_passing(self, message: &Message) -> bool {
        matches!(message.event, Event::Log(_))
            || (message.seq.is_none() && !self.is_legacy.get_untracked())
    }

    fn take(self, message: Message) {
        let is_own = self
            .project
            .with_value(|project| message.stream() == StreamId::project(project));
        // System events about a project are numbered in the system's own log.
        let Some(cursor) = message.cursor().filter(|_| is_own) else {
            self.feed.extend([message]);
            return;
        };
        match self.position.get_value() {
            Some(last) if last.epoch == cursor.epoch && cursor.seq <= last.seq => {}
            Some(last) if last.epoch != cursor.epoch || cursor.seq > last.seq + 1 => self.read(),
            _ => {
                self.position.set_value(Some(cursor));
                self.feed.extend([message]);
            }
        }
    }
}

/// Fetches the newest events of the log, and the position of the last. An older server has no log:
/// the feed begins with the first event received.
async fn newest_events(project: &ProjectId) -> Result<(Vec<Message>, Option<Cursor>), ApiError> {
    // The answer contains the position of the stream.
    let top = match api::list_agents(project).await {
        Ok(agents) => agents.cursor,
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error),
    };
    let Some(top) = top else {
        return Ok((Vec::new(), None));
    };
    let after = top.seq.saturating_sub(SHOWN as u64);
    let events = api::project_events(project, after, SHOWN).await?.events;
    // More events may have come between the two answers.
    let last = events.last().and_then(Message::cursor);
    let is_later = |last: &Cursor| last.epoch != top.epoch || last.seq > top.seq;
    Ok((events, last.filter(is_later).or(Some(top))))
}
