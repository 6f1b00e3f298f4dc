//! Taking a task from the agent that works on it: the server refuses a move that does not name the
//! agent, and the person is asked.

use leptos::prelude::*;
use tasktree_protocol::{AgentId, Status};

use super::board_actions::{BoardActions, number_sign, use_board_actions};
use super::board_view::Asking;
use crate::i18n::use_i18n;
use crate::state::PickUp;
use crate::ui::ConfirmDialog;

impl BoardActions {
    /// Asks whether a task is to be taken from the agent that works on it.
    pub(super) fn ask_to_take(&self, pick: PickUp, to: Status, holder: AgentId) {
        // The answer may come when the board was left: then there is nobody to ask, and the task
        // stays the agent's.
        self.view.asking.try_set(Some(Asking { pick, to, holder }));
    }

    /// Makes the move that was asked about, unless the task has changed since it was picked up.
    fn take(&self, asking: Asking) {
        let Asking { pick, to, holder } = asking;
        self.view.focus(&pick.task);
        self.put_down_taking(&pick, to, Some(holder));
    }
}

/// The question whether to take a task from the agent that works on it.
#[component]
pub fn TakeDialog() -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let asking = actions.view.asking;
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(asking.with(Option::is_some)));
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        // Whoever says no is at the card again, which may have been made anew.
        if was_open == Some(true)
            && !is_open
            && let Some(declined) = asking.get_untracked()
        {
            asking.set(None);
            actions.view.focus(&declined.pick.task);
        }
        is_open
    });
    let about = move |asking: &Asking| {
        let task = number_sign(asking.pick.number);
        i18n.t(|s| s.board.take_over)(asking.holder.as_str(), &task)
    };
    // The words stay while the dialog closes.
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
            on_confirm=move |()| {
                if let Some(asking) = asking.try_update(Option::take).flatten() {
                    actions.take(asking);
                }
            }
        />
    }
}
