//! The title of the browser's tab.

use leptos::prelude::*;

use super::boxed_effect;

/// Keeps the document's title equal to the result of `title`.
pub fn use_title(title: impl Fn() -> String + 'static) {
    boxed_effect(move || document().set_title(&title()));
}
