//! A field that some may change, and everybody may read.

use leptos::prelude::*;
use leptos::text_prop::TextProp;

use crate::components::common::allowed::Allowed;

/// Control of a field, for people whose role may change the task; for others its value, as text.
#[component]
pub fn Editable(
    /// Value as text.
    #[prop(into)]
    text: TextProp,
    /// CSS class of the text.
    #[prop(default = "")]
    class: &'static str,
    /// Control of the field.
    children: ChildrenFn,
) -> impl IntoView {
    let reading = move || {
        let text = text.clone();
        view! { <p class=format!("field-text {class}") dir="auto">{move || text.get()}</p> }
    };
    view! { <Allowed permission="change" otherwise=reading>{children()}</Allowed> }
}
