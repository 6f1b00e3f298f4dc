//! Fields of one line, and of one entry a line.

use leptos::prelude::*;
use leptos::text_prop::TextProp;

use super::{Editable, Field, FieldNote};
use crate::i18n::use_i18n;
use crate::ui::keys::{is_enter, is_send};

/// Field of one line. Enter or leaving it saves; Escape discards, after a question.
#[component]
pub fn TextField(
    /// Field to show.
    field: Field,
    /// Label of the field.
    #[prop(into)]
    label: TextProp,
    /// CSS class of the field.
    #[prop(default = "")]
    class: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let way_out = field.way_out(|| ());
    view! {
        <Editable text=move || field.stored() class>
            <input
                class=format!("input {class}")
                type="text"
                dir="auto"
                autocomplete="off"
                spellcheck="false"
                aria-label=label.clone()
                placeholder=move || i18n.t(|s| s.task.to_fill_in)
                prop:value=move || field.value()
                on:input:target=move |event| field.edit(event.target().value())
                on:blur=move |_| field.blur(way_out)
                on:keydown=move |event| {
                    if is_enter(&event) {
                        event.prevent_default();
                        field.commit();
                    }
                    field.escape(&event, way_out);
                }
            />
        </Editable>
        <FieldNote field way_out />
    }
}

/// Field that grows with its lines: a title that wraps, or a list with one entry a line. Leaving it
/// saves, and so does Ctrl+Enter; with `single`, Enter too.
#[component]
pub fn LinesField(
    /// Field to show.
    field: Field,
    /// Label of the field.
    #[prop(into)]
    label: TextProp,
    /// Set if it is one paragraph, so that Enter saves.
    #[prop(optional)]
    single: bool,
    /// CSS class of the field.
    #[prop(default = "")]
    class: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let way_out = field.way_out(|| ());
    view! {
        <Editable text=move || field.stored() class>
            <textarea
                class=format!("input {class}")
                rows="1"
                dir="auto"
                aria-label=label.clone()
                placeholder=move || i18n.t(|s| s.task.to_fill_in)
                prop:value=move || field.value()
                on:input:target=move |event| field.edit(event.target().value())
                on:blur=move |_| field.blur(way_out)
                on:keydown=move |event| {
                    if is_send(&event) || (single && is_enter(&event)) {
                        event.prevent_default();
                        field.commit();
                    }
                    field.escape(&event, way_out);
                }
            ></textarea>
        </Editable>
        <FieldNote field way_out />
    }
}
