//! Text that was typed into a dialog.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlTextAreaElement};

use crate::ui::keys::is_text_field;

/// Text fields of a dialog as they were when it was opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    before: StoredValue<Option<Vec<String>>>,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            before: StoredValue::new(None),
        }
    }
}

impl Written {
    /// Records the texts of the fields, before a person can have changed them.
    pub(super) fn begin(self, dialog: &Element) {
        // The dialog may be gone by then.
        self.before.try_set_value(Some(texts(dialog)));
    }

    /// Returns true if the text of a field has changed since.
    pub(super) fn has_text(self, dialog: &Element) -> bool {
        let before = self.before.get_value();
        before.is_some_and(|before| before != texts(dialog))
    }

    /// Clears the record when the dialog is closed.
    pub(super) fn forget(self) {
        self.before.try_set_value(None);
    }
}

/// Returns the texts of the editable fields.
fn texts(dialog: &Element) -> Vec<String> {
    let Ok(fields) = dialog.query_selector_all("input, textarea") else {
        return Vec::new();
    };
    (0..fields.length())
        .filter_map(|at| fields.get(at)?.dyn_into::<Element>().ok())
        .filter(|field| is_text_field(field) && !field.has_attribute("readonly"))
        .map(|field| text_of(&field))
        .collect()
}

fn text_of(field: &Element) -> String {
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        input.value()
    } else if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
        area.value()
    } else {
        String::new()
    }
}
