//! The agents of a project.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::components::agent::list::AgentList;
use crate::components::common::not_refreshed::NotRefreshed;
use crate::state::use_board;

/// Agents, leases and messages of a project.
#[component]
pub fn AgentsPage(
    /// Project of the page.
    project: ProjectId,
) -> impl IntoView {
    view! {
        <div class="sheet">
            <NotRefreshed of=use_board().team()/>
            <AgentList project/>
        </div>
    }
}
