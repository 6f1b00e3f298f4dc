//! What happens in a project: its events beside its log.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::components::activity_feed::ActivityFeed;
use crate::components::log_panel::LogPanel;

/// Events and log.
#[component]
pub fn ActivityPage(
    /// Which project.
    project: ProjectId,
) -> impl IntoView {
    view! {
        <div class="activity">
            <ActivityFeed project/>
            <LogPanel/>
        </div>
    }
}
