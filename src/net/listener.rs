//! An event listener that ends with its owner.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AddEventListenerOptions, Event, EventTarget};

/// Calls a function at each event of a kind, until it is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    target: EventTarget,
    kind: &'static str,
    callback: Closure<dyn FnMut(Event)>,
    is_capturing: bool,
}

impl Listener {
    /// Listens to `kind` on `target`.
    pub(crate) fn new(
        target: &EventTarget,
        kind: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> Self {
        Self::with_options(
            target,
            kind,
            &AddEventListenerOptions::new(),
            false,
            callback,
        )
    }

    /// Listens in the capture phase: before what is below `target`.
    pub(crate) fn capturing(
        target: &EventTarget,
        kind: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> Self {
        Self::with_options(
            target,
            kind,
            &AddEventListenerOptions::new(),
            true,
            callback,
        )
    }

    /// Listens to an event whose default, such as scrolling, the callback may prevent.
    pub(crate) fn active(
        target: &EventTarget,
        kind: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> Self {
        let options = AddEventListenerOptions::new();
        options.set_passive(false);
        Self::with_options(target, kind, &options, false, callback)
    }

    fn with_options(
        target: &EventTarget,
        kind: &'static str,
        options: &AddEventListenerOptions,
        is_capturing: bool,
        callback: impl FnMut(Event) + 'static,
    ) -> Self {
        options.set_capture(is_capturing);
        let callback = Closure::<dyn FnMut(Event)>::new(callback);
        // Fails only where the callback is no function.
        let _ = target.add_event_listener_with_callback_and_add_event_listener_options(
            kind,
            callback.as_ref().unchecked_ref(),
            options,
        );
        Self {
            target: target.clone(),
            kind,
            callback,
            is_capturing,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback_and_bool(
            self.kind,
            self.callback.as_ref().unchecked_ref(),
            self.is_capturing,
        );
    }
}
