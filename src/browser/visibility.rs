//! Visibility of the page.

use std::cell::Cell;

use futures_channel::oneshot;
use leptos::prelude::document;
use web_sys::VisibilityState;

use super::Listener;

/// Returns true if the page is visible at the moment of the call.
pub(crate) fn page_is_visible() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_none_or(|document| document.visibility_state() == VisibilityState::Visible)
}

/// Waits until the page is visible.
pub(crate) async fn until_visible() {
    if page_is_visible() {
        return;
    }
    let (sender, visible) = oneshot::channel();
    let sender = Cell::new(Some(sender));
    let _listener = Listener::new(&document(), "visibilitychange", move |_| {
        if page_is_visible()
            && let Some(sender) = sender.take()
        {
            // The receiver may be gone.
            let _ = sender.send(());
        }
    });
    // The sender lives as long as the listener.
    let _ = visible.await;
}
