//! The history of a task: its events with their actors.

use leptos::prelude::*;
use tasktree_protocol::task_fields;

use super::open_task::OpenTask;
use crate::api::HistoryEntry;
use crate::components::common::actor::{actor_kind, actor_name};
use crate::i18n::{I18n, lower_case, use_i18n};
use crate::ui::use_clock;
use crate::ui::{KeyedList, ShowIf};

/// Events of a task, newest first.
#[component]
pub fn TaskHistory(
    /// Task whose history is shown.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let entries = open.history();
    let line = move |entry: HistoryEntry| {
        let (actor, at) = (entry.actor.clone().unwrap_or_default(), entry.timestamp);
        let kind = actor_kind(&actor);
        view! {
            <li>
                <span class="history-actor" data-actor=kind>{move || actor_name(i18n, &actor)}</span>
                " "
                <span class="history-what">{move || sentence(i18n, &entry)}</span>
                <time datetime=at.to_string() title=move || i18n.date_time(at)>{move || i18n.age(at, clock)}</time>
            </li>
        }
    };
    view! {
        <section class="task-history">
            <h3>{move || i18n.t(|s| s.task.history)}</h3>
            <ol>
                <KeyedList each=move || entries.get().unwrap_or_default() key=|entry| entry.seq children=line />
            </ol>
            <ShowIf when=move || entries.with(|entries| entries.as_ref().is_some_and(|entries| !is_whole(entries)))>
                <p class="field-hint">{move || i18n.t(|s| s.task.older_history)}</p>
            </ShowIf>
        </section>
    }
}

/// Returns true if the history reaches back to the creation of the task.
fn is_whole(entries: &[HistoryEntry]) -> bool {
    entries
        .last()
        .is_some_and(|entry| entry.kind == "task_created")
}

/// Returns the sentence about an event, to follow the name of its actor.
fn sentence(i18n: I18n, entry: &HistoryEntry) -> String {
    match entry.kind.as_str() {
        "task_created" => i18n.t(|s| s.task.event_created).into(),
        "task_deleted" => i18n.t(|s| s.task.event_deleted).into(),
        "agent_spawned" => i18n.t(|s| s.task.event_started).into(),
        "task_completed" => i18n.t(|s| s.task.event_completed).into(),
        "task_merged" => i18n.t(|s| s.task.event_merged).into(),
        "task_queued_for_merge" => i18n.t(|s| s.task.event_queued).into(),
        "tasks_reset" => i18n.t(|s| s.task.event_reset).into(),
        _ => {
            let moved = entry.kind == "task_status_changed"
                || entry.changed.iter().any(|field| field == "status");
            match entry.status {
                Some(status) if moved => i18n.t(|s| (s.task.event_moved)(i18n.status(status))),
                _ => changed(i18n, &entry.changed),
            }
        }
    }
}

/// Returns a sentence about the changed fields.
fn changed(i18n: I18n, fields: &[String]) -> String {
    match field_names(i18n, fields) {
        Some(names) => i18n.t(|s| (s.task.event_changed)(&lower_case(names))),
        None => i18n.t(|s| s.task.event_updated).into(),
    }
}

/// Returns the changed fields by the names that people know.
pub(crate) fn field_names(i18n: I18n, fields: &[String]) -> Option<String> {
    let name = |field: &str| {
        i18n.t(|s| {
            macro_rules! one {
                // These change with others, and no person sets them.
                (id) => {};
                (number) => {};
                (created_at) => {};
                (updated_at) => {};
                (completed_at) => {};
                (merged_at) => {};
                (rev) => {};
                (status_changed_at) => {};
                (blocked_by) => {};
                (holder) => {};
                (generation) => {};
                (verdict) => {};
                (on_hold) => {
                    one!("on_hold", s.card.on_hold)
                };
                (merge_commit) => {
                    one!("merge_commit", s.merge.commit)
                };
                // A new field needs a text of its name in `i18n/task.rs`.
                ($name:ident) => {
                    one!(stringify!($name), s.task.$name)
                };
                ($name:expr, $text:expr) => {
                    if field == $name {
                        return Some($text);
                    }
                };
            }
            macro_rules! all {
                ($($name:ident: $type:ty, $($doc:literal)+;)*) => { $(one!($name);)* };
            }
            task_fields!(all);
            None
        })
    };
    let names: Vec<&str> = fields.iter().filter_map(|field| name(field)).collect();
    (!names.is_empty()).then(|| names.join(i18n.t(|s| s.common.list_comma)))
}
