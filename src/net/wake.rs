//! Wake events: time may have passed unnoticed, or the network came or went.

use std::cell::Cell;

use gloo_timers::callback::Interval;
use tasktree_protocol::session::{Environment, Input, Wake};
use wasm_bindgen::JsCast;
use web_sys::{Event, EventTarget, PageTransitionEvent};

use crate::browser::clock::now_ms;
use crate::browser::{Listener, page_is_visible};

/// Interval at which the clock is checked, in milliseconds: the shortest that a browser allows the
/// timers of a hidden page.
const LOOK_MS: u32 = 1_000;
/// Delay of a check after which the machine must have slept, in milliseconds. A page that was only
/// busy, or is throttled, sends nothing but a ping.
const LATE_MS: i64 = 5_000;

/// Returns the environment that the session needs with every input.
pub(super) fn environment(buffered_bytes: u64) -> Environment {
    Environment {
        now_ms: now_ms(),
        visible: page_is_visible(),
        random: js_sys::Math::random(),
        buffered_bytes,
    }
}

/// Returns true if the browser believes that the machine is on a network.
pub(super) fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Reports to `input` that the machine has slept, until it is dropped. The timers of a page stand
/// still meanwhile, and no event need follow.
pub(super) fn watch_clock(input: impl Fn(Input) + 'static) -> Interval {
    let last = Cell::new(now_ms());
    Interval::new(LOOK_MS, move || {
        let now = now_ms();
        let passed = now - last.replace(now);
        if passed > i64::from(LOOK_MS) + LATE_MS {
            input(Input::Woke(Wake::Clock));
        }
    })
}

/// Reports every wake to `input`, until the listeners are dropped.
pub(super) fn listen(input: impl Fn(Input) + Clone + 'static) -> Vec<Listener> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let mut listeners = Vec::new();
    let mut on = |target: &EventTarget, kind, reading: fn(&Event) -> Option<Input>| {
        let input = input.clone();
        listeners.push(Listener::new(target, kind, move |event| {
            if let Some(wake) = reading(&event) {
                input(wake);
            }
        }));
    };
    on(&window, "focus", |_| Some(Input::Woke(Wake::Focus)));
    on(&window, "online", |_| Some(Input::Online(true)));
    on(&window, "offline", |_| Some(Input::Online(false)));
    // Without `persisted` it is the first load, which is no wake.
    on(&window, "pageshow", |event| {
        let shown = event.dyn_ref::<PageTransitionEvent>()?;
        shown.persisted().then_some(Input::Woke(Wake::PageShow))
    });
    if let Some(document) = window.document() {
        // When a page is hidden its deadlines are checked too: their limits change then.
        on(&document, "visibilitychange", |_| {
            Some(if page_is_visible() {
                Input::Woke(Wake::Visible)
            } else {
                Input::Tick
            })
        });
        on(&document, "resume", |_| Some(Input::Woke(Wake::Resume)));
    }
    listeners
}
