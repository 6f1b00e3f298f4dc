//! The form in which a person writes a comment.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::Timestamp;

use crate::api;
use crate::components::task::open_task::OpenTask;
use crate::i18n::use_i18n;
use crate::net::new_command_id;
use crate::state::{DraftOf, TaskComments, draft, keep_draft};
use crate::ui::SendBox;

/// Form for a new comment. The typed text is kept until it is sent, even if the drawer is closed.
#[component]
pub fn Composer(
    /// Task that the comment is on.
    open: OpenTask,
    /// Time at which that task was created.
    born: Timestamp,
    /// Comments to refresh afterwards.
    comments: TaskComments,
) -> impl IntoView {
    let i18n = use_i18n();
    let (board, task) = (open.actions.board, open.id());
    let kept = DraftOf::Comment(task.clone(), born);
    let text = RwSignal::new(draft(&kept));
    let failure = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    // A repeat of the same text after a lost answer has the same key, and is stored once.
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
        let (project, key, bound) = (board.project(), key.get_untracked(), open.bound());
        spawn_local(async move {
            let once = api::Once {
                id: &key,
                bound: bound.as_ref(),
            };
            match api::add_comment(&project, &task, &body, once).await {
                Ok(_) => {
                    // Text that was typed meanwhile stays.
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
        <SendBox
            class="comment-composer"
            text
            label=move || i18n.t(|s| s.comments.write)
            send_label=move || i18n.t(|s| s.comments.send)
            hint=move || i18n.t(|s| s.comments.hint)
            is_busy
            failure
            on_type=type_text
            on_send=move |()| send()
        />
    }
}
