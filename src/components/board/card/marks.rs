//! The marks of a card: on hold, the verdict on the evidence of its completion, and labels.

use leptos::prelude::*;
use tasktree_protocol::TaskCard;
use tasktree_protocol::task::Verdict;

use crate::i18n::{I18n, use_i18n};
use crate::ui::live;

/// Number of labels that are shown by name.
const SHOWN_LABELS: usize = 3;

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
        {live(move || hold.get().map(|reason| {
            let text = i18n.t(|s| s.card.on_hold);
            let title = i18n.t(|s| (s.card.on_hold_because)(&reason));
            view! { <span class="task-card-mark" data-kind="hold" title=title>{text}</span> }.into_any()
        }))}
        {live(move || verdict.get().map(|verdict| view! {
            <span class="task-card-mark" data-kind=kind(verdict) title=hint(i18n, verdict)>
                {name(i18n, verdict)}
            </span>
        }.into_any()))}
        <Labels row />
    }
}

/// Labels of a task: the first ones, and the number of the others.
#[component]
fn Labels(
    /// Card of the task.
    row: Signal<TaskCard>,
) -> impl IntoView {
    let labels = Memo::new(move |_| row.with(|card| card.labels.clone()));
    let chip = |label: String| view! { <span class="task-card-label" dir="auto">{label}</span> };
    move || {
        let mut labels = labels.get();
        // Read out in full: the chips are cut off.
        let all = labels.join(", ");
        let others = labels.split_off(SHOWN_LABELS.min(labels.len())).len();
        (!labels.is_empty()).then(|| {
            view! {
                <span class="task-card-labels" role="img" aria-label=all.clone() title=all>
                    {labels.into_iter().map(chip).collect_view()}
                    {(others > 0).then(|| view! { <span class="task-card-more">{format!("+{others}")}</span> })}
                </span>
            }
        })
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
    match verdict {
        Verdict::Proven => i18n.t(|s| s.card.proven),
        Verdict::Stated => i18n.t(|s| s.card.stated),
        Verdict::Contradicted => i18n.t(|s| s.card.contradicted),
    }
}

fn hint(i18n: I18n, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Proven => i18n.t(|s| s.card.proven_hint),
        Verdict::Stated => i18n.t(|s| s.card.stated_hint),
        Verdict::Contradicted => i18n.t(|s| s.card.contradicted_hint),
    }
}
