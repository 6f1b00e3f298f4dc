//! A board that is shown, and could not be read again when it had to be.

use leptos::prelude::*;

use crate::app::freshness::use_freshness;
use crate::i18n::use_i18n;
use crate::state::use_board;
use crate::ui::{Button, ButtonLook, Icon, IconName};

/// Says why what is shown may be out of date though the connection is live, and offers to try again. Nothing otherwise.
#[component]
pub fn NotRefreshed() -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let error = board.refresh_error();
    // While it is not live, the connection says so.
    let is_live = use_freshness().is_live();
    move || {
        error.get().filter(|_| is_live.get()).map(|error| {
            view! {
                <div class="board-notice" data-level="warning" role="alert">
                    <Icon name=IconName::Warning/>
                    <p>{i18n.t(|s| s.board.not_refreshed)}" "{i18n.error(&error)}</p>
                    <Button
                        look=ButtonLook::Quiet
                        icon=IconName::Retry
                        label=move || i18n.t(|s| s.common.retry)
                        on_click=move |_| board.retry()
                    />
                </div>
            }
        })
    }
}
