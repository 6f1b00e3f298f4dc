//! A task as a card of the board.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use tasktree_protocol::{TaskCard as Card, TaskId};
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

pub mod actions;
pub mod agent_line;
pub mod attention;
pub mod branch;
pub mod failure;
pub mod marks;
pub mod move_button;
pub mod priority;
pub mod reply;

use super::actions::use_board_actions;
use super::motion::arrive;
use crate::browser::clock::now_ms;
use crate::components::common::actor::{actor_kind, actor_name};
use crate::components::common::number_sign::number_sign;
use crate::i18n::{unix_millis, use_i18n};
use crate::state::{FLASH_FRESH_MS, Flash, use_attention, use_unsent};
use crate::ui::motion::prefers_reduced_motion;
use crate::ui::{boxed_effect_keeping, clicked, live, use_clock};
use agent_line::AgentLine;
use attention::AttentionPart;
use branch::Branch;
use marks::Marks;
use move_button::MoveButton;
pub use priority::{PriorityMark, priority_name};

/// Duration for which the edge of a changed card is lit, in milliseconds.
const FLASH_MS: u32 = 600;

/// Card of a task: title and number, branch and blocking tasks, and the agent that works on it.
#[component]
pub fn TaskCard(
    /// Task to show.
    task: TaskId,
) -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let (board, view) = (actions.board, actions.view);
    let Some(row) = board.task(&task) else {
        return ().into_any();
    };
    let row: Signal<Card> = row.into();
    let clock = use_clock();

    let number = row.with_untracked(|card| card.number);
    let status = Memo::new(move |_| row.with(|card| card.status));
    let title = Memo::new(move |_| row.with(|card| card.title.clone()));
    let priority = Memo::new(move |_| row.with(|card| card.priority));
    let branch = Memo::new(move |_| row.with(|card| card.branch.clone()));
    let blocked_by = board.blocked_by(&task);
    let pending = board.pending(&task);
    let unsent = use_unsent();
    let is_unsent = Memo::new(move |_| pending.get() && unsent.is_waiting.get());
    let flash = board.flash(&task);
    let is_held = {
        let task = task.clone();
        Memo::new(move |_| view.holds(&task))
    };
    let is_stop = {
        let task = task.clone();
        Memo::new(move |_| view.stop.with(|stop| stop.as_ref() == Some(&task)))
    };
    let changed_by = move || {
        let (actor, at) = flash.get().filter(|(actor, _)| !actor.is_empty())?;
        let ago = i18n.age(at, clock);
        Some(i18n.t(|s| (s.card.changed_by)(&actor_name(i18n, &actor), &ago)))
    };

    let attention = use_attention();
    let item = {
        let (project, task, agent) = (board.project(), task.clone(), board.agent_on(&task));
        // What can wait changes nothing about the card.
        Memo::new(move |_| {
            let agent = agent.with(|agent| agent.as_ref().map(|agent| agent.id.clone()));
            let item = attention.on_task(&project, &task, agent.as_ref());
            item.filter(|item| item.kind.is_urgent())
        })
    };
    // A form in which somebody writes outlives the question.
    let has_attention = {
        let task = task.clone();
        Memo::new(move |_| {
            item.with(Option::is_some) || view.replying.with(|open| open.as_ref() == Some(&task))
        })
    };
    let last_line = {
        let task = task.clone();
        move || match has_attention.get() {
            true => view! { <AttentionPart task=task.clone() row item /> }.into_any(),
            false => view! { <AgentLine task=task.clone() row /> }.into_any(),
        }
    };

    let element = NodeRef::<leptos::html::Article>::new();
    arrive(view.departed, element, &task, status);

    let address = move || actions.task_address(number);
    let open = {
        let task = task.clone();
        move |event: MouseEvent| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            // Links handle their own clicks: the address follows them, and a middle click opens a
            // tab.
            let on_control = target.is_some_and(|target| {
                matches!(target.closest("a, button, .task-card-reply"), Ok(Some(_)))
            });
            if !on_control {
                actions.open(&task);
            }
        }
    };
    let waits_for = move || {
        // A task that is done depends on nothing any more, whatever its record says.
        if status.get().is_done() {
            return None;
        }
        let tasks: Vec<String> = blocked_by.get().into_iter().map(number_sign).collect();
        (!tasks.is_empty())
            .then(|| i18n.t(|s| (s.card.blocked_by)(&tasks.join(s.common.list_comma))))
    };
    view! {
        <article
            node_ref=element
            class="task-card"
            data-task=task.as_str().to_owned()
            data-status=live(move || status.get().as_str())
            data-attention=live(move || item.with(|item| item.as_ref().map(|item| item.kind.as_str())))
            data-held=live(move || is_held.get().then_some("true"))
            data-pending=live(move || pending.get().then(|| if is_unsent.get() { "unsent" } else { "sent" }))
            tabindex=live(move || if is_stop.get() { "0" } else { "-1" })
            aria-label=live(move || title.with(|title| format!("{} {title}", number_sign(number))))
            aria-busy=live(move || pending.get().then_some("true"))
            title=live(changed_by)
            on:click=clicked(open)
        >
            <FlashMark flash />
            <div class="task-card-top">
                <a class="task-card-title" href=live(address) title=title draggable="false" tabindex="-1" dir="auto">
                    <span class="task-card-number">{number_sign(number)}</span>
                    " "
                    {title}
                </a>
                <PriorityMark priority=priority.into() />
                <MoveButton task=task.clone() number />
            </div>
            <div class="task-card-middle">
                <Branch name=branch.into() />
                <Marks row />
                {live(move || is_unsent.get().then(|| view! { <span class="task-card-unsent">{i18n.t(|s| s.unsent.not_sent_yet)}</span> }.into_any()))}
                {live(move || waits_for().map(|text| view! { <span class="task-card-blocked" title=text.clone()>{text.clone()}</span> }.into_any()))}
            </div>
            {live(last_line)}
        </article>
    }
    .into_any()
}

/// Left edge, which is lit for a moment in the color of the actor that changed the card.
#[component]
fn FlashMark(
    /// Last change of the card.
    flash: Signal<Option<Flash>>,
) -> impl IntoView {
    let lit = RwSignal::new(None);
    // The effect keeps the timer as its value: it ends with the next change or with the card. The
    // mark appears and disappears without fading: an animation would make the browser recompose the
    // page at its start and its end, and draw every frame between.
    boxed_effect_keeping(move || {
        let (actor, at) = flash.get()?;
        // A card that is mounted later has nothing to show any more.
        let is_news = now_ms() - unix_millis(at) < FLASH_FRESH_MS;
        lit.set((is_news && !prefers_reduced_motion()).then(|| actor_kind(&actor)));
        Some(Timeout::new(FLASH_MS, move || lit.set(None)))
    });
    view! { <span class="task-card-flash" data-actor=live(move || lit.get())></span> }
}
