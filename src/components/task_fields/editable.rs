//! What can be changed by some, and read by everybody.

use leptos::prelude::*;
use leptos::text_prop::TextProp;

use crate::components::allowed::Allowed;

/// Its control, for those whose role allows them to change the task; for others what it says, as text.
#[component]
pub fn Editable(
    /// What it says.
    #[prop(into)]
    text: TextProp,
    /// A class of the text's own.
    #[prop(default = "")]
    class: &'static str,
    /// The control.
    children: ChildrenFn,
) -> impl IntoView {
    let reading = move || {
        let text = text.clone();
        view! { <p class=format!("field-text {class}") dir="auto">{move || text.get()}</p> }
    };
    view! { <Allowed permission="change" otherwise=reading>{children()}</Allowed> }
}
