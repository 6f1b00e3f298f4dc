//! Clicks beside a dialog: on its backdrop from the press to the release. Selecting text with the
//! mouse often ends outside, and is no such click.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

/// Flags of a press that began and ended outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Press {
    ends: StoredValue<(bool, bool)>,
}

impl Default for Press {
    fn default() -> Self {
        Self {
            ends: StoredValue::new((false, false)),
        }
    }
}

impl Press {
    /// Records the beginning of a press.
    pub(super) fn begin(self, event: &MouseEvent) {
        self.ends.set_value((is_outside(event), false));
    }

    /// Records the end of a press.
    pub(super) fn end(self, event: &MouseEvent) {
        self.ends.update_value(|ends| ends.1 = is_outside(event));
    }

    /// Returns true for a click whose press began and ended outside.
    pub(super) fn was_outside(self, event: &MouseEvent) -> bool {
        let ends = self.ends.get_value();
        self.ends.set_value((false, false));
        ends == (true, true) && is_outside(event)
    }
}

/// Returns true for an event on the backdrop. That belongs to the dialog's own element, and so does
/// its scroll bar.
fn is_outside(event: &MouseEvent) -> bool {
    let dialog = event
        .current_target()
        .and_then(|dialog| dialog.dyn_into::<Element>().ok());
    let Some(dialog) = dialog.filter(|_| event.target() == event.current_target()) else {
        return false;
    };
    let edges = dialog.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    x < edges.left() || x > edges.right() || y < edges.top() || y > edges.bottom()
}
