//! Event listeners that end, and free their resources, with their owner.

use std::borrow::Cow;

use leptos::ev::EventDescriptor;
use leptos::prelude::{LocalStorage, StoredValue, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AddEventListenerOptions, Event, EventTarget};

/// Listener that calls a function at each event of a kind, until it is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    target: EventTarget,
    kind: Cow<'static, str>,
    callback: Closure<dyn FnMut(Event)>,
    is_capturing: bool,
}

impl Listener {
    /// Listens to `kind` on `target`.
    pub(crate) fn new(
        target: &EventTarget,
        kind: impl Into<Cow<'static, str>>,
        callback: impl FnMut(Event) + 'static,
    ) -> Self {
        let options = AddEventListenerOptions::new();
        Self::with_options(target, kind.into(), &options, false, Box::new(callback))
    }

    /// Listens in the capture phase: before the elements below `target`.
    pub(crate) fn capturing(
        target: &EventTarget,
        kind: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> Self {
        let options = AddEventListenerOptions::new();
        Self::with_options(target, kind.into(), &options, true, Box::new(callback))
    }

    /// Listens to an event whose default, such as scrolling, the callback may prevent.
    pub(crate) fn active(
        target: &EventTarget,
        kind: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> Self {
        let options = AddEventListenerOptions::new();
        options.set_passive(false);
        Self::with_options(target, kind.into(), &options, false, Box::new(callback))
    }

    fn with_options(
        target: &EventTarget,
        kind: Cow<'static, str>,
        options: &AddEventListenerOptions,
        is_capturing: bool,
        callback: Box<dyn FnMut(Event)>,
    ) -> Self {
        options.set_capture(is_capturing);
        let callback = Closure::wrap(callback);
        // It fails only if the callback is not a function.
        let _ = target.add_event_listener_with_callback_and_add_event_listener_options(
            &kind,
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
            &self.kind,
            self.callback.as_ref().unchecked_ref(),
            self.is_capturing,
        );
    }
}

/// Calls `heard` at each event of that kind on the window, until the current owner ends.
///
/// Leptos' `window_event_listener` leaves its closure to the browser's garbage collector. That
/// frees it long after the listener was removed, because it does not see the WebAssembly memory
/// behind it.
pub(crate) fn listen_on_window<E: EventDescriptor<EventType: JsCast>>(
    event: E,
    heard: impl Fn(E::EventType) + 'static,
) {
    let listener = Listener::new(&window(), event.name(), move |event| {
        heard(event.unchecked_into());
    });
    // The owner keeps the listener.
    let _ = StoredValue::<_, LocalStorage>::new_local(listener);
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use leptos::ev;
    use leptos::prelude::Owner;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_listener_hears_until_its_owner_ends_and_what_it_holds_is_freed_at_once() {
        let heard = Rc::new(Cell::new(0));
        let owner = Owner::new();
        let counter = Rc::clone(&heard);
        owner.with(|| listen_on_window(ev::resize, move |_| counter.set(counter.get() + 1)));
        let resize = || {
            let event = Event::new("resize").ok();
            event.is_some_and(|event| window().dispatch_event(&event).is_ok())
        };
        assert!(resize());
        assert_eq!(heard.get(), 1);
        owner.cleanup();
        assert_eq!(
            Rc::strong_count(&heard),
            1,
            "it is not left to the garbage collector"
        );
        assert!(resize());
        assert_eq!(heard.get(), 1);
    }
}
