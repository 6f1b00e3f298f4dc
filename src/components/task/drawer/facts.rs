//! The short fields of a task: priority, branch, session, dates, and its lists of files.

pub mod labels;

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{Maybe, Status, Task, TaskPatch, Timestamp};

use super::texts::or_null;
use crate::components::board::add_task::PrioritySelect;
use crate::components::board::card::priority_name;
use crate::components::board::merge_dialog::short;
use crate::components::common::allowed::Allowed;
use crate::components::task::fields::{Editable, Fault, Field, LinesField, TextField};
use crate::components::task::open_task::OpenTask;
use crate::i18n::{Strings, use_i18n};
use labels::Labels;

/// Priority, branch, session and dates.
#[component]
pub fn Facts(
    /// Task to show.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    let priority = Signal::from(Memo::new(move |_| {
        open.card().map_or(0, |card| card.priority)
    }));
    let set_priority = move |wanted: u32| {
        let base = priority.get_untracked();
        spawn_local(async move {
            let patch = TaskPatch {
                priority: Maybe::Value(wanted),
                ..TaskPatch::default()
            };
            let saved = open
                .save(patch, open.rev(), move |task| {
                    task.priority == base || task.priority == wanted
                })
                .await;
            open.say_lost(&saved, None);
        });
    };
    let branch = Field::checked(
        open,
        |task| task.branch.clone(),
        |text| TaskPatch {
            branch: Maybe::Value(text.trim().to_owned()),
            ..TaskPatch::default()
        },
        name_too_long,
    );
    let session = Field::checked(
        open,
        |task| task.session.clone().unwrap_or_default(),
        |text| TaskPatch {
            session: or_null(text.trim()),
            ..TaskPatch::default()
        },
        name_too_long,
    );
    view! {
        <dl class="task-facts">
            <dt>{move || i18n.t(|s| s.task.priority)}</dt>
            <dd>
                <Editable text=move || priority_name(i18n, priority.get())>
                    <PrioritySelect value=priority on_change=set_priority />
                </Editable>
            </dd>
            <dt>{move || i18n.t(|s| s.task.branch)}</dt>
            <dd><TextField field=branch class="mono" label=move || i18n.t(|s| s.task.branch) /></dd>
            <dt>{move || i18n.t(|s| s.task.session)}</dt>
            <dd><TextField field=session class="mono" label=move || i18n.t(|s| s.task.session) /></dd>
            <dt>{move || i18n.t(|s| s.task.labels)}</dt>
            <dd><Labels open /></dd>
            <Moment open label=|s| s.task.created read=|task| Some(task.created_at) />
            <Moment open label=|s| s.task.updated read=|task| Some(task.updated_at) />
            <Moment open label=|s| s.task.completed read=|task| task.completed_at />
            <Moment open label=|s| s.task.merged read=|task| task.merged_at />
            <MergedIn open />
        </dl>
    }
}

/// Commit that contains the work of a merged task, or a note that there is none.
#[component]
fn MergedIn(
    /// Task to show.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        let merged =
            open.read(|task| (task.status == Status::Merged).then(|| task.merge_commit.clone()))?;
        let shown = match merged {
            Some(commit) => {
                view! { <code title=commit.clone()>{short(&commit).to_owned()}</code> }.into_any()
            }
            None => i18n.t(|s| s.card.merged_by_hand).into_any(),
        };
        Some(view! {
            <dt>{i18n.t(|s| s.merge.commit)}</dt>
            <dd class="task-merged-in">{shown}</dd>
        })
    }
}

#[component]
fn Moment(
    /// Task to show.
    open: OpenTask,
    /// Label of the date.
    label: fn(&Strings) -> &'static str,
    /// Accessor of the date; `None` if it did not happen.
    read: fn(&Task) -> Option<Timestamp>,
) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        let at = open.read(read)?;
        Some(view! {
            <dt>{i18n.t(label)}</dt>
            <dd><time datetime=at.to_string()>{i18n.date_time(at)}</time></dd>
        })
    }
}

/// Lists of files and the order of merging, collapsed: few tasks have them.
#[component]
pub fn Files(
    /// Task to show.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    let order = Field::checked(
        open,
        |task| task.merge_order.to_string(),
        |text| TaskPatch {
            merge_order: text.trim().parse().map_or(Maybe::Absent, Maybe::Value),
            ..TaskPatch::default()
        },
        |text| match text.trim().parse::<i64>() {
            Ok(_) => None,
            Err(_) => Some(|s| s.task.whole_number),
        },
    );
    macro_rules! list {
        ($field:ident) => {{
            let field = Field::new(
                open,
                |task| task.$field.join("\n"),
                |text| TaskPatch {
                    $field: Maybe::Value(entries(text)),
                    ..TaskPatch::default()
                },
            );
            view! {
                <dt>{move || i18n.t(|s| s.task.$field)}</dt>
                <dd><LinesField field class="mono" label=move || i18n.t(|s| s.task.$field) /></dd>
            }
        }};
    }
    let has_any = open.task_has_files();
    view! {
        <details class="task-files" open=has_any>
            <summary>{move || i18n.t(|s| s.task.files)}</summary>
            <Allowed permission="change">
                <p class="field-hint">{move || i18n.t(|s| s.task.one_a_line)}</p>
            </Allowed>
            <dl class="task-facts">
                {list!(owned_files)}
                {list!(shared_files)}
                {list!(creates_files)}
                {list!(exclusive_files)}
                {list!(initialization_deps)}
                <dt>{move || i18n.t(|s| s.task.merge_order)}</dt>
                <dd><TextField field=order label=move || i18n.t(|s| s.task.merge_order) /></dd>
            </dl>
        </details>
    }
}

/// Returns the entries of a list, one a line, without empty ones.
fn entries(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

impl OpenTask {
    /// Returns true if one of the collapsed lists has an entry.
    fn task_has_files(self) -> bool {
        untrack(|| {
            self.read(|task| {
                [
                    &task.owned_files,
                    &task.shared_files,
                    &task.creates_files,
                    &task.exclusive_files,
                    &task.initialization_deps,
                ]
                .iter()
                .any(|list| !list.is_empty())
            })
        })
    }
}

/// Longest name of a branch or an agent that the server accepts, in characters.
const NAME_LIMIT: usize = 255;

fn name_too_long(text: &str) -> Option<Fault> {
    (text.trim().chars().count() > NAME_LIMIT).then_some(|s| s.task.name_too_long)
}
