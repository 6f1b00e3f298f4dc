//! Freshness: the page's data is live, or stale since the connection was lost.

use leptos::prelude::*;

use crate::net::{ConnectionState, use_websocket};

/// Freshness of the page's data.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    is_live: Memo<bool>,
    is_stale: Memo<bool>,
}

impl Freshness {
    /// Returns a signal that is true while every change is on the page, or will be within seconds.
    pub fn is_live(self) -> Signal<bool> {
        self.is_live.into()
    }

    /// Returns a signal that is true if the page was live and is not now.
    pub fn is_stale(self) -> Signal<bool> {
        self.is_stale.into()
    }
}

/// Provides the freshness of the page's connection to everything below.
pub fn provide_freshness() -> Freshness {
    let socket = use_websocket();
    let is_live = Memo::new(move |_| socket.state.with(ConnectionState::is_current));
    let was_live =
        Memo::new(move |was: Option<&bool>| was.copied().unwrap_or(false) || is_live.get());
    let is_stale = Memo::new(move |_| was_live.get() && !is_live.get());
    let freshness = Freshness { is_live, is_stale };
    provide_context(freshness);
    freshness
}

/// Returns the freshness of the page.
pub fn use_freshness() -> Freshness {
    use_context().unwrap_or_else(provide_freshness)
}
