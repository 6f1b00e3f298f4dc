//! Announcements to screen readers about changes that they would not notice.

use leptos::prelude::*;

/// Value of `id` of the live region.
const REGION: &str = "announcer";

/// Live region that [`announce`] writes to. One a page.
#[component]
pub fn Announcer() -> impl IntoView {
    view! { <div id=REGION class="visually-hidden" role="status" aria-live="polite"></div> }
}

/// Announces a short sentence once the screen reader has finished its current one.
///
/// It finds the region in the document rather than in a context, because most announcements are
/// made after an `await`, where no context can be reached. A repeated sentence differs by a
/// trailing space, since a region that does not change is not read again.
pub fn announce(text: &str) {
    let Some(region) = document().get_element_by_id(REGION) else {
        return;
    };
    let again = region.text_content().is_some_and(|said| said == text);
    region.set_text_content(Some(&if again {
        format!("{text}\u{a0}")
    } else {
        text.to_owned()
    }));
}
