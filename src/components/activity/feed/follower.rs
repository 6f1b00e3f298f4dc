//! The events that the feed shows: the newest of the log, and then every event that arrives.

use std::rc::Rc;

use leptos::prelude::*;
use tasktree_protocol::follower::Config;
use tasktree_protocol::{Cursor, Event, Message, ProjectId, StreamId};

use super::undo_of;
use crate::api::{self, ApiError, Snapshot};
use crate::net::{ConnectionState, use_websocket};
use crate::state::{Fetching, Followed, Following, Load, Replace, Undos, use_undos};
use crate::ui::Ring;

/// Number of events shown; as many are read when the page opens.
const SHOWN: usize = 200;

/// Events of a project, with their follower. It ends with the current owner, and can be copied
/// into callbacks.
#[derive(Clone, Copy)]
pub(super) struct Follower {
    /// Events that are shown.
    pub(super) feed: Ring<Message>,
    /// State of reading the log.
    pub(super) load: RwSignal<Load>,
    following: StoredValue<Rc<Following>, LocalStorage>,
}

/// Events of a project, as their follower keeps them current.
struct Feed {
    project: ProjectId,
    feed: Ring<Message>,
    load: RwSignal<Load>,
    undos: Undos,
}

/// Follows a project's events.
pub(super) fn follow(project: ProjectId) -> Follower {
    let socket = use_websocket();
    let (feed, load) = (Ring::new(SHOWN), RwSignal::new(Load::Loading));
    let followed = Feed {
        project: project.clone(),
        feed,
        load,
        undos: use_undos(),
    };
    let config = Config {
        stored: SHOWN,
        // If the log and the events do not join, after a reset or when more was missed than is
        // replayed, the newest are read again.
        is_whole: true,
        ..Config::default()
    };
    let following = Following::new(StreamId::project(&project), config, Box::new(followed));
    let follower = Follower {
        feed,
        load,
        following: StoredValue::new_local(following),
    };
    let is_legacy = Memo::new(move |_| socket.state.get() == ConnectionState::Legacy);
    socket
        .on_message(move |message| {
            if message.project_id.as_ref() == Some(&project) && !is_passing(message, is_legacy) {
                follower.with(|following| following.on_message(message));
            }
        })
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
        self.with(Following::fetch_now);
    }

    /// Calls a function with the follower, unless the page was left.
    fn with(self, act: impl FnOnce(&Following)) {
        if let Some(following) = self.following.try_get_value() {
            act(&following);
        }
    }
}

/// Returns true for log lines, which have a list of their own, and for heartbeats, which are not
/// events. Older servers number nothing.
fn is_passing(message: &Message, is_legacy: Memo<bool>) -> bool {
    matches!(message.event, Event::Log(_)) || (message.seq.is_none() && !is_legacy.get_untracked())
}

impl Followed for Feed {
    fn fetch(&self) -> Fetching {
        let (project, feed, undos) = (self.project.clone(), self.feed, self.undos);
        Box::pin(async move {
            let newest = newest_events(&project).await?;
            // Before they are shown, so that an expired undo is not offered even for a moment.
            let known = newest.value.iter().filter_map(undo_of).cloned().collect();
            undos.check(&project, known).await;
            Ok(newest.map(|events| -> Replace { Box::new(move || feed.replace(events)) }))
        })
    }

    fn apply(&self, message: &Message, _: bool) {
        self.feed.extend([message.clone()]);
    }

    fn show(&self) {
        self.load.set(Load::Ready);
    }

    fn acknowledge(&self, _: Option<Cursor>) {}

    fn failed(&self, error: ApiError) -> bool {
        let is_temporary = error.is_temporary();
        self.load.set(Load::Failed(error));
        is_temporary
    }
}

/// Fetches the newest events of the log, and the position of the last. An older server has no log:
/// the feed begins with the first event received.
async fn newest_events(project: &ProjectId) -> Result<Snapshot<Vec<Message>>, ApiError> {
    // The answer contains the position of the stream.
    let top = match api::list_agents(project).await {
        Ok(agents) => agents.cursor,
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error),
    };
    let Some(top) = top else {
        return Ok(Snapshot {
            value: Vec::new(),
            cursor: None,
        });
    };
    let after = top.seq.saturating_sub(SHOWN as u64);
    let events = api::project_events(project, after, SHOWN).await?.events;
    // More events may have come between the two answers.
    let last = events.last().and_then(Message::cursor);
    let is_later = |last: &Cursor| last.epoch != top.epoch || last.seq > top.seq;
    let cursor = last.filter(is_later).or(Some(top));
    Ok(Snapshot {
        value: events,
        cursor,
    })
}
