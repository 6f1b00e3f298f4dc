//! The chosen item of the inbox in full.

use leptos::prelude::*;
use tasktree_protocol::attention::{AttentionItem, AttentionKind};
use tasktree_protocol::{AgentId, ProjectId};

use super::marks::use_marks;
use super::row::{place, who};
use super::view::{InboxView, Tab};
use crate::address::{View, path_to, task_number};
use crate::components::agent::questions::AgentQuestions;
use crate::components::board::card::failure::FailureActions;
use crate::components::common::attention_icon::attention_icon;
use crate::components::common::attention_words::{self, state_name};
use crate::i18n::{I18n, use_i18n};
use crate::state::{Asked, provide_board, use_board, use_projects};
use crate::ui::{Button, ButtonLook, Icon, IconButton, IconName, ShowIf, use_clock};

/// Returns the address of the task that an item is about; without one, that of the agents.
pub(super) fn task_address(item: &AttentionItem) -> String {
    let view = match item.task.as_ref().and_then(task_number) {
        Some(number) => View::Board { task: Some(number) },
        None => View::Agents,
    };
    path_to(&item.project, view)
}

/// Chosen item with its actions.
#[component]
pub fn Detail(
    /// State of the inbox.
    inbox: InboxView,
) -> impl IntoView {
    let i18n = use_i18n();
    let marks = use_marks();
    // Everything below stays while the chosen item only changes.
    let shown = Memo::new(move |_| {
        let key = |item: &AttentionItem| (item.id, item.project.clone());
        inbox.item.with(|item| item.as_ref().map(key))
    });
    Effect::new(move |_| {
        if shown.with(Option::is_some)
            && let Some(item) = inbox.item.get_untracked().filter(|item| !item.seen)
        {
            marks.see(&item);
        }
    });
    let project = Memo::new(move |_| shown.get().map(|(_, project)| project));
    view! {
        <section class="inbox-detail" aria-label=move || i18n.t(|s| s.attention.chosen)>
            <ShowIf when=move || shown.with(Option::is_some)>
                <Actions inbox/>
            </ShowIf>
            {move || match project.get() {
                Some(project) => view! { <InProject project inbox shown/> }.into_any(),
                None => view! { <p class="inbox-empty muted">{i18n.t(|s| s.attention.choose)}</p> }.into_any(),
            }}
        </section>
    }
}

/// Ways through the list, and the actions on the item.
#[component]
fn Actions(inbox: InboxView) -> impl IntoView {
    let i18n = use_i18n();
    let marks = use_marks();
    let is_done = move || {
        inbox
            .item
            .with(|item| item.as_ref().is_some_and(|item| item.done))
    };
    let is_snoozed = move || inbox.tab.get() == Tab::Snoozed;
    let address = move || inbox.item.with(|item| item.as_ref().map(task_address));
    let has_task = move || {
        inbox
            .item
            .with(|item| item.as_ref().is_some_and(|item| item.task.is_some()))
    };
    let place = move || {
        let at = inbox.position()? as u64 + 1;
        let total = inbox.shown.with(Vec::len) as u64;
        Some(i18n.t(|s| s.attention.place)(
            &i18n.number(at),
            &i18n.number(total),
        ))
    };
    view! {
        <header class="inbox-bar">
            <span class="inbox-back">
                <Button
                    look=ButtonLook::Quiet
                    icon=IconName::Left
                    label=move || i18n.t(|s| s.attention.back)
                    on_click=move |_| inbox.is_reading.set(false)
                />
            </span>
            <span class="inbox-steps">
                <IconButton
                    icon=Signal::stored(IconName::Left)
                    label=move || i18n.t(|s| s.attention.previous)
                    on_click=move |_| {
                        inbox.step(-1);
                    }
                />
                <IconButton
                    icon=Signal::stored(IconName::Right)
                    label=move || i18n.t(|s| s.attention.next)
                    on_click=move |_| {
                        inbox.step(1);
                    }
                />
                <span class="muted">{place}</span>
            </span>
            <span class="spacer"></span>
            <span class="inbox-key" data-key="s"><Button
                look=ButtonLook::Quiet
                label=move || if is_snoozed() { i18n.t(|s| s.attention.wake) } else { i18n.t(|s| s.attention.snooze) }
                on_click=move |_| marks.toggle_snooze(inbox)
            /></span>
            <span class="inbox-key" data-key="e"><Button
                look=ButtonLook::Quiet
                icon=IconName::Check
                label=move || if is_done() { i18n.t(|s| s.attention.reopen) } else { i18n.t(|s| s.attention.mark_done) }
                on_click=move |_| marks.toggle_done(inbox)
            /></span>
            <a class="button" href=address>
                {move || if has_task() { i18n.t(|s| s.attention.open_task) } else { i18n.t(|s| s.attention.open_agents) }}
            </a>
        </header>
    }
}

