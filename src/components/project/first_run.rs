//! The first run: the ways to fill a board. Three of them take one click or one command; the others
//! come after them.

pub mod connect_card;
pub mod demo_card;
pub mod import_card;
pub mod more_ways;

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::i18n::use_i18n;
use crate::ui::ButtonLook;
use connect_card::ConnectCard;
use demo_card::DemoCard;
use import_card::ImportCard;
use more_ways::MoreWays;

/// List of the ways to begin.
#[component]
pub fn FirstRun(
    /// Project to fill; without one, each way has or makes its own.
    #[prop(optional)]
    project: Option<ProjectId>,
) -> impl IntoView {
    let i18n = use_i18n();
    // On the board of a project, most people want to add a task.
    let look = match project {
        Some(_) => ButtonLook::Plain,
        None => ButtonLook::Primary,
    };
    view! {
        <div class="first-run">
            <div class="first-cards">
                <DemoCard look/>
                <ConnectCard project=project.clone()/>
                <ImportCard project=project.clone()/>
            </div>
            <details class="first-more">
                <summary>{move || i18n.t(|s| s.first_run.more)}</summary>
                <MoreWays project/>
            </details>
        </div>
    }
}
