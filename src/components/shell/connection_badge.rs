//! The state of the connection, in words and with a shape, always true.

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use tasktree_protocol::frame::close;
use tasktree_protocol::session::constants::PROBE_AFTER_SILENCE_MS;

use super::connection_details::ConnectionDetails;
use crate::browser::clock::now_ms;
use crate::components::lazy::{Lazy, lazy_view};
use crate::i18n::{I18n, use_i18n};
use crate::net::{Blocked, ConnectionState, StopReason, use_websocket};
use crate::state::use_unsent;
use crate::ui::{Icon, IconName, Popover, boxed_effect_keeping, clicked, live};

/// Interval at which seconds are counted, in milliseconds.
const COUNT_MS: u32 = 250;

/// Silence after which a server counts as not answering, in milliseconds. It is pinged by then, and
/// answers at once.
const SILENCE_MS: u64 = PROBE_AFTER_SILENCE_MS.unsigned_abs();

lazy_view! {
    /// Content of the badge's panel.
    fn details(words: Memo<String>, is_silent: Memo<bool>) {
        view! { <ConnectionDetails words is_silent/> }
    }
}

/// Badge with the state of the connection; a click shows details.
#[component]
pub fn ConnectionBadge() -> impl IntoView {
    let i18n = use_i18n();
    let socket = use_websocket();
    let counted_ms = RwSignal::new(now_ms());
    let is_waiting = Memo::new(move |_| {
        socket
            .state
            .with(|state| matches!(state, ConnectionState::Waiting { .. }))
    });
    let is_counting = Memo::new(move |_| is_waiting.get() || socket.state.with(may_be_silent));
    // The effect keeps the interval as its value: nothing ticks while nothing is counted.
    boxed_effect_keeping(move || {
        is_counting.get().then(|| {
            counted_ms.set(now_ms());
            Interval::new(COUNT_MS, move || counted_ms.set(now_ms()))
        })
    });
    // Silence of a server that was connected, in seconds.
    let silent_s = Memo::new(move |_| {
        let is_asked = socket.state.with(may_be_silent);
        let last_ms = socket.details.with(|details| details.last_frame_ms)?;
        let silence = u64::try_from(counted_ms.get() - last_ms).unwrap_or(0);
        (is_asked && silence >= SILENCE_MS).then_some(silence / 1_000)
    });
    let is_silent = Memo::new(move |_| silent_s.with(Option::is_some));
    let words = Memo::new(move |_| {
        if let Some(seconds) = silent_s.get() {
            return i18n.count(|s| s.connection.no_answer, seconds);
        }
        let now_ms = if is_waiting.get() {
            counted_ms.get()
        } else {
            0
        };
        socket.state.with(|state| words(i18n, state, now_ms))
    });
    let look = Memo::new(move |_| socket.state.with(Look::of));
    // The reason for polling, or the age of data that is not live.
    let data_from = Memo::new(move |_| {
        let blocked = socket.state.with(|state| match state {
            ConnectionState::Polling(blocked) => Some(*blocked),
            _ => None,
        });
        if let Some(blocked) = blocked {
            let why = match blocked {
                Blocked::Refused => i18n.t(|s| s.connection.polling_refused),
                Blocked::Silent => i18n.t(|s| s.connection.polling_silent),
                Blocked::Cut => i18n.t(|s| s.connection.polling_cut),
            };
            return Some(why.to_owned());
        }
        let is_shown = socket.state.with(|state| {
            !matches!(
                state,
                ConnectionState::Live
                    | ConnectionState::Legacy
                    | ConnectionState::Polling(_)
                    | ConnectionState::CatchingUp { .. }
            )
        }) || is_silent.get();
        let since = socket
            .details
            .with(|details| details.last_live_ms)
            .filter(|_| is_shown)?;
        Some(i18n.t(|s| s.connection.data_from)(&i18n.time(since)))
    });
    let unsent = use_unsent();
    let unsent_count = Memo::new(move |_| {
        let count = if unsent.is_waiting.get() {
            unsent.changes.read().len()
        } else {
            0
        };
        (count > 0).then_some(count as u64)
    });
    let can_retry = move || socket.state.with(retry_helps);
    let trigger = move || {
        view! {
            <span class="connection-shape" aria-hidden="true">
                {live(move || look.get().icon().map(|name| view! { <Icon name/> }.into_any()))}
            </span>
            <span class="connection-words">{live(move || words.get())}</span>
            <span class="connection-detail">
                {live(move || data_from.get().map(|from| view! { <span class="connection-from">{from}</span> }.into_any()))}
                {live(move || unsent_count.get().map(|count| view! {
                    <span class="connection-unsent">{i18n.count(|s| s.unsent.count, count)}</span>
                }.into_any()))}
            </span>
        }
    };
    view! {
        <div class="connection" data-look=live(move || look.get().as_str())>
            <Popover class="connection-badge" name=move || i18n.t(|s| s.connection.title) trigger=trigger panel_class="connection-panel">
                <Lazy view=move || details(words, is_silent)/>
            </Popover>
            {live(move || can_retry().then(|| view! {
                <button type="button" class="connection-retry" on:click=clicked(move |_| socket.retry_now())>
                    {live(move || i18n.t(|s| s.connection.retry_now))}
                </button>
            }.into_any()))}
        </div>
    }
}

