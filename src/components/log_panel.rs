//! The log of a project. However fast lines come, the page stays usable: the state tells them at most once a frame, and only
//! the newest are in the document.

use leptos::html;
use leptos::prelude::*;

use crate::app::notices::level;
use crate::i18n::{unix_millis, use_i18n};
use crate::state::{LogLine, use_board};
use crate::ui::{Button, ButtonLook, IconName, NextFrame};

/// How many lines are in the document.
const SHOWN: usize = 300;
/// How near to its end a list is read as one that is at its end, in pixels.
const END_PX: i32 = 24;

/// The newest lines of the open project's log. It follows, until somebody scrolls up or pauses it.
#[component]
pub fn LogPanel() -> impl IntoView {
    let i18n = use_i18n();
    let logs = use_board().logs();
    logs.load();
    // The lines that stand still while it is paused.
    let held = RwSignal::new(None::<Vec<LogLine>>);
    let list = NodeRef::<html::Ol>::new();
    let newest = move || {
        logs.lines.with(|lines| {
            let surplus = lines.len().saturating_sub(SHOWN);
            lines.iter().skip(surplus).cloned().collect::<Vec<_>>()
        })
    };
    let shown = move || held.get().unwrap_or_else(newest);
    let missed = Memo::new(move |_| {
        let last = held.with(|held| held.as_ref()?.last().map(|line| line.index));
        let now = logs.lines.with(|lines| lines.back().map(|line| line.index));
        last.zip(now)
            .map_or(0, |(last, now)| u64::try_from(now - last).unwrap_or(0))
    });
    let is_empty = Memo::new(move |_| logs.lines.with(|lines| lines.is_empty()));
    let is_held = Memo::new(move |_| held.with(Option::is_some));
    let set_held = move |hold: bool| {
        if hold != is_held.get_untracked() {
            held.set(hold.then(|| untrack(newest)));
        }
    };
    let frame = NextFrame::new();
    Effect::new(move |_| {
        logs.lines.track();
        if !is_held.get() {
            // Once the new lines are in the document.
            frame.run(move || {
                if let Some(list) = list.try_get_untracked().flatten() {
                    list.set_scroll_top(list.scroll_height());
                }
            });
        }
    });
    // Scrolling up is how people say that they want to read; scrolling to the end, that they have read.
    let on_scroll = move |_| {
        if let Some(list) = list.get_untracked() {
            let rest = list.scroll_height() - list.scroll_top() - list.client_height();
            set_held(rest > END_PX);
        }
    };
    view! {
        <section class="panel log-panel" aria-labelledby="log-title">
            <header class="panel-head">
                <h2 id="log-title">{move || i18n.t(|s| s.shell.log)}</h2>
                <span class="muted">{move || i18n.count(|s| s.shell.lines_kept, SHOWN as u64)}</span>
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
            {move || is_empty.get().then(|| view! {
                <p class="panel-empty">{i18n.t(|s| s.shell.no_log)}" "{i18n.t(|s| s.shell.log_from_now)}</p>
            })}
            <ol class="log" node_ref=list on:scroll=on_scroll tabindex="0" aria-labelledby="log-title">
                <For each=shown key=|line| line.index let:line>
                    <Line line/>
                </For>
            </ol>
        </section>
    }
}

#[component]
fn Line(line: LogLine) -> impl IntoView {
    let i18n = use_i18n();
    let LogLine {
        at, agent, text, ..
    } = line;
    view! {
        <li class="log-line" data-level=level(line.level).as_str()>
            <time class="log-time" datetime=at.to_string()>{move || i18n.time_to_second(unix_millis(at))}</time>
            <span class="log-agent clipped" dir="auto">{agent.map(|agent| agent.to_string())}</span>
            <span class="log-text" dir="auto">{text}</span>
        </li>
    }
}
