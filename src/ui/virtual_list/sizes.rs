//! How large the list and its rows are.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::ResizeObserver;

use crate::ui::effect;

/// Wakes nobody for less than anybody can see.
pub(super) fn set_if_changed(signal: RwSignal<f64>, value: f64) {
    if signal
        .try_get_untracked()
        .is_some_and(|current| (current - value).abs() > 0.01)
    {
        signal.set(value);
    }
}

/// The height of the browser's window in pixels.
pub(super) fn screen_height() -> f64 {
    let height = window()
        .inner_height()
        .ok()
        .and_then(|height| height.as_f64());
    height.filter(|height| *height > 0.0).unwrap_or(800.0)
}

/// Calls `changed` now and whenever the list or a row changes its size, which covers density, language and zoom.
pub(super) fn observe_sizes(
    list: NodeRef<html::Div>,
    probe: NodeRef<html::Div>,
    changed: impl Fn() + Copy + 'static,
) {
    let observer = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    effect(move || {
        let (Some(list), Some(probe)) = (list.get(), probe.get()) else {
            return;
        };
        changed();
        let callback = Closure::<dyn FnMut()>::new(changed);
        let Ok(resize) = ResizeObserver::new(callback.as_ref().unchecked_ref()) else {
            return;
        };
        resize.observe(&list);
        resize.observe(&probe);
        observer.set_value(Some((resize, callback)));
    });
    on_cleanup(move || {
        if let Some(Some((resize, _))) = observer.try_update_value(Option::take) {
            resize.disconnect();
        }
    });
}
