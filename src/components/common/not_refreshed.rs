//! The notice of a project that is shown, but could not be refreshed.

use leptos::prelude::*;

use crate::i18n::use_i18n;
use crate::net::{ConnectionState, use_websocket};
use crate::state::{Load, use_board};
use crate::ui::{Button, ButtonLook, Icon, IconName, hand_on_focus};

/// Reports why the content may be out of date despite a connection, and offers a retry. Shows
/// nothing otherwise.
#[component]
pub fn NotRefreshed(
    /// State of loading the content: content that was never loaded has a message of its own.
    of: Signal<Load>,
) -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let error = board.refresh_error();
    let socket = use_websocket();
    // Without a connection, its own message is enough.
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
                        label=move || i18n.t(|s| s.common.retry)
                        on_click=move |_| board.retry()
                    />
                </div>
            }
        })
    }
}
