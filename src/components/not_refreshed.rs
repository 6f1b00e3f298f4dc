//! A project that is shown, and could not be read again when it had to be.

use leptos::prelude::*;

use crate::i18n::use_i18n;
use crate::net::{ConnectionState, use_websocket};
use crate::state::{Load, use_board};
use crate::ui::{Button, ButtonLook, Icon, IconName, hand_on_focus};

/// Says why what is shown may be out of date though there is a connection, and offers to try again. Nothing otherwise.
#[component]
pub fn NotRefreshed() -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let error = board.refresh_error();
    let is_shown = Memo::new(move |_| board.load().with(|load| matches!(load, Load::Ready)));
    let socket = use_websocket();
    // Where there is no connection, that says enough.
    let is_connected = Memo::new(move |_| {
        let state = socket.state.get();
        matches!(
            state,
            ConnectionState::Live | ConnectionState::Legacy | ConnectionState::CatchingUp { .. }
        )
    });
    move || {
        error
            .get()
            .filter(|_| is_shown.get() && is_connected.get())
            .map(|error| {
                hand_on_focus(".board-notice");
                view! {
                    <div class="board-notice" data-level="warning" role="alert">
                        <Icon name=IconName::Warning/>
                        <p>{i18n.t(|s| s.errors.not_refreshed)}" "{i18n.error(&error)}</p>
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
