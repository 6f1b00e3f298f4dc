//! The time that ages are counted from.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::effect_keeping;
use crate::time::now_ms;

/// How often ages move on, in milliseconds.
const TICK_MS: u32 = 30_000;

/// A clock that stands still while what is shown is not live.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now_ms: RwSignal<i64>,
}

impl Clock {
    /// Milliseconds since 1970-01-01T00:00:00Z, at most 30 s old; the moment at which the data stopped being
    /// live, where it is not.
    pub fn now_ms(self) -> i64 {
        self.now_ms.get()
    }
}

/// Gives everything below a clock that runs while `running` says so.
pub fn provide_clock(running: Signal<bool>) -> Clock {
    let clock = Clock {
        now_ms: RwSignal::new(now_ms()),
    };
    // The effect keeps the interval as its value: it ends with the next run or with the page.
    effect_keeping(move || {
        running.get().then(|| {
            clock.now_ms.set(now_ms());
            Interval::new(TICK_MS, move || clock.now_ms.set(now_ms()))
        })
    });
    provide_context(clock);
    clock
}

/// The clock of the page. Where none was given, one that stands still.
pub fn use_clock() -> Clock {
    use_context().unwrap_or_else(|| Clock {
        now_ms: RwSignal::new(now_ms()),
    })
}