/// Returns true if the state is one in which the page may be waiting for a silent server.
fn may_be_silent(state: &ConnectionState) -> bool {
    matches!(
        state,
        ConnectionState::CatchingUp { .. } | ConnectionState::Connecting { .. }
    )
}

/// Look of the badge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Live,
    Busy,
    /// Current, but not by the best transport.
    Steady,
    Waiting,
    Offline,
    Stopped,
}

impl Look {
    fn of(state: &ConnectionState) -> Self {
        match state {
            ConnectionState::Live => Self::Live,
            ConnectionState::CatchingUp { .. } => Self::Busy,
            ConnectionState::Legacy | ConnectionState::Polling(_) => Self::Steady,
            ConnectionState::Connecting { .. }
            | ConnectionState::Waiting { .. }
            | ConnectionState::Degraded => Self::Waiting,
            ConnectionState::Idle | ConnectionState::Offline => Self::Offline,
            ConnectionState::Stopped(_) => Self::Stopped,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Busy => "busy",
            Self::Steady => "steady",
            Self::Waiting => "waiting",
            Self::Offline => "offline",
            Self::Stopped => "stopped",
        }
    }

    /// Returns the shape; a live connection has a plain ring, drawn by the style sheet.
    const fn icon(self) -> Option<IconName> {
        match self {
            Self::Live => None,
            Self::Busy | Self::Steady => Some(IconName::Down),
            Self::Waiting => Some(IconName::Retry),
            Self::Offline => Some(IconName::Offline),
            Self::Stopped => Some(IconName::Warning),
        }
    }
}

/// Returns the text of the badge, derived from the state alone.
fn words(i18n: I18n, state: &ConnectionState, now_ms: i64) -> String {
    let word = match state {
        ConnectionState::Live => i18n.t(|s| s.connection.live),
        ConnectionState::CatchingUp { remaining: 0 } => i18n.t(|s| s.connection.catching_up_some),
        ConnectionState::CatchingUp { remaining } => {
            return i18n.count(|s| s.connection.catching_up, *remaining);
        }
        ConnectionState::Waiting { until_ms, .. } => {
            // Rounded up: it never shows 0 while it still waits.
            let seconds = u64::try_from(until_ms - now_ms)
                .unwrap_or(0)
                .div_ceil(1_000);
            return i18n.count(|s| s.connection.reconnecting, seconds);
        }
        ConnectionState::Connecting { .. } => i18n.t(|s| s.connection.connecting),
        ConnectionState::Offline => i18n.t(|s| s.connection.offline),
        ConnectionState::Degraded => i18n.t(|s| s.connection.degraded),
        ConnectionState::Legacy => i18n.t(|s| s.connection.compatible),
        ConnectionState::Polling(_) => i18n.t(|s| s.connection.polling),
        ConnectionState::Idle => i18n.t(|s| s.connection.idle),
        ConnectionState::Stopped(reason) => stopped(i18n, reason),
    };
    word.to_owned()
}

/// Returns the reason why the connection stays closed, in a few words.
fn stopped(i18n: I18n, reason: &StopReason) -> &'static str {
    match reason {
        StopReason::Closed => i18n.t(|s| s.connection.stopped_closed),
        StopReason::MaxAttempts => i18n.t(|s| s.connection.stopped_limit),
        StopReason::Refused { code, .. } => match *code {
            close::INVALID_TOKEN => i18n.t(|s| s.connection.stopped_sign_in),
            close::VERSION => i18n.t(|s| s.connection.stopped_version),
            _ => i18n.t(|s| s.connection.stopped_refused),
        },
    }
}

/// Returns true if the Retry button has an effect.
fn retry_helps(state: &ConnectionState) -> bool {
    matches!(
        state,
        ConnectionState::Waiting { .. }
            | ConnectionState::Degraded
            | ConnectionState::Polling(_)
            | ConnectionState::Stopped(_)
    )
}
