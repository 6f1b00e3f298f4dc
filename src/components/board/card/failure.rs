//! The buttons about a task whose agent has failed.

use leptos::prelude::*;
use tasktree_protocol::TaskId;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use crate::address::task_number;
use crate::components::board::actions::use_board_actions;
use crate::components::common::allowed::Allowed;
use crate::components::common::number_sign::number_sign;
use crate::i18n::use_i18n;

/// Buttons that put a failed task back into the queue, or give it to another agent.
#[component]
pub fn FailureActions(
    /// Task whose agent has failed.
    task: TaskId,
    /// CSS class of the buttons.
    class: &'static str,
    /// Set if the buttons are stops of the Tab key. Those of a card are not: its keys are.
    is_stop: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let number = task_number(&task).map_or_else(|| task.to_string(), number_sign);
    let task = StoredValue::new(task);
    let number = StoredValue::new(number);
    let retry_name = move || number.with_value(|it| i18n.t(|s| s.attention.retry_task)(it));
    let reassign_name = move || number.with_value(|it| i18n.t(|s| s.attention.reassign_to)(it));
    let reassign = move |event: MouseEvent| {
        let button = event.current_target();
        if let Some(button) = button.and_then(|it| it.dyn_into::<Element>().ok()) {
            actions.reassign_failed(&task.get_value(), &button);
        }
    };
    let tabindex = (!is_stop).then_some("-1");
    view! {
        <Allowed permission="change">
            <button
                type="button"
                class=class
                tabindex=tabindex
                aria-label=retry_name
                title=retry_name
                on:click=move |_| {
                    actions.retry_failed(&task.get_value());
                }
            >
                {move || i18n.t(|s| s.attention.retry)}
            </button>
            <button
                type="button"
                class=class
                data-second=""
                tabindex=tabindex
                aria-haspopup="menu"
                aria-label=reassign_name
                title=reassign_name
                on:click=reassign
            >
                {move || i18n.t(|s| s.attention.reassign)}
            </button>
        </Allowed>
    }
}