/// Item in its project, which is open for as long as its items are chosen: so its answers are
/// delivered in sight.
#[component]
fn InProject(
    project: ProjectId,
    inbox: InboxView,
    shown: Memo<Option<(u64, ProjectId)>>,
) -> impl IntoView {
    let own = project.clone();
    provide_board(project);
    let id = Memo::new(move |last: Option<&Option<u64>>| {
        // For a moment, an item of another project is chosen.
        let chosen = shown.get().filter(|(_, project)| *project == own);
        chosen.map(|(id, _)| id).or_else(|| last.copied().flatten())
    });
    move || id.get().map(|_| view! { <Item inbox/> })
}

#[component]
fn Item(inbox: InboxView) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let projects = use_projects();
    let board = use_board();
    let Some(first) = inbox.item.get_untracked() else {
        return ().into_any();
    };
    let id = first.id;
    let item = Memo::new(move |last: Option<&AttentionItem>| {
        let now = inbox.item.get().filter(|item| item.id == id);
        now.or_else(|| last.cloned())
            .unwrap_or_else(|| first.clone())
    });
    let kind = item.with_untracked(|item| item.kind);
    let title = move || {
        board.track_tasks();
        item.with(|item| {
            let card = item.task.as_ref().and_then(|task| board.card(task));
            card.map_or_else(|| who(i18n, item), |card| card.title)
        })
    };
    // Without a task, the agents are the title.
    let agents = move || item.with(|item| item.task.is_some().then(|| who(i18n, item)));
    let state = move || {
        item.with(|item| {
            let ago = i18n.age(item.since, clock);
            format!("{} \u{b7} {ago}", state_name(i18n, item))
        })
    };
    let runs_on = move || {
        let place = item
            .with(|item| attention_words::place(item.machine.as_deref(), item.folder.as_deref()));
        place.map(|place| i18n.t(|s| s.attention.runs_on)(&place))
    };
    // A question is answered here; other items are only told.
    let asked = item.with_untracked(|item| {
        let is_question = item.kind == AttentionKind::Waiting && item.question.is_some();
        let by_agent = || item.agent.clone().map(Asked::By);
        is_question
            .then(|| item.task.clone().map(Asked::About).or_else(by_agent))
            .flatten()
    });
    let failed = Memo::new(move |_| {
        let is_failure = item.with(|item| item.kind == AttentionKind::Failed);
        item.with(|item| item.task.clone()).filter(|_| is_failure)
    });
    let has_question = asked.is_some();
    let text = move || item.with(|item| item.text.clone());
    let agent = move || item.with(|item| agent_text(i18n, item.agent.as_ref()));
    view! {
        <article class="inbox-item" data-kind=kind.as_str()>
            <p class="muted" dir="auto">{move || item.with(|item| place(projects, item))}</p>
            <h2 dir="auto">{title}</h2>
            <p class="inbox-facts">
                <span class="inbox-state" title=move || i18n.date_time(item.read().since)>
                    <Icon name=attention_icon(kind)/>{state}
                </span>
                {move || agents().map(|agents| view! { <span dir="auto">{agents}</span> })}
                {move || agent().map(|text| view! { <span>{text}</span> })}
                {move || runs_on().map(|text| view! { <span dir="auto">{text}</span> })}
            </p>
            <ShowIf when=move || inbox.is_resolved()>
                <p class="inbox-resolved" role="status">{move || i18n.t(|s| s.attention.resolved)}</p>
            </ShowIf>
            <ShowIf when=move || !has_question && !text().is_empty()>
                <p class="inbox-text" dir="auto">{text}</p>
            </ShowIf>
            {asked.map(|asked| view! { <AgentQuestions asked/> })}
            <ShowIf when=move || failed.with(Option::is_some) && !inbox.is_resolved()>
                <div class="task-failure-actions">
                    {failed.get_untracked().map(|task| view! { <FailureActions task class="button" is_stop=true/> })}
                </div>
            </ShowIf>
        </article>
    }
    .into_any()
}

/// Returns the time at which an agent was last heard from and made progress.
fn agent_text(i18n: I18n, agent: Option<&AgentId>) -> Option<String> {
    let clock = use_clock();
    let agents = use_board().agents();
    agents.with(|agents| {
        let agent = agents.iter().find(|one| Some(&one.id) == agent)?;
        let heard = agent
            .last_heartbeat
            .map(|at| i18n.t(|s| s.agent.heard)(&i18n.age(at, clock)));
        let moved = agent
            .progressed_at
            .map(|at| i18n.t(|s| s.attention.progressed)(&i18n.age(at, clock)));
        let parts: Vec<String> = [heard, moved].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" \u{b7} "))
    })
}
