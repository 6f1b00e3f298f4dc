//! The comments on a task: read by everybody, written by people who may change tasks.

pub mod composer;
pub mod row;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::open_task::OpenTask;
use crate::api;
use crate::components::common::allowed::Allowed;
use crate::components::common::not_loaded::NotLoaded;
use crate::i18n::use_i18n;
use crate::state::Load;
use crate::ui::{ConfirmDialog, KeyedList, Level, Skeleton, Toast, use_toasts};
use composer::Composer;
use row::CommentRow;

/// Section of a task's drawer. Hidden if the server keeps no comments.
#[component]
pub fn TaskComments(
    /// Task of the comments.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let board = open.actions.board;
    let comments = board.open_comments(open.id());
    let (asks, chosen) = (RwSignal::new(false), RwSignal::new(None::<u64>));
    let delete = move |()| {
        let Some(id) = chosen.get_untracked() else {
            return;
        };
        let project = board.project();
        spawn_local(async move {
            if let Err(error) = api::delete_comment(&project, id).await {
                let reason = untrack(|| i18n.error(&error));
                let text = untrack(|| i18n.t(|s| (s.comments.not_deleted)(&reason)));
                toasts.push(Toast::new(Level::Error, text));
            }
            comments.refresh();
        });
    };
    let ask = Callback::new(move |id| {
        chosen.set(Some(id));
        asks.set(true);
    });
    let rows = move || comments.list.get().unwrap_or_default();
    let state = Memo::new(move |_| match comments.load.get() {
        Load::Loading => Shown::Loading,
        Load::Failed(error) => Shown::Failed(error),
        Load::Ready => comments.list.with(|list| match list {
            None => Shown::Nothing,
            Some(list) if list.is_empty() => Shown::Empty,
            Some(_) => Shown::Rows,
        }),
    });
    let instead = move || match state.get() {
        Shown::Loading => view! { <div aria-busy="true"><Skeleton lines=2 /></div> }.into_any(),
        Shown::Failed(error) => view! {
            <NotLoaded
                what=i18n.t(|s| s.comments.the_comments)
                error
                class="comments-failed"
                on_retry=move |()| comments.refresh()
            />
        }
        .into_any(),
        Shown::Empty => {
            view! { <p class="muted comments-empty">{i18n.t(|s| s.comments.empty)}</p> }.into_any()
        }
        Shown::Nothing | Shown::Rows => ().into_any(),
    };
    let is_written = Memo::new(move |_| matches!(state.get(), Shown::Empty | Shown::Rows));
    let born = Memo::new(move |_| open.born());
    view! {
        <section class="task-comments" hidden=move || state.get() == Shown::Nothing>
            <h3>{move || i18n.t(|s| s.comments.title)}</h3>
            {instead}
            <ol>
                <KeyedList
                    each=rows
                    key=|row| format!("{} {} {:?} {:?}", row.id, row.made_at, row.edited_at, row.deleted_at)
                    children=move |comment| view! { <CommentRow comment comments board ask /> }
                />
            </ol>
            // Another task with the same number has a composer of its own.
            {move || born.get().filter(|_| is_written.get()).map(|born| view! {
                <Allowed permission="change">
                    <Composer open born comments />
                </Allowed>
            })}
        </section>
        <ConfirmDialog
            open=asks
            title=move || i18n.t(|s| s.comments.delete_question)
            text=move || i18n.t(|s| s.comments.delete_warning)
            confirm_label=move || i18n.t(|s| s.common.delete)
            cancel_label=move || i18n.t(|s| s.common.cancel)
            on_confirm=Callback::new(delete)
        />
    }
}

/// Content of the section.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    Loading,
    Failed(api::ApiError),
    Nothing,
    Empty,
    Rows,
}
