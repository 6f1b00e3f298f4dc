//! The log of a project.
//!
//! However fast lines arrive, the page stays usable: the state updates them at most once a frame,
//! and keeps only the newest.

use leptos::html;
use leptos::prelude::*;

use crate::api::LogEntry;
use crate::browser::NextFrame;
use crate::components::common::not_loaded::NotLoaded;
use crate::components::common::toast_level::toast_level;
use crate::i18n::{unix_millis, use_i18n};
use crate::net::{ConnectionState, use_websocket};
use crate::state::{KEPT_LINES, Load, LogLine, use_board};
use crate::ui::{Button, ButtonLook, IconName, KeyedList, Skeleton};

/// Distance from its end within which a list counts as scrolled to the end, in pixels.
const END_PX: i32 = 24;

/// Newest lines of the open project's log. It follows them until somebody scrolls up or pauses it.
#[component]
pub fn LogPanel() -> impl IntoView {
    let i18n = use_i18n();
    let logs = use_board().logs();
    let socket = use_websocket();
    let is_live = Memo::new(move |_| socket.state.with(ConnectionState::is_current));
    Effect::new(move |was_read: Option<()>| {
        // At once when the panel opens, and again when the connection is back: missed lines are not
        // replayed.
        if is_live.get() || was_read.is_none() {
            logs.read();
        }
    });
    // The frozen lines while the log is paused.
    let held = RwSignal::new(None::<Vec<LogLine>>);
    let list = NodeRef::<html::Ol>::new();
    let newest = move || {
        logs.lines
            .with(|lines| lines.iter().cloned().collect::<Vec<_>>())
    };
    let shown = move || held.get().unwrap_or_else(newest);
    let missed = Memo::new(move |_| {
        let last = held.with(|held| held.as_ref()?.iter().map(|line| line.id).max());
        let now = logs
            .lines
            .with(|lines| lines.iter().map(|line| line.id).max());
        last.zip(now)
            .map_or(0, |(last, now)| now.saturating_sub(last))
    });
    let is_held = Memo::new(move |_| held.with(Option::is_some));
    let set_held = move |hold: bool| {
        if hold != is_held.get_untracked() {
            held.set(hold.then(|| untrack(newest)));
        }
    };
    let frame = NextFrame::new();
    let top_before = StoredValue::new(0);
    Effect::new(move |_| {
        logs.lines.track();
        if !is_held.get() {
            // Once the new lines are in the document, and unless somebody has scrolled up since.
            frame.run(move || {
                if is_held.try_get_untracked() == Some(false)
                    && let Some(list) = list.get_untracked()
                {
                    list.set_scroll_top(list.scroll_height());
                    top_before.set_value(list.scroll_top());
                }
            });
        }
    });
    // Scrolling up starts reading, scrolling to the end finishes it. New lines move the end away
    // and mean nothing; nor does the page's own scrolling.
    let on_scroll = move |_| {
        if let Some(list) = list.get_untracked() {
            let top = list.scroll_top();
            let is_at_end = list.scroll_height() - top - list.client_height() <= END_PX;
            let before = top_before.get_value();
            if top > before && is_at_end {
                set_held(false);
            } else if top < before && !is_at_end {
                set_held(true);
            }
            top_before.set_value(top);
        }
    };
    let is_empty = Memo::new(move |_| logs.lines.with(|lines| lines.is_empty()));
    let notice = move || {
        match logs.load.get() {
        Load::Failed(error) => view! {
            <NotLoaded what=i18n.t(|s| s.shell.log_lines) error on_retry=move |()| logs.read()/>
        }
        .into_any(),
        _ if !is_empty.get() => ().into_any(),
        Load::Loading => view! { <Skeleton lines=8/> }.into_any(),
        Load::Ready => view! {
            <p class="panel-empty">{i18n.t(|s| s.shell.no_log)}" "{i18n.t(|s| s.shell.log_from_now)}</p>
        }
        .into_any(),
    }
    };
    view! {
        <section class="panel log-panel" aria-labelledby="log-title">
            <header class="panel-head">
                <h2 id="log-title">{move || i18n.t(|s| s.shell.log)}</h2>
                <span class="muted">{move || i18n.count(|s| s.shell.lines_kept, KEPT_LINES as u64)}</span>
                {move || (missed.get() > 0).then(|| view! {
                    <span class="log-missed">{i18n.count(|s| s.shell.new_lines, missed.get())}</span>
                })}
                <Button
                    look=ButtonLook::Quiet
                    icon=Signal::derive(move || if is_held.get() { IconName::Down } else { IconName::Pause })
                    label=move || i18n.t(|s| if is_held.get() { s.shell.follow } else { s.shell.pause })
                    on_click=move |_| set_held(!is_held.get_untracked())
                />
            </header>
            {notice}
            <ol class="log" node_ref=list on:scroll=on_scroll tabindex="0" aria-labelledby="log-title">
                <KeyedList each=shown key=|line| line.id let:line>
                    <Line entry=line.entry/>
                </KeyedList>
            </ol>
        </section>
    }
}

#[component]
fn Line(entry: LogEntry) -> impl IntoView {
    let i18n = use_i18n();
    let LogEntry {
        at,
        level: severity,
        agent,
        line,
        ..
    } = entry;
    view! {
        <li class="log-line" data-level=toast_level(severity).as_str()>
            <time class="log-time" datetime=at.to_string()>{move || i18n.time_to_second(unix_millis(at))}</time>
            <span class="log-agent clipped" dir="auto">{agent.map(|agent| agent.to_string())}</span>
            <span class="log-text" dir="auto">{line}</span>
        </li>
    }
}
