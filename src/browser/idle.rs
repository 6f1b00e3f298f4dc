//! Work for the time when the browser has nothing else to do.

use gloo_timers::callback::Timeout;
use js_sys::{Function, Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

/// Calls `act` when the browser is idle, or after `longest_ms` milliseconds.
pub(crate) fn when_idle(longest_ms: u32, act: impl FnOnce() + 'static) {
    let window = window();
    let request = Reflect::get(&window, &JsValue::from_str("requestIdleCallback"));
    let request = request
        .ok()
        .and_then(|request| request.dyn_into::<Function>().ok());
    // Safari has no such function.
    let Some(request) = request else {
        Timeout::new(longest_ms, act).forget();
        return;
    };
    let options = Object::new();
    let timeout = JsValue::from_f64(f64::from(longest_ms));
    // Neither fails: the object is an ordinary one, and the callback is a function.
    let _ = Reflect::set(&options, &JsValue::from_str("timeout"), &timeout);
    let _ = request.call2(&window, &Closure::once_into_js(act), &options);
}
