//! What happened in a project, newest first: every event, those of types that this version does not know as they are.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{Event, Message, ProjectId};

use super::reset_undo::UndoButton;
use crate::api;
use crate::i18n::use_i18n;
use crate::net::use_websocket;
use crate::state::use_undos;
use crate::ui::{Icon, Numbered, Ring, Skeleton, use_clock};

mod describe;

use describe::{Described, describe};

/// How many events are shown; as many are read when the page opens.
const SHOWN: usize = 200;

/// The events of a project.
#[component]
pub fn ActivityFeed(
    /// Which project.
    project: ProjectId,
) -> impl IntoView {
    let i18n = use_i18n();
    let feed = Ring::<Message>::new(SHOWN);
    let is_loading = RwSignal::new(true);
    follow(feed, is_loading, project.clone());
    let rows = move || {
        let mut rows = feed.rows();
        rows.reverse();
        rows
    };
    view! {
        <section class="panel" aria-labelledby="feed-title">
            <header class="panel-head">
                <h2 id="feed-title">{move || i18n.t(|s| s.shell.events)}</h2>
            </header>
            {move || (is_loading.get() && feed.is_empty()).then(|| view! { <Skeleton lines=8/> })}
            {move || (!is_loading.get() && feed.is_empty()).then(|| view! {
                <p class="panel-empty">{i18n.t(|s| s.shell.no_events)}</p>
            })}
            <ol class="feed" reversed>
                <For each=rows key=|row| row.number let:event>
                    <FeedRow event project=project.clone()/>
                </For>
            </ol>
        </section>
    }
}

/// Reads the newest events, and then takes every one that comes.
fn follow(feed: Ring<Message>, is_loading: RwSignal<bool>, project: ProjectId) {
    // The last event of the log that is in the feed: the log and the socket overlap.
    let last_seq = StoredValue::new(0_u64);
    // Events that come while the log is read go after it.
    let early = StoredValue::new_local(Some(Vec::new()));
    let take = move |message: Message| {
        let is_new = message.seq.is_none_or(|seq| seq > last_seq.get_value());
        if is_new {
            last_seq.update_value(|last| *last = message.seq.unwrap_or(*last));
            feed.extend([message]);
        }
    };
    let undos = use_undos();
    let own = project.clone();
    let listen = move |message: &Message| {
        if message.project_id.as_ref() != Some(&own) || matches!(message.event, Event::Log(_)) {
            return;
        }
        let message = message.clone();
        let is_early = early.try_update_value(|early| match early {
            Some(early) => {
                early.push(message.clone());
                true
            }
            None => false,
        });
        if is_early == Some(false) {
            take(message);
        }
    };
    use_websocket().on_message(listen).forget();
    spawn_local(async move {
        let newest = newest_events(&project).await;
        // Before they are shown: what is over is not offered, not even for a moment.
        let known = newest.iter().filter_map(undo_of).cloned().collect();
        undos.check(&project, known).await;
        // `None`: the page was left meanwhile.
        let Some(early) = early.try_update_value(Option::take) else {
            return;
        };
        // Without a log (an older server, or none now) the feed begins with what comes.
        newest
            .into_iter()
            .chain(early.unwrap_or_default())
            .for_each(take);
        is_loading.set(false);
    });
}

async fn newest_events(project: &ProjectId) -> Vec<Message> {
    // The answer says where the stream stands.
    let top = api::list_agents(project)
        .await
        .ok()
        .and_then(|agents| agents.cursor);
    let Some(top) = top else { return Vec::new() };
    let after = top.seq.saturating_sub(SHOWN as u64);
    api::project_events(project, after, SHOWN)
        .await
        .map(|page| page.events)
        .unwrap_or_default()
}

/// The name of what undoes that event, where there is such a thing.
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
                    {move || i18n.ago(at, clock.now_ms())}
                </time>
            </li>
        }
    }
}
