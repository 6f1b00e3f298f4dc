//! A board without any task: the first steps.

use leptos::prelude::*;

use crate::components::board::add_task::AddTask;
use crate::components::board::view::use_board_view;
use crate::components::project::first_run::FirstRun;
use crate::i18n::use_i18n;
use crate::state::{use_access, use_board};
use crate::ui::{Button, ButtonLook, IconName, ShowIf, live};

/// One sentence; for people who may add tasks, the ways to begin.
#[component]
pub fn EmptyBoard() -> impl IntoView {
    let i18n = use_i18n();
    let view = use_board_view();
    let access = use_access();
    let project = StoredValue::new(use_board().project().clone());
    let add = move || {
        if view.new_task.is_open.get() {
            view! { <AddTask /> }.into_any()
        } else {
            view! {
                <Button
                    look=ButtonLook::Primary
                    icon=IconName::Add
                    label=move || i18n.t(|s| s.board.add_task)
                    on_click=move |_| view.new_task.is_open.set(true)
                />
            }
            .into_any()
        }
    };
    view! {
        <div class="board-empty">
            <h1>{live(move || i18n.t(|s| s.board.empty))}</h1>
            <ShowIf when=move || access.may("change")>
                {add}
                <FirstRun project=project.get_value() />
            </ShowIf>
        </div>
    }
}
