//! Memory of a page while views come and go.

// Every test binary has its own copy of this module and uses a part of it.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic
)]

use js_sys::{ArrayBuffer, WebAssembly};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::support::{listener_count, settle};

#[wasm_bindgen(module = "/tests/support/tasks.js")]
extern "C" {
    /// Returns after one more task of the browser, so that timers and answers have their turn.
    #[wasm_bindgen(js_name = one_task)]
    async fn js_one_task();
    fn in_flight() -> u32;
}

/// Number of times that each kind of view is mounted and dropped.
const VIEWS: u32 = 5_000;
/// Number of views that are mounted before memory is measured: one-time allocations exist by then.
const WARM_UP: u32 = 1_000;
/// Unit in which WebAssembly memory grows, in bytes.
const PAGE: u32 = 64 * 1024;
/// Growth allowed after the warm-up, in bytes: 32 per view. Any leak is larger.
const GROWTH: u32 = 2 * PAGE;
/// Number of rounds between two waits for a frame, in which work for the next paint is done.
const FRAME_EVERY: u32 = 50;
/// Longest time until a view must appear, in milliseconds.
const PATIENCE_MS: f64 = 20_000.0;
/// Number of additional handles of browser objects that are allowed: some may be in flight.
const HANDLES: u32 = 20;

/// Resources that a page holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// Memory in bytes.
    bytes: u32,
    /// Number of browser objects.
    handles: u32,
    /// Number of listeners on window and document.
    listeners: i32,
}

impl Held {
    /// Measures after all temporary work has ended, since its amount depends on the speed of the
    /// machine.
    async fn at_rest() -> Self {
        settle().await;
        let begun = now();
        while in_flight() > 0 {
            assert!(now() - begun < PATIENCE_MS, "something does not end");
            frame().await;
        }
        settle().await;
        Self {
            bytes: bytes(),
            handles: wasm_bindgen::externref_heap_live_count(),
            listeners: listener_count(),
        }
    }
}

fn bytes() -> u32 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory
        .buffer()
        .unchecked_into::<ArrayBuffer>()
        .byte_length()
}

/// Runs a round, which mounts and drops that number of views, until there were [`VIEWS`]. Fails if
/// memory, handles or listeners grow with the rounds.
pub async fn stays_flat(views: u32, mut round: impl AsyncFnMut(u32)) {
    // Memory freed by earlier tests would hide a leak of this one.
    let ballast = fill_up();
    let mut before = Held::at_rest().await;
    for number in 0..VIEWS / views {
        if number == WARM_UP / views {
            before = Held::at_rest().await;
        }
        round(number).await;
        js_one_task().await;
        if number % FRAME_EVERY == 0 {
            frame().await;
        }
    }
    let after = Held::at_rest().await;
    drop(ballast);
    assert!(
        after.bytes <= before.bytes + GROWTH,
        "{} bytes a view are not freed",
        (after.bytes - before.bytes) / (VIEWS - WARM_UP)
    );
    assert!(
        after.handles <= before.handles + HANDLES,
        "{before:?} became {after:?}: objects of the browser are not let go"
    );
    assert_eq!(
        after.listeners, before.listeners,
        "listeners on window or document are not removed"
    );
}

/// Allocates until no hole larger than the smallest block is left.
fn fill_up() -> Vec<Vec<u8>> {
    let mut blocks = Vec::with_capacity(1 << 16);
    for size in [1 << 16, 1 << 14, 1 << 12, 1 << 10, 1 << 8, 1 << 6] {
        let before = bytes();
        while bytes() == before {
            blocks.push(vec![0; size]);
        }
    }
    blocks
}

/// Waits until effects, and the work that they started, have run.
pub async fn effects() {
    leptos::task::tick().await;
    leptos::task::tick().await;
}

/// Waits for a condition, one task of the browser after the other. Fails after [`PATIENCE_MS`]: a
/// fixed number of tasks would pass too soon on a busy machine.
pub async fn soon(what: &str, condition: impl Fn() -> bool) {
    let begun = now();
    while !condition() {
        assert!(now() - begun < PATIENCE_MS, "waited in vain: {what}");
        js_one_task().await;
    }
}

/// Returns the time since the page was opened, in milliseconds. Tests set the page's own clock.
fn now() -> f64 {
    let window = web_sys::window().unwrap();
    window.performance().unwrap().now()
}

/// Waits for the next frame.
async fn frame() {
    let (sender, receiver) = futures_channel::oneshot::channel::<()>();
    tasktree_board::browser::before_next_paint(move || {
        let _ = sender.send(());
    });
    receiver.await.unwrap();
}
