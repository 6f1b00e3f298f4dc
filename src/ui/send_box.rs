//! A text area with a button that sends its text.

use leptos::html;
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use web_sys::{KeyboardEvent, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::keys::{is_enter, is_send};
use super::{Button, ButtonLook};
use crate::browser::before_next_paint;

/// Form with one text, sent by its button or by Ctrl+Enter. Errors are shown below it.
///
/// An `inline` one opens where a person is about to type: it takes the focus, and Enter without
/// Shift sends.
#[component]
pub fn SendBox(
    /// CSS class of the form.
    class: &'static str,
    /// Text to send.
    text: RwSignal<String>,
    /// Label of the text.
    #[prop(into)]
    label: TextProp,
    /// Label of the button.
    #[prop(into)]
    send_label: TextProp,
    /// Hint beside the button.
    #[prop(into)]
    hint: TextProp,
    /// Set while the text is being sent.
    is_busy: RwSignal<bool>,
    /// Reason why it was not sent.
    failure: RwSignal<Option<String>>,
    /// Callback with the text after each input.
    #[prop(into)]
    on_type: Callback<String>,
    /// Callback to send the text.
    #[prop(into)]
    on_send: Callback<()>,
    /// Set for a form that opens where a person is about to type.
    #[prop(optional)]
    inline: bool,
    /// Content above the text.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let placeholder = label.clone();
    let field = NodeRef::<html::Textarea>::new();
    if inline {
        field.on_load(|field| {
            let _ = field.focus();
            // The focus shows the field alone: its button may be below the fold.
            before_next_paint(move || {
                if let Ok(Some(form)) = field.closest("form") {
                    let nearest = ScrollIntoViewOptions::new();
                    nearest.set_block(ScrollLogicalPosition::Nearest);
                    form.scroll_into_view_with_scroll_into_view_options(&nearest);
                }
            });
        });
    }
    let sends = move |event: &KeyboardEvent| {
        is_send(event) || (inline && is_enter(event) && !event.shift_key())
    };
    view! {
        <form
            class=class
            on:submit=move |event| {
                event.prevent_default();
                on_send.run(());
            }
        >
            {children.map(|children| children())}
            <textarea
                node_ref=field
                class="input comment-area"
                rows="2"
                dir="auto"
                aria-label=label
                placeholder=move || placeholder.get()
                prop:value=move || text.get()
                on:input:target=move |event| on_type.run(event.target().value())
                on:keydown=move |event| {
                    if sends(&event) {
                        event.prevent_default();
                        on_send.run(());
                    }
                }
            ></textarea>
            <div class="markdown-actions">
                <Button
                    look=ButtonLook::Primary
                    submit=true
                    disabled=Signal::derive(move || is_busy.get() || text.read().trim().is_empty())
                    label=send_label
                />
                <span class="field-hint">{move || hint.get()}</span>
            </div>
            {move || failure.get().map(|said| view! { <p class="form-error" role="alert">{said}</p> })}
        </form>
    }
}
