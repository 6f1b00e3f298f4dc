//! The agents of a project: what each does, since when it was last heard, and what it holds.

use leptos::either::Either;
use leptos::prelude::*;
use tasktree_protocol::{Agent, AgentStatus, ProjectId};

use super::first_run::FirstRun;
use super::task_card::agent_line::Liveness;
use crate::i18n::use_i18n;
use crate::routes::{View, path_to, task_number};
use crate::state::{Load, use_board};
use crate::ui::{Icon, IconName, List, Skeleton, use_clock};

pub mod leases;
pub mod messages;

use leases::Leases;
use messages::Messages;

/// Agents, leases and messages.
#[component]
pub fn AgentList(
    /// Which project.
    project: ProjectId,
) -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let agents = Memo::new(move |_| {
        let mut agents = board.agents().get();
        agents.sort_by(|a, b| (rank(a), &a.id).cmp(&(rank(b), &b.id)));
        agents
    });
    let is_loading = move || matches!(board.load().get(), Load::Loading);
    let example = project.clone();
    let own = project.clone();
    view! {
        <section class="panel" aria-labelledby="agents-title">
            <header class="panel-head">
                <h2 id="agents-title">{move || i18n.t(|s| s.agent.agents)}</h2>
                <span class="muted">{move || i18n.number(agents.with(Vec::len) as u64)}</span>
            </header>
            {move || (is_loading() && agents.with(Vec::is_empty)).then(|| view! { <Skeleton lines=6/> })}
            {move || (!is_loading() && agents.with(Vec::is_empty)).then(|| view! {
                <div class="panel-empty">
                    <h3>{i18n.t(|s| s.agent.empty)}</h3>
                    <p>{i18n.t(|s| s.agent.empty_hint)}</p>
                    <FirstRun project=example.clone()/>
                </div>
            })}
            <ul class="agents">
                <List each=move || agents.get() key=|agent| format!("{agent:?}") let:agent>
                    <AgentRow agent project=project.clone()/>
                </List>
            </ul>
        </section>
        <Leases/>
        <Messages project=own/>
    }
}

/// Those that need a person come first, those that are done last.
fn rank(agent: &Agent) -> u8 {
    match (agent.status, agent.is_alive) {
        (AgentStatus::Failed, _) => 0,
        (AgentStatus::Waiting, _) => 1,
        (AgentStatus::Running, false) => 2,
        (AgentStatus::Running, true) => 3,
        (AgentStatus::Completed, _) => 4,
    }
}

#[component]
fn AgentRow(agent: Agent, project: ProjectId) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let state = Liveness::of(&agent);
    let name = agent.id.to_string();
    let full_name = name.clone();
    let number = agent.task().as_ref().and_then(task_number);
    let href = number.map(|number| path_to(&project, View::Board { task: Some(number) }));
    let task = match number {
        Some(number) => format!("#{number} {}", agent.task_title),
        None => agent.task_title.clone(),
    };
    let full_task = task.clone();
    let branch = agent.branch.clone();
    let activity = agent
        .last_activity
        .clone()
        .or_else(|| agent.output_preview.clone());
    let progress = agent.progress.min(100);
    let heartbeat = agent.last_heartbeat;
    let heard = move || match heartbeat {
        Some(at) => i18n.t(|s| s.agent.heard)(&i18n.ago(at, clock.now_ms())),
        None => i18n.t(|s| s.agent.no_heartbeat).to_owned(),
    };
    view! {
        <li class="agent" data-state=state.as_str()>
            <div class="agent-who">
                <span class="agent-dot" data-state=state.as_str() aria-hidden="true"></span>
                <strong class="clipped" dir="auto" title=full_name>{name}</strong>
                <span class="agent-state">{move || state.name(i18n)}</span>
            </div>
            <div class="agent-what">
                {match href {
                    Some(href) => Either::Left(view! { <a class="clipped" dir="auto" href=href title=full_task>{task}</a> }),
                    None => Either::Right(view! { <span class="muted">{move || i18n.t(|s| s.agent.no_task)}</span> }),
                }}
                {activity.map(|activity| view! { <p class="agent-activity" dir="auto">{activity}</p> })}
                {(!branch.is_empty()).then(|| view! {
                    <span class="agent-branch mono clipped" dir="auto"><Icon name=IconName::Branch/>{branch}</span>
                })}
            </div>
            <div class="agent-progress">
                <progress max="100" value=progress aria-label=move || i18n.t(|s| s.agent.progress)></progress>
                <span>{move || i18n.t(|s| s.agent.percent)(&i18n.number(u64::from(progress)))}</span>
            </div>
            <span
                class="agent-heard"
                title=move || heartbeat.map(|at| i18n.date_time(at)).unwrap_or_default()
            >
                {heard}
            </span>
        </li>
    }
}
