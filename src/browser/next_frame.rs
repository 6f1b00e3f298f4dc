//! Work before the next paint.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};

/// Calls `what` before the next paint, even if the current owner ends until then.
///
/// Leptos' `request_animation_frame` keeps each closure until the owner that is current at the call
/// ends, and cancels it then. Event handlers run under the owner of their view, so every call on a
/// view that stays open for days would cost memory. This closure is freed as soon as it has run.
pub fn before_next_paint(what: impl FnOnce() + 'static) {
    request(Box::new(what));
}

fn request(what: Box<dyn FnOnce()>) {
    let callback = Closure::once_into_js(what);
    // It fails only if the callback is not a function.
    let _ = window().request_animation_frame(callback.unchecked_ref());
}

/// Slot in the next frame: work that is requested several times is done once.
///
/// A hidden page has no next paint for hours, and one request per message would pile up. The slot
/// ends with the current owner, and can be copied into callbacks.
#[derive(Clone, Copy, Debug)]
pub struct NextFrame(StoredValue<bool, LocalStorage>);

impl NextFrame {
    /// Creates a free slot.
    pub fn new() -> Self {
        Self(StoredValue::new_local(false))
    }

    /// Calls `what` in the next frame, unless something waits for that already.
    pub fn run(self, what: impl FnOnce() + 'static) {
        let waits = self
            .0
            .try_update_value(|waits| std::mem::replace(waits, true));
        // `None`: the owner has ended.
        if waits == Some(false) {
            before_next_paint(move || {
                if self.0.try_set_value(false).is_none() {
                    what();
                }
            });
        }
    }
}

impl Default for NextFrame {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_channel::oneshot;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// Waits until the callbacks of an earlier frame request have run.
    async fn frame() {
        let (sender, receiver) = oneshot::channel::<()>();
        let callback = Closure::once_into_js(move || {
            let _ = sender.send(());
        });
        let _ = window().request_animation_frame(callback.unchecked_ref());
        assert!(receiver.await.is_ok());
    }

    #[wasm_bindgen_test]
    async fn a_callback_is_freed_when_it_has_run_though_its_owner_lives_on() {
        const CALLS: u32 = 100;
        let (held, owner) = (Rc::new(()), Owner::new());
        // Objects of the browser that this program keeps alive: a closure is one.
        let before = wasm_bindgen::externref_heap_live_count();
        for _ in 0..CALLS {
            let held = Rc::clone(&held);
            owner.with(|| before_next_paint(move || assert!(Rc::strong_count(&held) > 1)));
        }
        frame().await;
        assert_eq!(Rc::strong_count(&held), 1);
        let kept = wasm_bindgen::externref_heap_live_count().saturating_sub(before);
        assert!(kept < CALLS / 2, "{kept} of {CALLS} callbacks are kept");
        // A request by an owner that ends before the frame is executed all the same.
        let (sender, receiver) = oneshot::channel::<()>();
        owner.with(|| {
            before_next_paint(move || {
                let _ = sender.send(());
            });
        });
        owner.cleanup();
        assert!(receiver.await.is_ok());
    }
}
