//! The placeholder of content that is loading, in its size.

use leptos::prelude::*;

/// Gray lines in place of text that is loading.
#[component]
pub fn Skeleton(
    /// Number of lines.
    #[prop(default = 3)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            {(0..lines).map(|_| view! { <span class="skeleton-line"></span> }.into_any()).collect_view()}
        </div>
    }
}
