//! The title of the browser's tab.

use leptos::prelude::*;

/// Keeps the document's title at what `title` gives.
pub fn use_title(title: impl Fn() -> String + 'static) {
    Effect::new(move |_| document().set_title(&title()));
}
