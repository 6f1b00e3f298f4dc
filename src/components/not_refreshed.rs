//! A project that is shown, and could not be read again when it had to be.

use leptos::prelude::*;

use crate::i18n::use_i18n;
use crate::net::{ConnectionState, use_websocket};
use crate::state::{Load, use_board};
use crate::ui::{Button, ButtonLook, Icon, IconName, hand_on_focus};

/// Says why what is shown may be out of date though there is a connection, and offers to try again. Nothing otherwise.
#[component]
pub fn NotRefreshed(
    /// How far loading of it is: what was never read has a message of its own.
    of: Signal<Load>,
) -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let error = board.refresh_error();
    let socket = use_websocket();
    // Where there is no connection, that says enough.
    let is_to_say = Memo::new(move |_| {
        let state = socket.state.get();
        let is_connected =
            state.is_current() || matches!(state, ConnectionState::CatchingUp { .. });
        is_connected && of.with(Load::is_ready)
    });
    move || {
        error.get().filter(|_| is_to_say.get()).map(|error| {
            hand_on_focus(".board-notice");
            view! {
                <div class="board-notice" data-level="warning" role="alert">
                    <Icon name=IconName::Warning/>
                    <p>{i18n.t(|s| s.errors.not_refreshed)}" "{i18n.error(&error)}</p>
                    <Button
                        look=ButtonLook::Quiet
                        icon=IconName::Retry
                        label=move || i18n.t(|s| s.first.retry)
                        on_click=move |_| board.retry()
                    />
                </div>
            }
        })
    }
}
