//! The mark of a task's priority.

use leptos::prelude::*;

use crate::i18n::{I18n, use_i18n};
use crate::ui::live;

/// Returns the name of a priority; see `tasktree_protocol::task::sort_key` for the scale.
pub fn priority_name(i18n: I18n, priority: u32) -> String {
    match priority {
        0 => i18n.t(|s| s.card.no_priority).into(),
        1 => i18n.t(|s| s.card.urgent).into(),
        2 => i18n.t(|s| s.card.high).into(),
        3 => i18n.t(|s| s.card.medium).into(),
        4 => i18n.t(|s| s.card.low).into(),
        later => i18n.t(|s| (s.card.priority_number)(&later.to_string())),
    }
}

/// Mark for a priority that is set and not medium: signs as on a scale, with the name in the
/// tooltip.
#[component]
pub fn PriorityMark(
    /// Priority to show.
    priority: Signal<u32>,
) -> impl IntoView {
    let i18n = use_i18n();
    live(move || {
        let priority = priority.get();
        let name = move || priority_name(i18n, priority);
        let sign = match priority {
            0 | 3 => return None,
            1 => "!!".to_owned(),
            2 => "!".to_owned(),
            4 => "\u{2193}".to_owned(),
            later => later.to_string(),
        };
        let level = priority.min(5).to_string();
        Some(
            view! { <span class="priority-mark" data-priority=level role="img" aria-label=live(name) title=live(name)>{sign}</span> }
            .into_any(),
        )
    })
}
