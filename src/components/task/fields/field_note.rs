//! The note below a field: it is stored, or why it is not.

use leptos::html;
use leptos::prelude::*;
use tasktree_protocol::draft::{Input, Note};

use super::{Field, sentence};
use crate::components::common::discard_words::discard_words;
use crate::i18n::use_i18n;
use crate::state::use_unsent;
use crate::ui::{Button, ButtonLook, Discard, DiscardQuestion, focus_next};

/// Text below a field: it is stored, why it is not, or its conflicting value. Below it is the
/// question before typed text is discarded.
#[component]
pub fn FieldNote(
    /// Field that the text is about.
    field: Field,
    /// Guard of the field's draft.
    way_out: Discard,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <DiscardQuestion guard=way_out words=discard_words(i18n) />
        <StateNote field />
    }
}

#[component]
fn StateNote(field: Field) -> impl IntoView {
    let i18n = use_i18n();
    let unsent = use_unsent();
    let conflict = NodeRef::<html::Div>::new();
    // The buttons disappear with the choice; the focus stays near, at the field or the button that
    // opens it.
    let stay = move || {
        let place = conflict.get_untracked().and_then(|it| it.parent_element());
        focus_next(place, "input, textarea, header .icon-button");
    };
    let take_theirs = move |_| {
        stay();
        field.input(Input::Discard);
    };
    let keep_mine = move |_| {
        stay();
        field.input(Input::KeepMine);
    };
    move || {
        match field.note() {
        Note::Nothing => ().into_any(),
        Note::Saving if unsent.is_waiting.get() => {
            view! { <p class="field-note" role="status">{i18n.t(|s| s.unsent.field_waits)}</p> }.into_any()
        }
        Note::Saving => view! { <p class="field-note" role="status">{i18n.t(|s| s.task.saving)}</p> }.into_any(),
        Note::Saved => {
            view! { <p class="field-note" data-kind="saved" role="status">{i18n.t(|s| s.task.saved)}</p> }.into_any()
        }
        Note::Faulty(fault) => {
            view! { <p class="field-note" data-kind="refused" role="alert">{i18n.t(sentence(fault))}</p> }.into_any()
        }
        Note::Refused(reason) => {
            view! { <p class="field-note" data-kind="refused" role="alert">{reason}</p> }.into_any()
        }
        Note::Conflict(theirs) => view! {
            <div node_ref=conflict class="field-note" data-kind="conflict" role="alert">
                <p>{i18n.t(|s| s.task.conflict)}</p>
                <blockquote dir="auto">{theirs}</blockquote>
                // A press must not take the focus from the field: leaving it saves.
                <div class="field-note-actions" on:mousedown=|event| event.prevent_default()>
                    <Button label=i18n.t(|s| s.task.take_theirs) on_click=take_theirs />
                    <Button look=ButtonLook::Danger label=i18n.t(|s| s.task.keep_mine) on_click=keep_mine />
                </div>
            </div>
        }
        .into_any(),
    }
    }
}
