//! The agents of a project: their activity, last heartbeat and leases.

use leptos::either::Either;
use leptos::prelude::*;
use tasktree_protocol::{Agent, AgentStatus, ProjectId};

use super::liveness::{Liveness, asks, waiting_text};
use super::questions::AgentQuestions;
use crate::address::{View, path_to, task_number};
use crate::components::common::attention_words::place_of;
use crate::components::common::not_loaded::NotLoaded;
use crate::components::project::first_run::FirstRun;
use crate::i18n::use_i18n;
use crate::state::{Asked, Load, use_board};
use crate::ui::{Icon, IconName, KeyedList, Skeleton, use_clock};

pub mod leases;
pub mod messages;

use leases::Leases;
use messages::Messages;

/// Agents, leases and messages.
#[component]
pub fn AgentList(
    /// Project of the agents.
    project: ProjectId,
) -> impl IntoView {
    let i18n = use_i18n();
    let board = use_board();
    let agents = Memo::new(move |_| {
        let mut agents = board.agents().get();
        agents.sort_by(|a, b| (rank(a), &a.id).cmp(&(rank(b), &b.id)));
        agents
    });
    let (example, own) = (project.clone(), project.clone());
    let is_empty = Memo::new(move |_| agents.with(Vec::is_empty));
    let is_known = Memo::new(move |_| board.team().with(Load::is_ready));
    let instead = move || match board.team().get() {
        Load::Failed(error) => view! {
            <NotLoaded what=i18n.t(|s| s.agent.the_team) error on_retry=move |()| board.retry()/>
        }
        .into_any(),
        _ if !is_empty.get() => ().into_any(),
        Load::Loading => view! { <Skeleton lines=6/> }.into_any(),
        Load::Ready => view! {
            <div class="panel-empty">
                <h3>{i18n.t(|s| s.agent.empty)}</h3>
                <p>{i18n.t(|s| s.agent.empty_hint)}</p>
                <FirstRun project=example.clone()/>
            </div>
        }
        .into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="agents-title">
            <header class="panel-head">
                <h2 id="agents-title">{move || i18n.t(|s| s.shell.agents)}</h2>
                <span class="muted">{move || is_known.get().then(|| i18n.number(agents.with(Vec::len) as u64))}</span>
            </header>
            {instead}
            <ul class="agents">
                <KeyedList each=move || agents.get() key=|agent| agent.id.clone() let:agent>
                    <AgentRow first=agent agents project=project.clone()/>
                </KeyedList>
            </ul>
        </section>
        <Leases/>
        <Messages project=own/>
    }
}

/// Returns the sort order of an agent: those that need a person first, those that are done last.
fn rank(agent: &Agent) -> u8 {
    match (agent.status, agent.is_alive) {
        (AgentStatus::Failed, _) => 0,
        (AgentStatus::Waiting, _) => 1,
        (AgentStatus::Working | AgentStatus::Idle, false) => 2,
        (AgentStatus::Working, true) => 3,
        (AgentStatus::Idle, true) => 4,
        (AgentStatus::Done, _) => 5,
    }
}

/// Row that stays while its agent exists, so that a heartbeat moves no focus. It begins with
/// `first`, and keeps the last known state while the agent disappears.
#[component]
fn AgentRow(first: Agent, agents: Memo<Vec<Agent>>, project: ProjectId) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let name = first.id.to_string();
    let full_name = name.clone();
    let id = StoredValue::new(first.id.clone());
    let agent = Memo::new(move |last: Option<&Agent>| {
        let is_this = |agent: &&Agent| agent.id == first.id;
        agents.with(|agents| {
            let now = agents.iter().find(is_this).or(last);
            now.unwrap_or(&first).clone()
        })
    });
    let state = move || agent.with(Liveness::of);
    let heard = move || match agent.read().last_heartbeat {
        Some(at) => i18n.t(|s| s.agent.heard)(&i18n.age(at, clock)),
        None => i18n.t(|s| s.agent.no_heartbeat).to_owned(),
    };
    let heard_at = move || {
        let at = agent.read().last_heartbeat;
        at.map(|at| i18n.date_time(at)).unwrap_or_default()
    };
    let number = Memo::new(move |_| agent.with(|agent| task_number(&agent.task()?)));
    let project = StoredValue::new(project);
    let address = move |number| {
        let view = View::Board { task: Some(number) };
        project.with_value(|project| path_to(project, view))
    };
    let task = move || match number.get() {
        Some(number) => {
            let href = address(number);
            let text = move || format!("#{number} {}", agent.read().task_title);
            Either::Left(view! { <a class="clipped" dir="auto" href=href title=text>{text}</a> })
        }
        None => Either::Right(
            view! { <span class="muted">{move || i18n.t(|s| s.agent.no_task)}</span> },
        ),
    };
    let has_question = Memo::new(move |_| {
        let agent = agent.read();
        agent.status == AgentStatus::Waiting && agent.waiting_for.as_ref().is_some_and(asks)
    });
    // A question is answered in the drawer of the agent's task, or here if it has none; its outcome
    // stays.
    let is_asked_here = Memo::new(move |last: Option<&bool>| {
        last == Some(&true) || (has_question.get() && number.get().is_none())
    });
    let question = move || {
        match (is_asked_here.get(), has_question.get(), number.get()) {
        (true, ..) => view! { <AgentQuestions asked=Asked::By(id.get_value())/> }.into_any(),
        (false, true, Some(number)) => view! {
            <a class="agent-answer" href=address(number)>{move || i18n.t(|s| s.questions.answer)}</a>
        }
        .into_any(),
        _ => ().into_any(),
    }
    };
    let activity = move || {
        if is_asked_here.get() && has_question.get() {
            return None;
        }
        let agent = agent.read();
        if agent.status == AgentStatus::Waiting {
            return Some(waiting_text(i18n, agent.waiting_for.as_ref()));
        }
        let said = agent.last_activity.as_ref();
        said.or(agent.output_preview.as_ref()).cloned()
    };
    let progress = move || agent.read().progress.min(100);
    view! {
        <li class="agent" data-state=move || state().as_str()>
            <div class="agent-who">
                <span class="agent-dot" data-state=move || state().as_str() aria-hidden="true"></span>
                <strong class="clipped" dir="auto" title=full_name>{name}</strong>
                <span class="agent-state">{move || state().name(i18n)}</span>
            </div>
            <div class="agent-what">
                {task}
                {move || activity().map(|activity| view! { <p class="agent-activity" dir="auto">{activity}</p> })}
                {question}
                {move || Some(agent.read().branch.clone()).filter(|branch| !branch.is_empty()).map(|branch| view! {
                    <span class="agent-branch mono clipped" dir="auto"><Icon name=IconName::Branch/>{branch}</span>
                })}
                {move || place_of(&agent.read()).map(|place| view! {
                    <span class="agent-branch clipped" dir="auto" title=place.clone()><Icon name=IconName::Project/>{place.clone()}</span>
                })}
            </div>
            <div class="agent-progress">
                <progress max="100" value=progress aria-label=move || i18n.t(|s| s.agent.progress)></progress>
                <span>{move || i18n.t(|s| s.agent.percent)(&i18n.number(u64::from(progress())))}</span>
            </div>
            <span class="agent-heard" title=heard_at>{heard}</span>
        </li>
    }
}
