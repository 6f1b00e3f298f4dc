//! The agent that works on the task: its state, its last report, and the place where it runs.

use leptos::prelude::*;

use crate::components::agent::liveness::{Liveness, asks};
use crate::components::common::attention_words::place_of;
use crate::components::task::open_task::OpenTask;
use crate::i18n::use_i18n;
use crate::state::use_board;
use crate::ui::{Icon, IconName, use_clock};

/// Agent on a task; nothing if there is none.
#[component]
pub fn TaskAgent(
    /// Task to show.
    open: OpenTask,
) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let agent = use_board().agent_on(&open.id());
    move || {
        agent.get().map(|agent| {
            let state = Liveness::of(&agent);
            let heard = agent.last_heartbeat;
            let heard = heard.map(|at| i18n.t(|s| s.agent.heard)(&i18n.age(at, clock)));
            let asks = agent.waiting_for.as_ref().is_some_and(asks);
            let name = match state {
                Liveness::Waiting if asks => Some(i18n.t(|s| s.attention.needs_you)),
                state => state.name(i18n),
            };
            let place = place_of(&agent);
            view! {
                <section class="task-agent" aria-label=i18n.t(|s| s.agent.one)>
                    <span class="agent-dot" data-state=state.as_str() aria-hidden="true"></span>
                    <strong dir="auto">{agent.id.to_string()}</strong>
                    <span class="task-agent-state" data-state=state.as_str()>{name}</span>
                    {heard.map(|heard| view! { <span class="muted">{heard}</span> })}
                    {agent.last_activity.map(|said| view! { <span class="task-agent-doing muted" dir="auto">{said}</span> })}
                    {place.map(|place| view! {
                        <span class="task-agent-place muted" dir="auto"><Icon name=IconName::Project/>{place}</span>
                    })}
                </section>
            }
        })
    }
}
