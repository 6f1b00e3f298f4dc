//! The board before its tasks are loaded: the same layout, so that nothing moves when they come.

use leptos::prelude::*;
use tasktree_protocol::Status;

use crate::components::common::status_icon::status_icon;
use crate::i18n::use_i18n;
use crate::ui::{Icon, live};

/// Columns with cards without text.
#[component]
pub fn LoadingBoard() -> impl IntoView {
    let i18n = use_i18n();
    let column = move |(at, status): (usize, Status)| {
        // Fewer cards to the right, as on most boards.
        let cards = (0..5 - at.min(4))
            .map(|_| view! { <div class="card-skeleton"></div> }.into_any())
            .collect_view();
        view! {
            <div class="column" data-status=status.as_str() data-tab=(at == 0).then_some("true")>
                <header class="column-head">
                    <span class="status-icon" data-status=status.as_str()><Icon name=status_icon(status) /></span>
                    <h2 class="column-name">{live(move || i18n.status(status))}</h2>
                </header>
                <div class="column-body">{cards}</div>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="columns" role="status" aria-busy="true" aria-label=live(move || i18n.t(|s| s.board.loading))>
            {Status::ALL.into_iter().enumerate().map(column).collect_view()}
        </div>
    }
}
