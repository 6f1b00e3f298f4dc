//! What is done before the next paint, once however often it is asked for. A page that nobody sees has no next paint for hours, and what
//! asks for one at every message would pile up.

use leptos::prelude::*;

/// One place in the next frame. It ends with the current owner, and can be copied into callbacks.
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
            request_animation_frame(move || {
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
