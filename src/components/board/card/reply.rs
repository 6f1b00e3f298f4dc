//! The form of a card in which its agent is answered.

use leptos::prelude::*;
use tasktree_protocol::TaskId;
use web_sys::KeyboardEvent;

use crate::components::agent::questions::AgentQuestions;
use crate::components::board::actions::use_board_actions;
use crate::i18n::use_i18n;
use crate::state::Asked;
use crate::ui::keys::is_escape;
use crate::ui::{IconButton, IconName};

/// Question of the agent on a task, with its answers and their delivery, and a field for another.
/// Escape closes it and keeps what is typed.
#[component]
pub fn Reply(
    /// Task of the card.
    task: TaskId,
) -> impl IntoView {
    let i18n = use_i18n();
    let view = use_board_actions().view;
    let own = StoredValue::new(task.clone());
    let close = move || {
        view.replying.set(None);
        view.focus(&own.get_value());
    };
    let keys = move |event: KeyboardEvent| {
        if is_escape(&event) {
            event.stop_propagation();
            close();
        }
    };
    view! {
        <div class="task-card-reply" on:keydown=keys>
            <AgentQuestions asked=Asked::About(task) inline=true/>
            <IconButton
                icon=Signal::stored(IconName::Close)
                label=move || i18n.t(|s| s.common.close)
                on_click=move |_| close()
            />
        </div>
    }
}
