//! The tasks that a task depends on, and those that it blocks.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{Maybe, TaskId, TaskPatch};

use crate::components::board::dependency_field::{DependencyField, TaskLink};
use crate::components::task::open_task::{OpenTask, Saved};
use crate::i18n::use_i18n;
use crate::state::use_access;
use crate::ui::{KeyedList, ShowIf};

/// Dependencies in both directions.
#[component]
pub fn Links(
    /// Task to show.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    let access = use_access();
    let problem = RwSignal::new(None::<String>);
    let chosen = Signal::from(Memo::new(move |_| {
        open.card().map_or_else(Vec::new, |card| card.dependencies)
    }));
    // No dependency to read, and no field to add the first.
    let is_bare = move || chosen.with(Vec::is_empty) && !access.may("change");
    let change = move |wanted: Vec<TaskId>| {
        let base = chosen.get_untracked();
        spawn_local(async move {
            let patch = TaskPatch {
                dependencies: Maybe::Value(wanted.clone()),
                ..TaskPatch::default()
            };
            let saved = open
                .save(patch, open.rev(), move |task| {
                    task.dependencies == base || task.dependencies == wanted
                })
                .await;
            let sentence = match &saved {
                Saved::Done(_) | Saved::Declined => None,
                // The list shows the newer version already; adding or removing again is one press.
                Saved::Conflict(_) => Some(untrack(|| i18n.t(|s| s.task.overtaken)).to_owned()),
                // The refusal of a cycle names its path.
                Saved::Refused(reason) => Some(reason.clone()),
            };
            if problem.try_set(sentence).is_some() {
                open.say_lost(&saved, None);
            }
        });
    };
    let waiting = Memo::new(move |_| {
        let (board, id) = (open.actions.board, open.id());
        board.track_tasks();
        let cards = board
            .all_cards()
            .into_iter()
            .filter(|card| card.dependencies.contains(&id));
        cards.map(|card| card.id).collect::<Vec<_>>()
    });
    view! {
        <section class="task-links-section">
            <h3 hidden=is_bare>{move || i18n.t(|s| s.task.waits_for)}</h3>
            <DependencyField chosen own=Some(open.id()) on_change=change />
            <p class="field-note" data-kind="refused" role="alert">{move || problem.get()}</p>
            <ShowIf when=move || waiting.with(|waiting| !waiting.is_empty())>
                <h3>{move || i18n.t(|s| s.task.waited_for_by)}</h3>
                <ul class="task-links">
                    <KeyedList each=move || waiting.get() key=TaskId::clone let(task)>
                        <li><TaskLink task /></li>
                    </KeyedList>
                </ul>
            </ShowIf>
        </section>
    }
}
