//! Where the connection stands, in words and with a shape, always true.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::connection_details::ConnectionDetails;
use crate::i18n::{I18n, use_i18n};
use crate::net::{ConnectionState, StopReason, use_websocket};
use crate::state::use_unsent;
use crate::time::now_ms;
use crate::ui::{Icon, IconName, Popover};

/// How often the seconds to the next attempt are counted anew, in milliseconds.
const COUNT_MS: u32 = 250;

/// The state of the connection; a click shows more of it.
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
    // The effect keeps the interval as its value: nothing ticks while nothing is counted.
    Effect::new(move |_: Option<Option<Interval>>| {
        is_waiting.get().then(|| {
            counted_ms.set(now_ms());
            Interval::new(COUNT_MS, move || counted_ms.set(now_ms()))
        })
    });
    let words = Memo::new(move |_| {
        let now_ms = if is_waiting.get() {
            counted_ms.get()
        } else {
            0
        };
        socket.state.with(|state| words(i18n, state, now_ms))
    });
    let look = Memo::new(move |_| socket.state.with(Look::of));
    // Since when, where data is shown that is not live.
    let data_from = Memo::new(move |_| {
        let is_shown = socket.state.with(|state| {
            !matches!(
                state,
                ConnectionState::Live
                    | ConnectionState::Legacy
                    | ConnectionState::CatchingUp { .. }
            )
        });
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
                {move || look.get().icon().map(|name| view! { <Icon name/> })}
            </span>
            <span class="connection-words">{move || words.get()}</span>
            {move || data_from.get().map(|from| view! { <span class="connection-from">{from}</span> })}
            {move || unsent_count.get().map(|count| view! {
                <span class="connection-unsent">{i18n.count(|s| s.unsent.count, count)}</span>
            })}
        }
    };
    view! {
        <div class="connection" data-look=move || look.get().as_str()>
            <Popover class="connection-badge" name=move || i18n.t(|s| s.connection.name) trigger=trigger panel_class="connection-panel">
                <ConnectionDetails words/>
            </Popover>
            {move || can_retry().then(|| view! {
                <button type="button" class="connection-retry" on:click=move |_| socket.retry_now()>
                    {move || i18n.t(|s| s.connection.retry_now)}
                </button>
            })}
        </div>
    }
}

/// How the badge looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Live,
    Busy,
    Waiting,
    Offline,
    Stopped,
}

impl Look {
    fn of(state: &ConnectionState) -> Self {
        match state {
            ConnectionState::Live => Self::Live,
            ConnectionState::CatchingUp { .. } | ConnectionState::Legacy => Self::Busy,
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
            Self::Waiting => "waiting",
            Self::Offline => "offline",
            Self::Stopped => "stopped",
        }
    }

    /// The shape; a live connection has a plain ring, made by the style sheet.
    const fn icon(self) -> Option<IconName> {
        match self {
            Self::Live => None,
            Self::Busy => Some(IconName::Down),
            Self::Waiting => Some(IconName::Retry),
            Self::Offline => Some(IconName::Offline),
            Self::Stopped => Some(IconName::Warning),
        }
    }
}

/// What the badge says, by the state alone.
fn words(i18n: I18n, state: &ConnectionState, now_ms: i64) -> String {
    let word = match state {
        ConnectionState::Live => i18n.t(|s| s.connection.live),
        ConnectionState::CatchingUp { remaining: 0 } => i18n.t(|s| s.connection.catching_up_some),
        ConnectionState::CatchingUp { remaining } => {
            return i18n.count(|s| s.connection.catching_up, *remaining);
        }
        ConnectionState::Waiting { until_ms, .. } => {
            // Rounded up: it never says 0 while it still waits.
            let seconds = u64::try_from(until_ms - now_ms)
                .unwrap_or(0)
                .div_ceil(1_000);
            return i18n.count(|s| s.connection.waiting, seconds);
        }
        ConnectionState::Connecting { .. } => i18n.t(|s| s.connection.connecting),
        ConnectionState::Offline => i18n.t(|s| s.connection.offline),
        ConnectionState::Degraded => i18n.t(|s| s.connection.degraded),
        ConnectionState::Legacy => i18n.t(|s| s.connection.compatible),
        ConnectionState::Idle => i18n.t(|s| s.connection.idle),
        ConnectionState::Stopped(reason) => stopped(i18n, reason).0,
    };
    word.to_owned()
}

/// Why the connection stays closed: in a few words, and with what helps.
pub(super) fn stopped(i18n: I18n, reason: &StopReason) -> (&'static str, &'static str) {
    use tasktree_protocol::frame::close;
    i18n.t(|s| {
        let s = &s.connection;
        match reason {
            StopReason::Closed => (s.stopped_closed, s.explain_stopped_closed),
            StopReason::MaxAttempts => (s.stopped_limit, s.explain_stopped_limit),
            StopReason::Refused {
                code: close::INVALID_TOKEN,
                ..
            } => (s.stopped_sign_in, s.explain_stopped_sign_in),
            StopReason::Refused {
                code: close::VERSION,
                ..
            } => (s.stopped_version, s.explain_stopped_version),
            StopReason::Refused { .. } => (s.stopped_refused, s.explain_stopped_refused),
        }
    })
}

/// Whether pressing Retry does anything.
fn retry_helps(state: &ConnectionState) -> bool {
    matches!(
        state,
        ConnectionState::Waiting { .. } | ConnectionState::Degraded | ConnectionState::Stopped(_)
    )
}
