//! A button that puts a text on the clipboard and confirms it.

use super::copy::copy_text;
use super::{IconName, announce};
use crate::ui::IconButton;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::text_prop::TextProp;

/// Duration for which the button shows that it worked, in milliseconds.
const SHOWN_MS: u32 = 1_500;

/// Button that copies `text`.
#[component]
pub fn CopyButton(
    /// Text to copy.
    #[prop(into)]
    text: TextProp,
    /// Label of the button.
    #[prop(into)]
    label: TextProp,
    /// Announcement after copying.
    #[prop(into)]
    copied_label: TextProp,
    /// Sentence for a browser that refuses; the text is then shown, and selected.
    #[prop(into)]
    failed_label: TextProp,
) -> impl IntoView {
    let is_copied = RwSignal::new(false);
    let icon = move || {
        if is_copied.get() {
            IconName::Check
        } else {
            IconName::Copy
        }
    };
    let copy = move |_| {
        let (text, copied) = (text.get().to_string(), copied_label.get().to_string());
        let failed = failed_label.get().to_string();
        spawn_local(async move {
            if !copy_text(&text, &failed).await {
                return;
            }
            announce(&copied);
            is_copied.set(true);
            TimeoutFuture::new(SHOWN_MS).await;
            // The button may be gone by now.
            is_copied.try_set(false);
        });
    };
    view! { <IconButton icon=Signal::derive(icon) label on_click=copy/> }
}
