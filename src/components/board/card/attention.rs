//! The lower part of a card whose task needs attention: the question or the reason, the agent with
//! its state, and the answer.

use leptos::prelude::*;
use tasktree_protocol::attention::{AttentionItem, AttentionKind};
use tasktree_protocol::{AgentId, TaskCard, TaskId};

use super::actions::CardActions;
use super::agent_line::AgentLine;
use super::reply::Reply;
use crate::components::board::actions::{BoardActions, use_board_actions};
use crate::components::common::attention_words::{detail, state_name};
use crate::components::lazy::{Lazy, lazy_view};
use crate::i18n::use_i18n;
use crate::ui::{live, use_clock};

lazy_view! {
    /// Buttons of a card that needs attention.
    fn card_actions(task: TaskId, item: Memo<Option<AttentionItem>>) {
        view! { <CardActions task item/> }
    }
}

lazy_view! {
    /// Form in which the agent of a card is answered.
    fn reply(task: TaskId) {
        view! { <Reply task/> }
    }
}

/// Question or reason in two lines, agent and state in the next, and the form for an answer while
/// it is open.
#[component]
pub fn AttentionPart(
    /// Task of the card.
    task: TaskId,
    /// Card of the task.
    row: Signal<TaskCard>,
    /// Most urgent item about the task; none if only the form is left.
    item: Memo<Option<AttentionItem>>,
) -> impl IntoView {
    let replying = use_board_actions().view.replying;
    let has_words = |item: &AttentionItem| {
        matches!(item.kind, AttentionKind::Waiting | AttentionKind::Failed) && !item.text.is_empty()
    };
    let asked = move || {
        let item = item.get().filter(has_words)?;
        let title = item.text.clone();
        Some(view! { <p class="task-card-asked" dir="auto" title=title>{item.text}</p> }.into_any())
    };
    let is_open = Memo::new(move |_| item.with(Option::is_some));
    let line = {
        let task = task.clone();
        move || match is_open.get() {
            true => view! { <AttentionLine task=task.clone() row item/> }.into_any(),
            false => view! { <AgentLine task=task.clone() row/> }.into_any(),
        }
    };
    let form = move || {
        let task = task.clone();
        let is_open = replying.with(|open| open.as_ref() == Some(&task));
        is_open.then(|| view! { <Lazy view=move || reply(task.clone())/> }.into_any())
    };
    view! {
        {live(asked)}
        {live(line)}
        {live(form)}
    }
}

/// State that an item is about, its age, the agent with what it does, and what can be done.
#[component]
fn AttentionLine(
    task: TaskId,
    row: Signal<TaskCard>,
    item: Memo<Option<AttentionItem>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let name = move || {
        let agent = || item.with(|item| item.as_ref()?.agent.as_ref().map(AgentId::to_string));
        row.with(|card| card.session.clone()).or_else(agent)
    };
    let state = move || item.with(|item| item.as_ref().map(|item| state_name(i18n, item)));
    let detail = move || item.with(|item| detail(i18n, item.as_ref()?));
    let kind = move || item.with(|item| item.as_ref().map(|item| item.kind.as_str()));
    let age = move || item.with(|item| item.as_ref().map(|item| i18n.age(item.since, clock)));
    let has_actions = Memo::new(move |_| {
        let has_some =
            |item: &AttentionItem| item.question.is_some() || item.kind == AttentionKind::Failed;
        item.with(|item| item.as_ref().is_some_and(has_some))
    });
    let actions = move || {
        let task = task.clone();
        has_actions.get().then(|| {
            view! { <Lazy view=move || card_actions(task.clone(), item) wanted=Signal::stored(false)/> }
                .into_any()
        })
    };
    view! {
        <div class="task-card-bottom">
            <span class="agent-dot" data-kind=live(kind)></span>
            <span class="task-card-state" title=live(state)>{live(state)}</span>
            <time class="task-card-age">{live(age)}</time>
            <span class="task-card-agent" title=live(name)>{live(name)}</span>
            <span class="task-card-doing" dir="auto" title=live(detail)>{live(detail)}</span>
            {live(actions)}
        </div>
    }
}

impl BoardActions {
    /// Opens the form in which the agent of a task is answered. Returns false if it cannot be
    /// answered on the board.
    pub fn reply(&self, task: &TaskId) -> bool {
        let project = self.board.project();
        let item = untrack(|| self.attention.on_task(&project, task, None));
        let is_answerable = item.is_some_and(|item| item.question.is_some() && item.answerable);
        let is_open = self
            .view
            .replying
            .with_untracked(|open| open.as_ref() == Some(task));
        if is_answerable && !is_open && self.allows("change") {
            self.view.replying.set(Some(task.clone()));
        }
        is_answerable
    }
}
