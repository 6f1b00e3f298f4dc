//! The details of the connection.

use leptos::prelude::*;
use leptos::text_prop::TextProp;
use tasktree_protocol::frame::close;

use super::unsent_list::UnsentList;
use crate::i18n::{I18n, Strings, use_i18n};
use crate::net::{Blocked, ConnectionState, StopReason, use_websocket};
use crate::state::reload;
use crate::ui::{Button, IconName};

/// Present state, explanation and numbers.
#[component]
pub fn ConnectionDetails(
    /// Text of the badge.
    words: Memo<String>,
    /// Set while the server has stopped answering.
    is_silent: Memo<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let socket = use_websocket();
    let moment = move |at_ms: Option<i64>| match at_ms {
        Some(at_ms) => i18n.time_to_second(at_ms),
        None => i18n.t(|s| s.connection.never).to_owned(),
    };
    let mode = move || {
        let (is_legacy, is_connected) = socket
            .details
            .with(|details| (details.legacy, details.connections > 0));
        let is_polling = socket
            .state
            .with(|state| matches!(state, ConnectionState::Polling(_)));
        i18n.t(|s| match (is_legacy, is_connected) {
            _ if is_polling => s.connection.mode_polling,
            (true, _) => s.connection.mode_compatible,
            (false, true) => s.connection.mode_ordered,
            (false, false) => s.connection.mode_none,
        })
    };
    let round_trip = move || match socket.round_trip_ms.get() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a duration, rounded"
        )]
        Some(millis) => {
            i18n.t(|s| s.connection.milliseconds)(&i18n.number(millis.max(0.0).round() as u64))
        }
        None => i18n.t(|s| s.connection.never).to_owned(),
    };
    let closed = move || {
        let close = socket.details.with(|details| details.last_close.clone())?;
        let (code, reason) = (close.0.to_string(), close.1);
        Some(if reason.is_empty() {
            code
        } else {
            i18n.t(|s| s.connection.code_and_reason)(&code, &reason)
        })
    };
    let is_stopped = move || {
        socket
            .state
            .with(|state| matches!(state, ConnectionState::Stopped(_)))
    };
    let row = move |name: fn(&Strings) -> &'static str, value: TextProp| {
        view! {
            <dt>{move || i18n.t(name)}</dt>
            <dd dir="auto">{move || value.get()}</dd>
        }
    };
    view! {
        <h2 class="panel-title">{move || words.get()}</h2>
        <p class="muted">{move || socket.state.with(|state| explanation(i18n, state, is_silent.get()))}</p>
        <UnsentList/>
        <dl class="facts">
            {row(|s| s.connection.mode, mode.into())}
            {row(|s| s.connection.last_connected, (move || moment(socket.details.with(|it| it.last_live_ms))).into())}
            {row(|s| s.connection.last_message, (move || moment(socket.details.with(|it| it.last_frame_ms))).into())}
            {row(|s| s.connection.round_trip, round_trip.into())}
            {row(|s| s.connection.messages, (move || i18n.number(socket.details.with(|it| it.messages))).into())}
            {row(|s| s.connection.attempts, (move || i18n.number(socket.details.with(|it| u64::from(it.attempts)))).into())}
            {move || closed().map(|closed| row(|s| s.connection.closed_with, closed.into()))}
        </dl>
        {move || is_stopped().then(|| view! {
            <div class="panel-actions">
                <Button
                    icon=IconName::Retry
                    label=move || i18n.t(|s| s.connection.retry_now)
                    on_click=move |_| socket.retry_now()
                />
                <Button label=move || i18n.t(|s| s.common.reload) on_click=move |_| reload()/>
            </div>
        })}
    }
}

fn explanation(i18n: I18n, state: &ConnectionState, is_silent: bool) -> &'static str {
    i18n.t(|s| {
        let s = &s.connection;
        match state {
            _ if is_silent => s.explain_no_answer,
            ConnectionState::Live => s.explain_live,
            ConnectionState::CatchingUp { .. } => s.explain_catching_up,
            ConnectionState::Idle | ConnectionState::Connecting { .. } => s.explain_connecting,
            ConnectionState::Waiting { .. } => s.explain_waiting,
            ConnectionState::Offline => s.explain_offline,
            ConnectionState::Degraded => s.explain_degraded,
            ConnectionState::Legacy => s.explain_compatible,
            ConnectionState::Polling(Blocked::Refused) => s.explain_polling_refused,
            ConnectionState::Polling(Blocked::Silent) => s.explain_polling_silent,
            ConnectionState::Polling(Blocked::Cut) => s.explain_polling_cut,
            ConnectionState::Stopped(StopReason::Closed) => s.explain_stopped_closed,
            ConnectionState::Stopped(StopReason::MaxAttempts) => s.explain_stopped_limit,
            ConnectionState::Stopped(StopReason::Refused { code, .. }) => match *code {
                close::INVALID_TOKEN => s.explain_stopped_sign_in,
                close::VERSION => s.explain_stopped_version,
                _ => s.explain_stopped_refused,
            },
        }
    })
}
