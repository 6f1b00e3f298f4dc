//! The button of a card that moves it without a drag.

use leptos::prelude::*;
use tasktree_protocol::TaskId;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use crate::components::board::actions::use_board_actions;
use crate::components::common::allowed::Allowed;
use crate::components::common::number_sign::number_sign;
use crate::i18n::use_i18n;
use crate::ui::{Icon, IconName, clicked, live};

/// Button that opens the "Move to" menu of a card; hidden if the role may not move it.
#[component]
pub fn MoveButton(
    /// Task to move.
    task: TaskId,
    /// Number of the task.
    number: u64,
) -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let task = StoredValue::new(task);
    let label = move || i18n.t(|s| (s.card.move_to)(&number_sign(number)));
    let open_menu = move |event: MouseEvent| {
        let button = event
            .current_target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        if let (Some(button), Some(task)) = (button, task.try_get_value()) {
            actions.open_move_menu(&task, &button);
        }
    };
    view! {
        <Allowed permission="change">
            <button
                type="button"
                class="task-card-menu"
                tabindex="-1"
                aria-haspopup="menu"
                aria-label=live(label)
                title=live(label)
                on:click=clicked(open_menu)
            >
                <Icon name=IconName::More />
            </button>
        </Allowed>
    }
}
