//! Observation of elements whose size changes, for any reason: content, density, language, zoom.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};

use super::boxed_effect;

/// Calls `changed` when one of the elements is first seen, and when its size changes. It begins
/// when all exist, and ends with the current owner.
pub(super) fn on_resize<const COUNT: usize>(
    elements: impl Fn() -> Option<[Element; COUNT]> + 'static,
    changed: impl Fn() + Clone + 'static,
) {
    let observer = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    let stop = move || {
        if let Some(Some((resize, _))) = observer.try_update_value(Option::take) {
            resize.disconnect();
        }
    };
    boxed_effect(move || {
        stop();
        let Some(elements) = elements() else {
            return;
        };
        let callback = Closure::<dyn FnMut()>::new(changed.clone());
        let Ok(resize) = ResizeObserver::new(callback.as_ref().unchecked_ref()) else {
            return;
        };
        elements.iter().for_each(|element| resize.observe(element));
        observer.set_value(Some((resize, callback)));
    });
    on_cleanup(stop);
}
