//! A coalesced fetch: however many events request it, at most one runs and one more waits.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::{Rc, Weak};

use futures_util::FutureExt;
use futures_util::future::{AbortHandle, abortable};
use gloo_timers::callback::Timeout;

use crate::browser::clock::now_ms;

/// Delay between the last event that requests a fetch and its start, in milliseconds.
const QUIET_MS: i64 = 100;
/// Longest delay after the first such event, in milliseconds.
const LONGEST_WAIT_MS: i64 = 300;

type Run = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>>;

/// Runs a fetch on request. Dropping it cancels a running fetch.
pub(super) struct Refetch {
    run: Run,
    running: RefCell<Option<AbortHandle>>,
    /// Time of the first request since the last start.
    asked_ms: Cell<Option<i64>>,
    /// Set if a request came while a fetch was running, which may have begun before the event:
    /// another follows.
    again: Cell<bool>,
    timer: RefCell<Option<Timeout>>,
    me: Weak<Self>,
}

impl Refetch {
    pub(super) fn new(run: Run) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            run,
            running: RefCell::default(),
            asked_ms: Cell::new(None),
            again: Cell::new(false),
            timer: RefCell::default(),
            me: me.clone(),
        })
    }

    /// Returns true if a fetch is under way.
    pub(super) fn is_running(&self) -> bool {
        self.running.borrow().is_some()
    }

    /// Requests a fetch that begins soon, shared with other requests.
    pub(super) fn ask(&self) {
        if self.is_running() {
            self.again.set(true);
            return;
        }
        let now = now_ms();
        // A clock that was set back must not postpone the fetch for ever.
        let asked = self
            .asked_ms
            .get()
            .filter(|asked| *asked <= now)
            .unwrap_or(now);
        self.asked_ms.set(Some(asked));
        self.start_in((asked + LONGEST_WAIT_MS - now).clamp(0, QUIET_MS));
    }

    /// Requests a fetch that begins now or, if one is running, right after it.
    pub(super) fn ask_now(&self) {
        if self.is_running() {
            self.again.set(true);
        } else {
            self.start();
        }
    }

    /// Requests a fetch that begins after a delay in milliseconds, unless an earlier one is
    /// requested.
    pub(super) fn ask_in(&self, delay_ms: i64) {
        if !self.is_running() && self.timer.borrow().is_none() {
            self.start_in(delay_ms);
        }
    }

    fn start_in(&self, delay_ms: i64) {
        let me = self.me.clone();
        let timer = Timeout::new(u32::try_from(delay_ms).unwrap_or(0), move || {
            if let Some(refetch) = me.upgrade() {
                refetch.start();
            }
        });
        self.timer.replace(Some(timer));
    }

    fn start(&self) {
        self.timer.take();
        self.asked_ms.set(None);
        self.again.set(false);
        let (fetch, handle) = abortable((self.run)());
        self.running.replace(Some(handle));
        let me = self.me.clone();
        wasm_bindgen_futures::spawn_local(fetch.map(move |outcome| {
            if let (Ok(()), Some(refetch)) = (outcome, me.upgrade()) {
                refetch.running.take();
                if refetch.again.get() {
                    refetch.ask();
                }
            }
        }));
    }
}

impl Drop for Refetch {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }
}
