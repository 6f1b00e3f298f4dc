//! The marks of a card: on hold, and the verdict on the evidence of its completion.

use leptos::prelude::*;
use tasktree_protocol::TaskCard;
use tasktree_protocol::task::Verdict;

use crate::i18n::{I18n, use_i18n};

/// Marks of a task, each a short text; empty if none applies.
#[component]
pub fn Marks(
    /// Card of the task.
    row: Signal<TaskCard>,
) -> impl IntoView {
    let i18n = use_i18n();
    let hold =
        Memo::new(move |_| row.with(|card| card.on_hold.as_ref().map(|hold| hold.reason.clone())));
    let verdict =
        Memo::new(move |_| row.with(|card| card.verdict.filter(|_| card.status.is_done())));
    view! {
        {move || hold.get().map(|reason| {
            let text = i18n.first(|s| s.on_hold);
            let title = i18n.first(|s| (s.on_hold_because)(&reason));
            view! { <span class="task-card-mark" data-kind="hold" title=title>{text}</span> }
        })}
        {move || verdict.get().map(|verdict| view! {
            <span class="task-card-mark" data-kind=kind(verdict) title=hint(i18n, verdict)>
                {name(i18n, verdict)}
            </span>
        })}
    }
}

const fn kind(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Proven => "proven",
        Verdict::Stated => "stated",
        Verdict::Contradicted => "contradicted",
    }
}

fn name(i18n: I18n, verdict: Verdict) -> &'static str {
    i18n.first(|s| match verdict {
        Verdict::Proven => s.proven,
        Verdict::Stated => s.stated,
        Verdict::Contradicted => s.contradicted,
    })
}

fn hint(i18n: I18n, verdict: Verdict) -> &'static str {
    i18n.first(|s| match verdict {
        Verdict::Proven => s.proven_hint,
        Verdict::Stated => s.stated_hint,
        Verdict::Contradicted => s.contradicted_hint,
    })
}
