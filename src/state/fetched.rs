//! Rows that a part of the page fetches when it opens, and again when they change.

use std::fmt;

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use tasktree_protocol::Event;

use super::board::BoardState;
use super::detail::retry_later;
use super::load::Load;
use crate::api::ApiError;
use crate::net::{ConnectionState, use_websocket};

/// Rows as the server has them, until the owner that was current at the first fetch ends.
pub struct Fetched<T: Send + Sync + 'static> {
    /// Rows in the order of the server. `None` until they are loaded, and if the server has no such
    /// list.
    pub list: Signal<Option<Vec<T>>>,
    /// Outcome of the first fetch; later failures leave the loaded rows.
    pub load: Signal<Load>,
    fetches: RwSignal<u32>,
}

impl<T: Clone + Send + Sync + 'static> Fetched<T> {
    /// Fetches rows now, after each event of the project that `concerns` them, and when the
    /// connection is back after a gap.
    pub(super) fn new<F>(
        board: BoardState,
        fetch: impl Fn() -> F + 'static,
        concerns: impl Fn(&Event) -> bool + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Vec<T>, ApiError>> + 'static,
    {
        let list = RwSignal::new(None::<Vec<T>>);
        let load = RwSignal::new(Load::Loading);
        let fetches = RwSignal::new(0);
        follow(board, fetches, Box::new(concerns));
        Effect::new(move |_| {
            fetches.track();
            let fetched = fetch();
            // Cancelled by the next run, and with the owner.
            spawn_local_scoped_with_cancellation(async move {
                match fetched.await {
                    Ok(rows) => {
                        list.set(Some(rows));
                        load.set(Load::Ready);
                    }
                    // An older server, or a task that does not exist: the drawer reports the
                    // latter.
                    Err(error) if error.is_no_endpoint() => {
                        list.set(None);
                        load.set(Load::Ready);
                    }
                    Err(error) => {
                        let is_temporary = error.is_temporary();
                        if !load.get_untracked().is_ready() {
                            load.set(Load::Failed(error));
                        }
                        if is_temporary {
                            retry_later(fetches).await;
                        }
                    }
                }
            });
        });
        Self {
            list: list.into(),
            load: load.into(),
            fetches,
        }
    }

    /// Fetches again, unless the owner has ended.
    pub fn refresh(self) {
        self.fetches.try_update(|count| *count += 1);
    }
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

impl<T: Send + Sync + 'static> fmt::Debug for Fetched<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fetched").finish_non_exhaustive()
    }
}

fn follow(board: BoardState, fetches: RwSignal<u32>, concerns: Box<dyn Fn(&Event) -> bool>) {
    let socket = use_websocket();
    let project = board.project();
    socket
        .on_message(move |message| {
            if message.project_id.as_ref() == Some(&project) && concerns(&message.event) {
                fetches.update(|count| *count += 1);
            }
        })
        .forget();
    let is_live = Memo::new(move |_| socket.state.with(ConnectionState::is_current));
    Effect::new(move |was_live: Option<bool>| {
        let is_live = is_live.get();
        if is_live && was_live == Some(false) {
            fetches.update(|count| *count += 1);
        }
        is_live
    });
}
