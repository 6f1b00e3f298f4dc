//! A long text in Markdown: shown rendered, edited as source.

use leptos::html;
use leptos::prelude::*;
use leptos::text_prop::TextProp;

use super::{Editable, Field, FieldNote};
use crate::components::common::allowed::Allowed;
use crate::components::common::markdown::Markdown;
use crate::i18n::use_i18n;
use crate::state::use_access;
use crate::ui::keys::{is_escape, is_send};
use crate::ui::{Button, ButtonLook, IconButton, IconName, ShowIf, focus_next};

/// Text with its heading. For people who may change it, the pencil opens an editor with a preview;
/// leaving saves.
#[component]
pub fn MarkdownField(
    /// Field to show.
    field: Field,
    /// Label of the field.
    #[prop(into)]
    label: TextProp,
) -> impl IntoView {
    let i18n = use_i18n();
    let access = use_access();
    let may_write = move || access.may("change");
    let is_opened = RwSignal::new(false);
    let is_writing = move || is_opened.get() && may_write();
    let is_preview = RwSignal::new(false);
    let area = NodeRef::<html::Textarea>::new();
    // Not `on_load`: that works once, and a text may be opened for editing again.
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            let _ = area.focus();
        }
    });
    let section = NodeRef::<html::Section>::new();
    let close = move || {
        is_opened.set(false);
        is_preview.set(false);
        // The focused field disappears: the focus stays near, on the button that opens it again.
        focus_next(section.get_untracked().map(Into::into), "header button");
    };
    let way_out = field.way_out(close);
    let finish = move || {
        way_out.forget();
        field.commit();
        close();
    };
    let value = Signal::derive(move || {
        if may_write() {
            field.value()
        } else {
            field.stored()
        }
    });
    let heading = label.clone();
    view! {
        <section node_ref=section class="markdown-field">
            <header>
                <h3>{move || heading.get()}</h3>
                <ShowIf
                    when=is_writing
                    fallback=move || view! {
                        <Allowed permission="change">
                            <IconButton
                                icon=Signal::stored(IconName::Edit)
                                label=move || i18n.t(|s| s.common.edit)
                                on_click=move |_| is_opened.set(true)
                            />
                        </Allowed>
                    }
                >
                    <Button
                        look=ButtonLook::Quiet
                        label=move || i18n.t(|s| if is_preview.get() { s.task.write } else { s.task.preview })
                        on_click=move |_| is_preview.update(|preview| *preview = !*preview)
                    />
                </ShowIf>
            </header>
            <ShowIf
                when=move || is_writing() && !is_preview.get()
                fallback=move || view! {
                    <ShowIf
                        when=move || !value.with(|text| text.trim().is_empty())
                        fallback=move || view! {
                            <Editable text=move || i18n.t(|s| s.task.nothing_written) class="muted">
                                <button type="button" class="markdown-empty" on:click=move |_| is_opened.set(true)>
                                    {move || i18n.t(|s| s.task.nothing_written)}
                                </button>
                            </Editable>
                        }
                    >
                        <Markdown text=value />
                    </ShowIf>
                }
            >
                <textarea
                    node_ref=area
                    class="input markdown-area"
                    rows="8"
                    dir="auto"
                    aria-label=label.clone()
                    prop:value=value
                    on:input:target=move |event| field.edit(event.target().value())
                    on:blur=move |_| field.blur(way_out)
                    on:keydown=move |event| {
                        if is_send(&event) {
                            event.prevent_default();
                            finish();
                        } else if is_escape(&event) {
                            event.prevent_default();
                            event.stop_propagation();
                            way_out.escape();
                        }
                    }
                ></textarea>
            </ShowIf>
            <ShowIf when=is_writing>
                <div class="markdown-actions">
                    <Button look=ButtonLook::Primary label=move || i18n.t(|s| s.common.save) on_click=move |_| finish() />
                    <Button
                        look=ButtonLook::Quiet
                        label=move || i18n.t(|s| s.common.close)
                        on_click=move |_| finish()
                    />
                    <span class="field-hint">{move || i18n.t(|s| s.task.markdown_hint)}</span>
                </div>
            </ShowIf>
            <FieldNote field way_out />
        </section>
    }
}
