//! The last line of a card: the agent that works on the task, or the time that the task has been in
//! its column.

use leptos::prelude::*;
use tasktree_protocol::{Agent, AgentStatus, Status, TaskCard, TaskId};

use crate::components::agent::liveness::{Liveness, asks, waiting_text};
use crate::components::board::actions::use_board_actions;
use crate::i18n::use_i18n;
use crate::state::use_board;
use crate::ui::{live, use_clock};

/// Agent that works on a task with its last report; without an agent, the age of the task's status.
#[component]
pub fn AgentLine(
    /// Task of the line.
    task: TaskId,
    /// Card of the task.
    row: Signal<TaskCard>,
) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let agent = use_board().agent_on(&task);
    let session = Memo::new(move |_| row.with(|card| card.session.clone()));
    let since =
        Memo::new(move |_| row.with(|card| card.status_changed_at.unwrap_or(card.updated_at)));
    let liveness = Memo::new(move |_| {
        agent.with(|agent| agent.as_ref().map_or(Liveness::Unknown, Liveness::of))
    });
    let name = move || {
        agent
            .with(|agent| agent.as_ref().map(|agent| agent.id.to_string()))
            .or_else(|| session.get())
    };
    let has_no_agent = Memo::new(move |_| {
        row.with(|card| card.status == Status::InProgress && card.holder.is_none())
    });
    // An agent may fall silent while it waits for an answer: the question stays open all the same.
    let has_question = Memo::new(move |_| {
        let has_question = |agent: &Agent| {
            agent.status == AgentStatus::Waiting && agent.waiting_for.as_ref().is_some_and(asks)
        };
        agent.with(|agent| agent.as_ref().is_some_and(has_question))
    });
    let doing = move || {
        let said = agent.with(|agent| agent.as_ref().and_then(|agent| agent.last_activity.clone()));
        match liveness.get() {
            Liveness::Running => said,
            liveness if liveness == Liveness::Waiting || has_question.get() => {
                let wait =
                    agent.with(|agent| agent.as_ref().and_then(|agent| agent.waiting_for.clone()));
                Some(waiting_text(i18n, wait.as_ref()))
            }
            // Its last activity is outdated then; its state matters more.
            other => other.name(i18n).map(str::to_owned),
        }
    };
    let actions = use_board_actions();
    let number = row.with_untracked(|card| card.number);
    let doing = move || {
        if !has_question.get() {
            return view! { <span class="task-card-doing" dir="auto" title=live(doing)>{live(doing)}</span> }
                .into_any();
        }
        let address = move || actions.task_address(number);
        view! {
            <a class="task-card-doing" data-asks="true" href=live(address) tabindex="-1" draggable="false" dir="auto" title=live(doing)>
                {live(doing)}
            </a>
        }
        .into_any()
    };
    let no_agent = move || {
        let is_nobody = liveness.get() == Liveness::Unknown && has_no_agent.get();
        is_nobody.then(|| {
            view! { <span class="task-card-mark" data-kind="no-agent">{i18n.t(|s| s.agent.no_agent)}</span> }.into_any()
        })
    };
    let merged = move || {
        row.with(|card| {
            let is_merged = card.status == Status::Merged;
            is_merged.then(|| card.merge_commit.clone())
        })
    };
    let heard = move || agent.with(|agent| agent.as_ref().and_then(|agent| agent.last_heartbeat));
    let at = move || {
        heard()
            .filter(|_| name().is_some())
            .unwrap_or_else(|| since.get())
    };
    view! {
        <div class="task-card-bottom">
            {live(move || name().map(|name| view! {
                <span class="agent-dot" data-state=live(move || liveness.get().as_str()) title=live(move || liveness.get().name(i18n))></span>
                <span class="task-card-agent" title=name.clone()>{name.clone()}</span>
            }.into_any()))}
            {live(no_agent)}
            {live(doing)}
            {live(move || merged().map(|commit| {
                let shown = match &commit {
                    Some(commit) => commit.get(..7).unwrap_or(commit).to_owned(),
                    None => i18n.t(|s| s.card.merged_by_hand).to_owned(),
                };
                view! { <span class="task-card-merge" title=commit>{shown}</span> }.into_any()
            }))}
            <time
                class="task-card-age"
                title=live(move || i18n.t(|s| (s.card.in_column_since)(&i18n.date_time(since.get()))))
            >
                {live(move || i18n.age(at(), clock))}
            </time>
        </div>
    }
}
