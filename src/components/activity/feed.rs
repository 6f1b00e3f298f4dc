//! The activity of a project, newest first: every event; events of types unknown to this version
//! are shown raw.

use leptos::prelude::*;
use tasktree_protocol::{Event, Message, ProjectId};

use crate::components::common::not_loaded::NotLoaded;
use crate::components::project::reset_undo::UndoButton;
use crate::i18n::use_i18n;
use crate::state::Load;
use crate::ui::{Icon, KeyedList, Numbered, Skeleton, use_clock};

mod describe;
mod follower;

use describe::{Described, describe};
use follower::follow;

/// Events of a project.
#[component]
pub fn ActivityFeed(
    /// Project of the events.
    project: ProjectId,
) -> impl IntoView {
    let i18n = use_i18n();
    let follower = follow(project.clone());
    let feed = follower.feed;
    let rows = move || {
        let mut rows = feed.rows();
        rows.reverse();
        rows
    };
    let instead = move || match follower.load.get() {
        Load::Failed(error) => view! {
            <NotLoaded what=i18n.t(|s| s.shell.events) error on_retry=move |()| follower.read()/>
        }
        .into_any(),
        _ if !feed.is_empty() => ().into_any(),
        Load::Loading => view! { <Skeleton lines=8/> }.into_any(),
        Load::Ready => {
            view! { <p class="panel-empty">{i18n.t(|s| s.shell.no_events)}</p> }.into_any()
        }
    };
    view! {
        <section class="panel" aria-labelledby="feed-title">
            <header class="panel-head">
                <h2 id="feed-title">{move || i18n.t(|s| s.shell.events)}</h2>
            </header>
            {instead}
            <ol class="feed" reversed>
                <KeyedList each=rows key=|row| row.number let:event>
                    <FeedRow event project=project.clone()/>
                </KeyedList>
            </ol>
        </section>
    }
}

/// Returns the id of the undo that the event offers, if any.
fn undo_of(message: &Message) -> Option<&String> {
    match &message.event {
        Event::TasksReset(reset) => reset.undo.as_ref(),
        _ => None,
    }
}

#[component]
fn FeedRow(event: Numbered<Message>, project: ProjectId) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let message = event.row;
    let at = message.timestamp;
    let undo = undo_of(&message).cloned().zip(Some(project.clone()));
    let described = Memo::new(move |_| describe(i18n, &message, &project));
    move || {
        let Described {
            icon,
            status,
            title,
            subject,
            detail,
            href,
            actor,
            is_raw,
        } = described.get();
        let subject = match href {
            Some(href) => {
                view! { <a class="feed-subject" dir="auto" href=href>{subject}</a> }.into_any()
            }
            None => {
                view! { <span class="feed-subject" class:mono=is_raw dir="auto">{subject}</span> }
                    .into_any()
            }
        };
        view! {
            <li class="feed-row">
                <span class="feed-icon" data-status=status><Icon name=icon/></span>
                <div class="feed-text">
                    <span class="feed-title" class:mono=is_raw>{title}</span>
                    {subject}
                    {detail.map(|detail| view! { <span class="feed-detail" dir="auto">{detail}</span> })}
                    {undo.clone().map(|(undo, project)| view! { <UndoButton project undo/> })}
                </div>
                <span class="feed-actor clipped" dir="auto">{actor}</span>
                <time
                    class="feed-time"
                    datetime=at.to_string()
                    title=move || i18n.date_time(at)
                >
                    {move || i18n.age(at, clock)}
                </time>
            </li>
        }
    }
}
