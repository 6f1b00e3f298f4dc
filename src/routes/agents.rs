//! The agents of a project.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::components::agent_list::AgentList;
use crate::components::not_refreshed::NotRefreshed;
use crate::state::{Load, use_board};

/// Agents, leases and messages.
#[component]
pub fn AgentsPage(
    /// Which project.
    project: ProjectId,
) -> impl IntoView {
    let team = use_board().team();
    view! {
        <div class="sheet">
            // What was never read has a message of its own.
            <Show when=move || team.with(|load| matches!(load, Load::Ready))><NotRefreshed/></Show>
            <AgentList project/>
        </div>
    }
}
