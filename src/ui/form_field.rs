//! A field of a form: label, value, hint, and error.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;
use leptos::text_prop::TextProp;

/// Counter of the fields on the page, so that labels and hints can name theirs.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Field for text, of one line or, with `rows`, of several.
#[component]
pub fn FormField(
    /// Label of the field.
    #[prop(into)]
    label: TextProp,
    /// Text in the field.
    value: RwSignal<String>,
    /// Hint below the field.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// Error below the field; `None` if there is none.
    #[prop(optional, into)]
    error: Signal<Option<&'static str>>,
    /// Number of visible lines, for a field of several.
    #[prop(optional)]
    rows: Option<u32>,
    /// Set if it contains a path, a branch or the like.
    #[prop(optional)]
    mono: bool,
    /// Set if it gets the focus when its dialog opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (id, about) = (format!("field-{number}"), format!("field-{number}-about"));
    let class = if mono { "input mono" } else { "input" };
    let is_invalid = move || error.with(Option::is_some).then_some("true");
    let input = match rows {
        Some(rows) => view! {
            <textarea
                id=id.clone()
                class=class
                rows=rows
                dir="auto"
                aria-describedby=about.clone()
                aria-invalid=is_invalid
                prop:value=move || value.get()
                on:input:target=move |event| value.set(event.target().value())
            ></textarea>
        }
        .into_any(),
        None => view! {
            <input
                id=id.clone()
                class=class
                type="text"
                dir="auto"
                autocomplete="off"
                autofocus=autofocus
                aria-describedby=about.clone()
                aria-invalid=is_invalid
                prop:value=move || value.get()
                on:input:target=move |event| value.set(event.target().value())
            />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label class="field-label" for=id>{move || label.get()}</label>
            {input}
            <div id=about>
                {hint.map(|hint| view! { <p class="field-hint">{move || hint.get()}</p> })}
                {move || error.get().map(|text| view! { <p class="field-error" role="alert">{text}</p> })}
            </div>
        </div>
    }
}
