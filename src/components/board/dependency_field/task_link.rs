//! The name of a task, with a link to it.

use leptos::prelude::*;
use tasktree_protocol::{TaskCard, TaskId};

use crate::address::task_number;
use crate::components::board::actions::{BoardActions, use_board_actions};
use crate::components::common::number_sign::number_sign;
use crate::components::common::status_icon::status_icon;
use crate::i18n::use_i18n;
use crate::ui::Icon;

/// Returns a task's number as people write it, even if the task is gone; the id itself if an older
/// server created it.
pub(super) fn sign(actions: BoardActions, task: &TaskId) -> String {
    let card = actions.card(task);
    let number = card.map(|card| card.number).or_else(|| task_number(task));
    number.map_or_else(|| task.to_string(), number_sign)
}

/// Task in a list: its number and title with a link, or its id if it is gone.
#[component]
pub fn TaskLink(
    /// Task to link to.
    task: TaskId,
) -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let card = Memo::new({
        let task = task.clone();
        move |_| {
            actions.board.track_tasks();
            actions.board.card(&task)
        }
    });
    move || {
        match card.get() {
        Some(card) => {
            let address = actions.task_address(card.number);
            view! { <a class="task-link" href=address><TaskName card /></a> }.into_any()
        }
        None => view! { <span class="task-link">{i18n.t(|s| (s.task.unknown_task)(&sign(actions, &task)))}</span> }.into_any(),
    }
    }
}

/// Status, number and title of a task.
#[component]
pub fn TaskName(
    /// Task to name.
    card: TaskCard,
) -> impl IntoView {
    let i18n = use_i18n();
    let TaskCard {
        number,
        title,
        status,
        ..
    } = card;
    view! {
        <span class="status-icon" data-status=status.as_str() title=move || i18n.status(status)>
            <Icon name=status_icon(status) />
        </span>
        <span class="task-card-number">{number_sign(number)}</span>
        <span class="task-link-title" dir="auto">{title}</span>
    }
}
