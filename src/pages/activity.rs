//! The activity page of a project: its events beside its log.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::components::activity::feed::ActivityFeed;
use crate::components::activity::log_panel::LogPanel;

/// Events and log of a project.
#[component]
pub fn ActivityPage(
    /// Project of the page.
    project: ProjectId,
) -> impl IntoView {
    view! {
        <div class="activity">
            <ActivityFeed project/>
            <LogPanel/>
        </div>
    }
}
