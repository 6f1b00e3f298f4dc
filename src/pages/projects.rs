//! The first page: all projects, and the ways to begin.

use leptos::prelude::*;

use crate::components::common::not_loaded::NotLoaded;
use crate::components::project::dialog::ProjectDialog;
use crate::components::project::first_run::FirstRun;
use crate::components::project::kept_projects::KeptProjects;
use crate::components::project::list::ProjectList;
use crate::i18n::use_i18n;
use crate::state::{Load, use_access, use_projects};
use crate::ui::title::use_title;
use crate::ui::{Button, ButtonLook, IconName, Skeleton};

/// All projects; without any, the ways to begin.
#[component]
pub fn ProjectsPage() -> impl IntoView {
    let i18n = use_i18n();
    let projects = use_projects();
    let access = use_access();
    let create = RwSignal::new(false);
    use_title(move || i18n.t(|s| (s.shell.page_title)(s.project.projects)));
    let is_empty = Memo::new(move |_| projects.projects.with(Vec::is_empty));
    let content = move || {
        match projects.load.get() {
        Load::Loading => view! {
            <ul class="project-list" aria-busy="true">
                {(0..3).map(|_| view! { <li class="project-row"><Skeleton lines=2/></li> }).collect_view()}
            </ul>
        }
        .into_any(),
        Load::Failed(error) => view! {
            <NotLoaded what=i18n.t(|s| s.project.the_list) error on_retry=move |()| projects.retry()/>
        }
        .into_any(),
        Load::Ready if is_empty.get() => view! {
            <section class="panel">
                <div class="panel-empty">
                    <h2>{i18n.t(|s| s.project.empty)}</h2>
                    <p>{i18n.t(|s| s.project.empty_hint)}</p>
                </div>
                <FirstRun/>
            </section>
            <KeptProjects/>
        }
        .into_any(),
        Load::Ready => view! {
            <ProjectList/>
            <KeptProjects/>
            <details class="begin">
                <summary>{move || i18n.t(|s| s.first_run.title)}</summary>
                <FirstRun/>
            </details>
        }
        .into_any(),
    }
    };
    view! {
        <div class="sheet">
            <header class="sheet-head">
                <h1>{move || i18n.t(|s| s.project.projects)}</h1>
                <Button
                    look=ButtonLook::Primary
                    icon=IconName::Add
                    disabled=Signal::derive(move || !access.may_everywhere("manage"))
                    label=move || i18n.t(|s| s.project.create)
                    on_click=move |_| create.set(true)
                />
            </header>
            {content}
            <ProjectDialog open=create/>
        </div>
    }
}
