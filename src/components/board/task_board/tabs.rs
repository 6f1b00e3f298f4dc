//! The columns as tabs, for windows too narrow for more than one column. A held card can be dropped
//! on a tab.

use leptos::prelude::*;
use tasktree_protocol::Status;

use crate::components::board::view::use_board_view;
use crate::components::common::status_icon::status_icon;
use crate::i18n::use_i18n;
use crate::state::use_board;
use crate::ui::{Icon, clicked, live};

/// Row of one button per column; the stylesheet shows them in narrow windows only.
#[component]
pub fn ColumnTabs() -> impl IntoView {
    let i18n = use_i18n();
    let view = use_board_view();
    let board = use_board();
    let tab = move |status: Status| {
        let tasks = board.column(status);
        let count = Memo::new(move |_| tasks.with(Vec::len) as u64);
        let label = move || {
            let count = i18n.count(|s| s.board.tasks, count.get());
            i18n.t(|s| (s.board.column_label)(i18n.status(status), &count))
        };
        let is_over = move || {
            view.held
                .with(|held| held.as_ref().is_some_and(|held| held.over == Some(status)))
                .then_some("true")
        };
        view! {
            <button
                type="button"
                class="column-tab"
                data-drop=status.as_str()
                data-over=is_over
                aria-pressed=live(move || (view.tab.get() == status).to_string())
                aria-label=label
                on:click=clicked(move |_| view.tab.set(status))
            >
                <span class="status-icon" data-status=status.as_str()><Icon name=status_icon(status) /></span>
                <span class="column-tab-name">{live(move || i18n.status(status))}</span>
                " "
                <span class="column-count">{live(move || i18n.number(count.get()))}</span>
            </button>
        }
        .into_any()
    };
    view! {
        <div class="column-tabs" role="group" aria-label=live(move || i18n.t(|s| s.board.columns))>
            {Status::ALL.into_iter().map(tab).collect_view()}
        </div>
    }
}
