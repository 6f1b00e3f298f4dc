//! Whether what is shown is live, and from when it is where it is not.

use leptos::prelude::*;

use crate::net::{ConnectionState, use_websocket};

/// Whether what is shown is live.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    is_live: Memo<bool>,
    is_stale: Memo<bool>,
}

impl Freshness {
    /// Every change is on the page, or will be within seconds.
    pub fn is_live(self) -> Signal<bool> {
        self.is_live.into()
    }

    /// It was live, and is not now.
    pub fn is_stale(self) -> Signal<bool> {
        self.is_stale.into()
    }
}

/// Gives everything below the freshness of the page's connection.
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

/// The freshness of the page.
pub fn use_freshness() -> Freshness {
    use_context().unwrap_or_else(provide_freshness)
}
