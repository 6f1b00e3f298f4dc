//! Effects of one type: `Effect::new` is compiled again for every closure, a kilobyte each, and
//! these once.

use std::any::Any;

use leptos::prelude::Effect;

/// Runs `run` soon, and again whenever a signal that it has read changes, until the current owner
/// ends.
pub fn boxed_effect(mut run: impl FnMut() + 'static) {
    boxed(Box::new(move || {
        run();
        None
    }));
}

/// Runs like [`boxed_effect`], and keeps the result of `run` until its next run, or until the owner
/// ends.
pub fn boxed_effect_keeping<T: 'static>(mut run: impl FnMut() -> Option<T> + 'static) {
    boxed(Box::new(move || {
        run().map(|kept| -> Box<dyn Any> { Box::new(kept) })
    }));
}

fn boxed(mut run: Box<dyn FnMut() -> Option<Box<dyn Any>>>) {
    Effect::new(move |_: Option<Option<Box<dyn Any>>>| run());
}
