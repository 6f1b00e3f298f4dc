//! A text area with a button that sends what is in it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::TaskId;

use crate::api;
use crate::i18n::use_i18n;
use crate::net::new_command_id;
use crate::state::{BoardState, DraftOf, TaskComments, draft, keep_draft};
use crate::ui::{Button, ButtonLook};

/// Writes a new comment. What is typed is kept until it is sent, also where the drawer is closed.
#[component]
pub fn Composer(
    /// The task that the comment is on.
    task: TaskId,
    /// The comments that it joins.
    comments: TaskComments,
    /// The board of the project.
    board: BoardState,
) -> impl IntoView {
    let i18n = use_i18n();
    let kept = DraftOf::Comment(task.clone());
    let text = RwSignal::new(draft(&kept));
    let failure = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    // The same text sent again after a lost answer has the same key, and is stored once.
    let key = RwSignal::new(new_command_id());
    let (task, kept) = (StoredValue::new(task), StoredValue::new(kept));
    let type_text = move |written: String| {
        kept.with_value(|kept| keep_draft(kept, &written));
        text.set(written);
        key.set(new_command_id());
    };
    let send = move || {
        let (body, task, kept) = (text.get_untracked(), task.get_value(), kept.get_value());
        if body.trim().is_empty() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let (project, key) = (board.project(), key.get_untracked());
        spawn_local(async move {
            match api::add_comment(&project, &task, &body, &key).await {
                Ok(_) => {
                    // What was typed meanwhile stays.
                    if draft(&kept) == body {
                        keep_draft(&kept, "");
                    }
                    if text.try_get_untracked().as_ref() == Some(&body) {
                        text.try_set(String::new());
                    }
                    comments.refresh();
                }
                Err(error) => {
                    let reason = untrack(|| i18n.error(&error));
                    let said = untrack(|| i18n.t(|s| (s.comments.not_sent)(&reason)));
                    failure.try_set(Some(said));
                }
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <form
            class="comment-composer"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <textarea
                class="input comment-area"
                rows="2"
                dir="auto"
                aria-label=move || i18n.t(|s| s.comments.write)
                placeholder=move || i18n.t(|s| s.comments.write)
                prop:value=move || text.get()
                on:input:target=move |event| type_text(event.target().value())
                on:keydown=move |event| {
                    let is_enter = event.key() == "Enter" && !event.is_composing();
                    if is_enter && (event.ctrl_key() || event.meta_key()) {
                        event.prevent_default();
                        send();
                    }
                }
            ></textarea>
            <div class="markdown-actions">
                <Button
                    look=ButtonLook::Primary
                    submit=true
                    disabled=Signal::derive(move || is_busy.get() || text.read().trim().is_empty())
                    label=move || i18n.t(|s| s.comments.send)
                />
                <span class="field-hint">{move || i18n.t(|s| s.comments.hint)}</span>
            </div>
            {move || failure.get().map(|said| view! { <p class="form-error" role="alert">{said}</p> })}
        </form>
    }
}
