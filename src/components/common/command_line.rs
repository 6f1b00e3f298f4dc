//! A text to copy as it is: a command, a secret.

use leptos::prelude::*;

use crate::i18n::use_i18n;
use crate::ui::CopyButton;

/// Text in one block, with a button that copies it.
#[component]
pub fn CommandLine(
    /// Text to copy.
    text: String,
) -> impl IntoView {
    let i18n = use_i18n();
    // A line breaks between words: browsers break after the hyphens of an option too.
    let words: Vec<_> = text
        .split_inclusive([' ', '\n'])
        .map(|word| view! { <span class="command-word">{word.to_owned()}</span> })
        .collect();
    view! {
        <div class="command">
            <pre tabindex="0"><code>{words}</code></pre>
            <CopyButton
                text
                label=move || i18n.t(|s| s.common.copy)
                copied_label=move || i18n.t(|s| s.common.copied)
                failed_label=move || i18n.t(|s| s.common.copy_failed)
            />
        </div>
    }
}
