//! The title of the browser's tab.

use leptos::prelude::*;

use super::effect;

/// Keeps the document's title equal to the result of `title`.
pub fn use_title(title: impl Fn() -> String + 'static) {
    effect(move || document().set_title(&title()));
}
