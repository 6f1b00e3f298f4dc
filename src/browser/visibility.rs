//! Visibility of the page.

use web_sys::VisibilityState;

/// Returns true if the page is visible at the moment of the call.
pub(crate) fn page_is_visible() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_none_or(|document| document.visibility_state() == VisibilityState::Visible)
}
