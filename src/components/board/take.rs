//! Taking a task from the agent that works on it. The server refuses a change that does not name
//! the agent, and the person is asked.

use leptos::prelude::*;
use tasktree_protocol::error::code;
use tasktree_protocol::{AgentId, TaskId, WireError};

use super::actions::{BoardActions, use_board_actions};
use super::view::{Asking, Taking};
use crate::components::common::number_sign::number_sign;
use crate::i18n::use_i18n;
use crate::ui::ConfirmDialog;

/// Returns the agent that a task must be taken from, if a change was refused for that.
pub(crate) fn holder_in(error: &WireError) -> Option<AgentId> {
    let holder = error.holder.clone()?;
    (error.code == code::CLAIMED).then_some(holder)
}

impl BoardActions {
    /// Asks whether to take a task from the agent that works on it.
    pub(crate) fn ask_to_take(
        &self,
        task: &TaskId,
        number: u64,
        holder: &AgentId,
    ) -> impl Future<Output = Taking> + use<> {
        self.view.ask_to_take(Asking {
            task: task.clone(),
            number,
            holder: holder.clone(),
        })
    }
}

/// Question whether to take a task from the agent that works on it.
#[component]
pub fn TakeDialog() -> impl IntoView {
    let i18n = use_i18n();
    let view = use_board_actions().view;
    let asking = view.asking;
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(asking.with(Option::is_some)));
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open == Some(true) && !is_open {
            // Has no effect if it was answered.
            untrack(|| view.settle_taking(Taking::No));
        }
        is_open
    });
    let about = move |asking: &Asking| {
        let task = number_sign(asking.number);
        i18n.t(|s| s.board.take_over)(asking.holder.as_str(), &task)
    };
    // The text stays while the dialog closes.
    let title = Memo::new(move |last: Option<&String>| {
        let title = asking.with(|asking| asking.as_ref().map(about));
        title.or(last.cloned()).unwrap_or_default()
    });
    view! {
        <ConfirmDialog
            open
            title=title
            text=move || i18n.t(|s| s.board.take_over_text)
            confirm_label=move || i18n.t(|s| s.board.take)
            cancel_label=move || i18n.t(|s| s.common.cancel)
            on_confirm=move |()| view.settle_taking(Taking::Yes)
        />
    }
}
