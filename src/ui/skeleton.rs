//! What stands where content will be, in its size, until it is there.

use leptos::prelude::*;

/// Grey lines in the place of text that is on its way.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 3)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            {(0..lines).map(|_| view! { <span class="skeleton-line"></span> }.into_any()).collect_view()}
        </div>
    }
}
