//! How much memory of WebAssembly a page holds while views come and go.

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
    /// Ends when the browser has done one more task: timers, answers and messages have their turn.
    #[wasm_bindgen(js_name = one_task)]
    async fn js_one_task();
}

/// How often each view is made and taken away.
const VIEWS: u32 = 5_000;
/// Views after which everything that is made once is there.
const WARM_UP: u32 = 1_000;
/// The unit in which memory grows, in bytes.
const PAGE: u32 = 64 * 1024;
/// What the other views may add, in bytes: 32 each. A leak is a hundred at least.
const GROWTH: u32 = 2 * PAGE;
/// In one of so many rounds the next frame is waited for, and with it for what was to be done in it.
const FRAME_EVERY: u32 = 50;
/// Objects of the browser that may be held more than before, and listeners to the page: those that a round happens to have under way.
const HANDLES: u32 = 20;

/// What a page holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// Bytes of memory.
    bytes: u32,
    /// Objects of the browser.
    handles: u32,
    /// Listeners on window and document.
    listeners: i32,
}

impl Held {
    fn now() -> Self {
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

/// Does a round, which makes so many views and takes them away, until there were 5,000. Fails where memory, handles or listeners grow with
/// the rounds.
pub async fn stays_flat(views: u32, mut round: impl AsyncFnMut(u32)) {
    settle().await;
    // What earlier tests have freed would hide what this one leaks.
    let ballast = fill_up();
    let mut before = Held::now();
    for number in 0..VIEWS / views {
        if number == WARM_UP / views {
            settle().await;
            before = Held::now();
        }
        round(number).await;
        js_one_task().await;
        if number % FRAME_EVERY == 0 {
            frame().await;
        }
    }
    settle().await;
    let after = Held::now();
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

/// Allocates until no hole is left that is larger than the smallest of these.
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

/// Lets effects run, and what they have begun.
pub async fn effects() {
    leptos::task::tick().await;
    leptos::task::tick().await;
}

/// Lets the browser do other things until something is so.
pub async fn soon(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if condition() {
            return;
        }
        js_one_task().await;
    }
    panic!("waited in vain: {what}");
}

/// Lets the next frame be drawn.
async fn frame() {
    let (sender, receiver) = futures_channel::oneshot::channel::<()>();
    tasktree_board::ui::before_next_paint(move || {
        let _ = sender.send(());
    });
    receiver.await.unwrap();
}
