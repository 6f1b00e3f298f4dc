//! What is done before the next paint.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};

/// Calls `what` before the next paint, whatever becomes of the current owner until then.
///
/// Leptos' `request_animation_frame` keeps each closure until the owner that is current at the call
/// ends, and cancels it then. Event handlers run under the owner of their view, so every call on a
/// view that stays open for days would cost memory. This closure is freed as soon as it has run.
pub fn before_next_paint(what: impl FnOnce() + 'static) {
    request(Box::new(what));
}

fn request(what: Box<dyn FnOnce()>) {
    let callback = Closure::once_into_js(what);
    // Fails only where the callback is no function.
    let _ = window().request_animation_frame(callback.unchecked_ref());
}

/// One place in the next frame: work that is asked for several times is done once.
///
/// A hidden page has no next paint for hours, and one request a message would pile up. The place ends
/// with the current owner, and can be copied into callbacks.
#[derive(Clone, Copy, Debug)]
pub struct NextFrame(StoredValue<bool, LocalStorage>);

impl NextFrame {
    /// A free one.
    pub fn new() -> Self {
        Self(StoredValue::new_local(false))
    }

    /// Does it in the next frame, unless something waits for that already.
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
