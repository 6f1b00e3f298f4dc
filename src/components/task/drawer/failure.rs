//! The failure of the last agent on the task, and the ways to go on.

use leptos::prelude::*;
use tasktree_protocol::attention::AttentionKind;

use crate::components::board::card::failure::FailureActions;
use crate::components::task::open_task::OpenTask;
use crate::i18n::use_i18n;
use crate::state::{use_attention, use_board};
use crate::ui::use_clock;

/// Agent that failed, its reason, and buttons to retry or reassign; nothing without a failure.
#[component]
pub fn TaskFailure(
    /// Task to show.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let attention = use_attention();
    let project = use_board().project();
    let item = Memo::new(move |_| {
        let item = attention.on_task(&project, &open.id(), None);
        item.filter(|item| item.kind == AttentionKind::Failed)
    });
    move || {
        item.get().map(|item| {
            let since = item.since;
            let agent = item.agent.map(|agent| agent.to_string());
            let reason = Some(item.text).filter(|text| !text.is_empty());
            view! {
                <section class="task-failure" aria-label=i18n.t(|s| s.attention.has_failed)>
                    <p class="task-failure-head">
                        <span class="agent-dot" data-kind="failed" aria-hidden="true"></span>
                        <strong>{i18n.t(|s| s.attention.has_failed)}</strong>
                        <span dir="auto">{agent}</span>
                        <time class="muted" title=i18n.date_time(since)>{move || i18n.age(since, clock)}</time>
                    </p>
                    {reason.map(|reason| view! { <p class="task-failure-reason" dir="auto">{reason}</p> })}
                    <div class="task-failure-actions">
                        <FailureActions task=open.id() class="button" is_stop=true/>
                    </div>
                </section>
            }
        })
    }
}
