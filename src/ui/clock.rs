//! The clock from which ages are counted: the server's, since it wrote the times.

use std::any::Any;

use gloo_timers::callback::{Interval, Timeout};
use leptos::prelude::*;

use super::boxed_effect_keeping;
use crate::browser::clock::server_now_ms;

/// Interval at which ages are updated, in milliseconds. They may also count for this long before
/// the first connection.
const TICK_MS: u32 = 30_000;

/// Clock that stands still while the data is not live.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now_ms: RwSignal<i64>,
    is_stale: RwSignal<bool>,
}

impl Clock {
    fn new() -> Self {
        Self {
            now_ms: RwSignal::new(server_now_ms()),
            is_stale: RwSignal::new(false),
        }
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z by the server's clock, at most 30 s old.
    /// While the data is not live, it is the moment at which that began.
    pub fn now_ms(self) -> i64 {
        self.now_ms.get()
    }

    /// Returns true while the clock stands still: ages would be those of an earlier moment then.
    pub fn is_stale(self) -> bool {
        self.is_stale.get()
    }
}

/// Provides a clock to everything below. It runs while `running` is true.
pub fn provide_clock(running: Signal<bool>) -> Clock {
    let clock = Clock::new();
    let mut was_running = false;
    // The effect keeps the timer as its value: it ends with the next run or with the page.
    boxed_effect_keeping(move || -> Option<Box<dyn Any>> {
        if running.get() {
            was_running = true;
            clock.is_stale.set(false);
            clock.now_ms.set(server_now_ms());
            let tick = move || clock.now_ms.set(server_now_ms());
            Some(Box::new(Interval::new(TICK_MS, tick)))
        } else if was_running {
            clock.is_stale.set(true);
            None
        } else {
            let late = move || clock.is_stale.set(true);
            Some(Box::new(Timeout::new(TICK_MS, late)))
        }
    });
    provide_context(clock);
    clock
}

/// Returns the clock of the page; without one, a clock that stands still.
pub fn use_clock() -> Clock {
    use_context().unwrap_or_else(Clock::new)
}
