//! The labels of a task, with completion from those that the project uses.

use std::collections::{HashMap, HashSet};

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::task::fields::{LABEL_CHARS, LABELS_PER_TASK};
use tasktree_protocol::{Maybe, TaskPatch};

use crate::components::task::open_task::{OpenTask, Saved};
use crate::i18n::{lower_case, use_i18n};
use crate::state::use_access;
use crate::ui::WordField;

/// Number of completions offered at once.
const OFFERED: usize = 8;

/// Labels of a task.
#[component]
pub fn Labels(
    /// Task to show.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    let access = use_access();
    let problem = RwSignal::new(None::<String>);
    let labels: Signal<Vec<String>> = Signal::from(Memo::new(move |_| {
        open.card().map_or_else(Vec::new, |card| card.labels)
    }));
    let save = move |wanted: Vec<String>| {
        let base = labels.get_untracked();
        spawn_local(async move {
            let patch = TaskPatch {
                labels: Maybe::Value(wanted.clone()),
                ..TaskPatch::default()
            };
            let saved = open
                .save(patch, open.rev(), move |task| {
                    task.labels == base || task.labels == wanted
                })
                .await;
            let sentence = match &saved {
                Saved::Done(_) | Saved::Declined => None,
                // The list shows the newer version already; adding or removing again is one press.
                Saved::Conflict(_) => Some(untrack(|| i18n.t(|s| s.task.overtaken)).to_owned()),
                Saved::Refused(reason) => Some(reason.clone()),
            };
            // A success says nothing about words that were refused since.
            let is_gone = match sentence {
                Some(sentence) => problem.try_set(Some(sentence)).is_some(),
                None => problem.is_disposed(),
            };
            if is_gone {
                open.say_lost(&saved, None);
            }
        });
    };
    let add = move |typed: Vec<String>| {
        let before = labels.get_untracked();
        let wanted = distinct(before.iter().cloned().chain(typed));
        let fault = untrack(|| {
            if wanted.iter().any(|it| it.chars().count() > LABEL_CHARS) {
                Some(i18n.t(|s| s.task.label_too_long))
            } else if wanted.len() > LABELS_PER_TASK {
                Some(i18n.t(|s| s.task.too_many_labels))
            } else {
                None
            }
        });
        problem.set(fault.map(str::to_owned));
        if fault.is_none() && wanted != before {
            save(wanted);
        }
        fault.is_none()
    };
    let remove = move |label: String| {
        problem.set(None);
        let mut wanted = labels.get_untracked();
        wanted.retain(|other| *other != label);
        save(wanted);
    };
    view! {
        <WordField
            words=labels
            may_change=Signal::derive(move || access.may("change"))
            label=Signal::derive(move || i18n.t(|s| s.task.add_label).to_owned())
            remove_label=move |label: String| i18n.t(|s| (s.task.remove_label)(&label))
            complete=move |typed: String| offers(open, &typed, &labels.get())
            on_add=add
            on_remove=remove
        />
        {move || problem.get().map(|text| view! { <p class="field-note" data-kind="refused" role="alert">{text}</p> })}
    }
}

/// Returns the labels, each only as it was first written.
fn distinct(labels: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    labels
        .filter(|label| seen.insert(lower_case(label.clone())))
        .collect()
}

/// Returns the labels of the project that contain the typed text, without those of the task: the
/// most used first.
fn offers(open: OpenTask, typed: &str, taken: &[String]) -> Vec<String> {
    let (board, typed) = (open.actions.board, lower_case(typed.trim().to_owned()));
    let taken: HashSet<String> = taken.iter().map(|it| lower_case(it.clone())).collect();
    let mut uses: HashMap<String, (String, usize)> = HashMap::new();
    for label in untrack(|| board.all_cards())
        .into_iter()
        .flat_map(|card| card.labels)
    {
        let key = lower_case(label.clone());
        if key.contains(&typed) && !taken.contains(&key) {
            uses.entry(key).or_insert((label, 0)).1 += 1;
        }
    }
    let mut found: Vec<_> = uses.into_iter().collect();
    found.sort_by(|(one, (_, few)), (other, (_, many))| {
        let starts = |key: &str| !key.starts_with(&typed);
        (starts(one), many, one).cmp(&(starts(other), few, other))
    });
    found.truncate(OFFERED);
    found.into_iter().map(|(_, (label, _))| label).collect()
}
