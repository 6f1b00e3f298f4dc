//! A field of a form: its name, what is typed, a hint, and what is wrong with it.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;
use leptos::text_prop::TextProp;

/// Numbers the fields of the page, so that names and hints find theirs.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A field for text, of one line or, with `rows`, of several.
#[component]
pub fn TextField(
    /// Its name.
    #[prop(into)]
    label: TextProp,
    /// What is in it.
    value: RwSignal<String>,
    /// What may help.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// What is wrong with it; empty where nothing is.
    #[prop(optional, into)]
    error: Signal<Option<&'static str>>,
    /// How many lines are in sight, where it may have several.
    #[prop(optional)]
    rows: Option<u32>,
    /// Whether it holds a path, a branch or the like.
    #[prop(optional)]
    mono: bool,
    /// Whether it has the focus when its dialog opens.
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
