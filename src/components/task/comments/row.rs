//! One comment.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{Comment, Timestamp};

use crate::api;
use crate::components::common::actor::{actor_kind, actor_name};
use crate::components::common::discard_words::discard_words;
use crate::components::common::markdown::Markdown;
use crate::i18n::use_i18n;
use crate::net::new_command_id;
use crate::state::{BoardState, DraftOf, TaskComments, draft, keep_draft, use_access};
use crate::ui::keys::{is_escape, is_send};
use crate::ui::{
    Button, ButtonLook, Discard, DiscardQuestion, IconButton, IconName, ShowIf, focus_next,
    use_clock,
};

/// Author, time and text of a comment. Its author can edit it, and managers of the project can
/// delete it.
#[component]
pub fn CommentRow(
    /// Comment to show.
    comment: Comment,
    /// List that contains the comment.
    comments: TaskComments,
    /// Board of the project.
    board: BoardState,
    /// Callback that asks before a comment is deleted.
    ask: Callback<u64>,
) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let access = use_access();
    let Comment {
        id,
        author,
        body,
        made_at,
        edited_at,
        deleted_at,
        ..
    } = comment;
    let (kind, written_by) = (actor_kind(&author), author.clone());
    let is_there = deleted_at.is_none();
    let is_mine = Memo::new(move |_| is_there && access.may("change") && access.is_actor(&author));
    let may_delete = Memo::new(move |_| is_there && (is_mine.get() || access.may("manage")));
    // An editor with a draft opens again.
    let is_open = RwSignal::new(!draft(&DraftOf::CommentEdit(id, made_at)).is_empty());
    let takes_focus = StoredValue::new(false);
    let written = StoredValue::new(body.clone());
    let text = Signal::stored(body);
    let item = NodeRef::<html::Li>::new();
    let close = Callback::new(move |()| {
        is_open.set(false);
        focus_next(item.get_untracked().map(Into::into), ".comment-head button");
    });
    let editor = move || {
        let takes_focus = takes_focus.get_value();
        view! { <Editor id made_at first=written.get_value() takes_focus comments board close /> }
    };
    view! {
        <li node_ref=item class="comment" data-deleted=(!is_there).then_some("true")>
            <p class="comment-head">
                <strong class="history-actor" data-actor=kind dir="auto">
                    {move || actor_name(i18n, &written_by)}
                </strong>
                <time class="muted" datetime=made_at.to_string() title=move || i18n.date_time(made_at)>
                    {move || i18n.age(made_at, clock)}
                </time>
                {edited_at.filter(|_| is_there).map(|at| view! {
                    <span class="muted" title=move || i18n.date_time(at)>
                        {move || i18n.t(|s| s.comments.edited)}
                    </span>
                })}
                <span class="spacer"></span>
                <ShowIf when=move || is_mine.get() && !is_open.get()>
                    <IconButton
                        icon=Signal::stored(IconName::Edit)
                        label=move || i18n.t(|s| s.comments.edit)
                        on_click=move |_| {
                            takes_focus.set_value(true);
                            is_open.set(true);
                        }
                    />
                </ShowIf>
                <ShowIf when=move || may_delete.get() && !is_open.get()>
                    <IconButton
                        icon=Signal::stored(IconName::Delete)
                        label=move || i18n.t(|s| s.comments.delete)
                        on_click=move |_| ask.run(id)
                    />
                </ShowIf>
            </p>
            {if is_there {
                view! {
                    <ShowIf when=move || is_open.get() && is_mine.get() fallback=move || view! { <Markdown text /> }>
                        {editor()}
                    </ShowIf>
                }
                .into_any()
            } else {
                view! { <p class="muted">{move || i18n.t(|s| s.comments.deleted)}</p> }.into_any()
            }}
        </li>
    }
}

/// Editor for the text of a comment. The typed text is kept until it is saved or discarded, even if
/// the drawer is closed.
#[component]
fn Editor(
    id: u64,
    made_at: Timestamp,
    first: String,
    takes_focus: bool,
    comments: TaskComments,
    board: BoardState,
    close: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let kept = draft(&DraftOf::CommentEdit(id, made_at));
    let text = RwSignal::new(if kept.is_empty() { first.clone() } else { kept });
    let keep = move |text: &str| keep_draft(&DraftOf::CommentEdit(id, made_at), text);
    let type_text = {
        let first = first.clone();
        move |typed: String| {
            keep(if typed == first { "" } else { &typed });
            text.set(typed);
        }
    };
    let way_out = Discard::new(
        move || text.with_untracked(|text| *text != first && !text.trim().is_empty()),
        move || {
            keep("");
            close.run(());
        },
    );
    // After the database was replaced, the same id belongs to another comment.
    let bound = StoredValue::new(board.bound());
    let failure = RwSignal::new(None::<String>);
    let area = NodeRef::<html::Textarea>::new();
    area.on_load(move |area| {
        if takes_focus {
            let _ = area.focus();
        }
    });
    let save = move || {
        let (project, body) = (board.project(), text.get_untracked());
        if body.trim().is_empty() {
            return;
        }
        let (bound, key) = (bound.get_value(), new_command_id());
        spawn_local(async move {
            let once = api::Once {
                id: &key,
                bound: bound.as_ref(),
            };
            match api::edit_comment(&project, id, &body, once).await {
                Ok(_) => {
                    // What was typed meanwhile stays.
                    if draft(&DraftOf::CommentEdit(id, made_at)) == body {
                        keep("");
                    }
                    comments.refresh();
                    close.try_run(());
                }
                Err(error) => {
                    let reason = untrack(|| i18n.error(&error));
                    let said = untrack(|| i18n.t(|s| (s.comments.not_sent)(&reason)));
                    failure.try_set(Some(said));
                }
            }
        });
    };
    view! {
        <textarea
            node_ref=area
            class="input comment-area"
            rows="3"
            dir="auto"
            aria-label=move || i18n.t(|s| s.comments.edit)
            prop:value=move || text.get()
            on:input:target=move |event| type_text(event.target().value())
            on:keydown=move |event| {
                if is_send(&event) {
                    event.prevent_default();
                    save();
                } else if is_escape(&event) {
                    event.prevent_default();
                    event.stop_propagation();
                    way_out.escape();
                }
            }
        ></textarea>
        <div class="markdown-actions">
            <Button
                look=ButtonLook::Primary
                disabled=Signal::derive(move || text.read().trim().is_empty())
                label=move || i18n.t(|s| s.common.save)
                on_click=move |_| save()
            />
            <Button
                look=ButtonLook::Quiet
                label=move || i18n.t(|s| s.common.cancel)
                on_click=move |_| way_out.leave()
            />
        </div>
        <DiscardQuestion guard=way_out words=discard_words(i18n) />
        {move || failure.get().map(|said| view! { <p class="form-error" role="alert">{said}</p> })}
    }
}
