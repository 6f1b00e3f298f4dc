//! The dependencies of a task, with a field that adds to them.

pub mod search;
pub mod task_link;

use leptos::html;
use leptos::prelude::*;
use tasktree_protocol::TaskId;

use self::search::DependencySearch;
pub use self::task_link::TaskLink;
use self::task_link::sign;
use super::actions::use_board_actions;
use crate::components::common::allowed::Allowed;
use crate::i18n::use_i18n;
use crate::ui::{IconButton, IconName, KeyedList, focus_next};

/// List of chosen tasks, with a field for more if the role allows changing them.
#[component]
pub fn DependencyField(
    /// Chosen tasks.
    #[prop(into)]
    chosen: Signal<Vec<TaskId>>,
    /// Task that depends on them, which cannot depend on itself.
    own: Option<TaskId>,
    /// Callback with the whole new list when a task is added or removed.
    #[prop(into)]
    on_change: Callback<Vec<TaskId>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let element = NodeRef::<html::Div>::new();
    let remove = move |task: &TaskId| {
        let list = chosen.get_untracked();
        on_change.run(list.into_iter().filter(|other| other != task).collect());
        // The focused button disappears with its row.
        focus_next(element.get_untracked().map(Into::into), "input");
    };
    let row = move |task: TaskId| {
        let removed = StoredValue::new(task.clone());
        let label = move || {
            let task = removed.with_value(|task| sign(actions, task));
            i18n.t(|s| (s.task.remove_dependency)(&task))
        };
        view! {
            <li>
                <TaskLink task />
                <Allowed permission="change">
                    <IconButton
                        icon=Signal::stored(IconName::Close)
                        label
                        on_click=move |_| { removed.try_with_value(remove); }
                    />
                </Allowed>
            </li>
        }
    };
    view! {
        <div node_ref=element class="dependency-field">
            <ul class="task-links">
                <KeyedList each=move || chosen.get() key=TaskId::clone children=row />
            </ul>
            <Allowed permission="change">
                <DependencySearch chosen own=own.clone() on_change />
            </Allowed>
        </div>
    }
}
