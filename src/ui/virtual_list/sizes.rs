//! The sizes of the list and its rows.

use leptos::html;
use leptos::prelude::*;

use crate::ui::boxed_effect;
use crate::ui::resized::on_resize;

/// Writes a signal only if the difference is visible.
pub(super) fn set_if_changed(signal: RwSignal<f64>, value: f64) {
    if signal
        .try_get_untracked()
        .is_some_and(|current| (current - value).abs() > 0.01)
    {
        signal.set(value);
    }
}

/// Returns the height of the browser's window in pixels.
pub(super) fn screen_height() -> f64 {
    let height = window()
        .inner_height()
        .ok()
        .and_then(|height| height.as_f64());
    height.filter(|height| *height > 0.0).unwrap_or(800.0)
}

/// Calls `changed` now and whenever the list or a row changes its size, which covers density,
/// language and zoom.
pub(super) fn observe_sizes(
    list: NodeRef<html::Div>,
    probe: NodeRef<html::Div>,
    changed: impl Fn() + Copy + 'static,
) {
    boxed_effect(move || {
        if list.get().is_some() && probe.get().is_some() {
            changed();
        }
    });
    on_resize(
        move || Some([list.get()?.into(), probe.get()?.into()]),
        changed,
    );
}
