//! The agents of a project.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::components::agent_list::AgentList;

/// Agents, leases and messages.
#[component]
pub fn AgentsPage(
    /// Which project.
    project: ProjectId,
) -> impl IntoView {
    view! {
        <div class="sheet">
            <AgentList project/>
        </div>
    }
}
