//! All projects of the server, each with its progress.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::{Project, ProjectId, ProjectStats};
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use super::dialog::{DeleteProjectDialog, ProjectDialog};
use crate::address::{View, path_to};
use crate::api;
use crate::i18n::use_i18n;
use crate::state::{use_access, use_projects};
use crate::ui::{Handler, IconButton, IconName, KeyedList, MenuItem, use_clock, use_menu};

/// List of projects, and the dialogs that change and delete one.
#[component]
pub fn ProjectList() -> impl IntoView {
    let projects = use_projects();
    // Project of the open dialog.
    let chosen = RwSignal::new(None::<Project>);
    let (edit, delete) = (RwSignal::new(false), RwSignal::new(false));
    let act = Actions {
        chosen,
        edit,
        delete,
    };
    view! {
        <ul class="project-list">
            <KeyedList
                each=move || projects.projects.get()
                key=|project| format!("{} {}", project.id, project.updated_at)
                let:project
            >
                <ProjectRow project act/>
            </KeyedList>
        </ul>
        <ProjectDialog open=edit project=chosen/>
        <DeleteProjectDialog open=delete project=chosen/>
    }
}

/// Actions on a project of the list.
#[derive(Clone, Copy)]
struct Actions {
    chosen: RwSignal<Option<Project>>,
    edit: RwSignal<bool>,
    delete: RwSignal<bool>,
}

impl Actions {
    fn open(self, dialog: RwSignal<bool>, project: &Project) {
        self.chosen.set(Some(project.clone()));
        dialog.set(true);
    }
}

#[component]
fn ProjectRow(project: Project, act: Actions) -> impl IntoView {
    let i18n = use_i18n();
    let menu = use_menu();
    let access = use_access();
    let clock = use_clock();
    let stats = live_stats(project.id.clone());
    let updated = project.updated_at;
    let href = path_to(&project.id, View::BOARD);
    let (name, id, description) = (
        project.name.clone(),
        project.id.to_string(),
        project.description.clone(),
    );
    let more_about = name.clone();
    let (is_active, is_demo) = (project.active, project.demo);
    let more = move |event: MouseEvent| {
        let anchor = event
            .current_target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let Some(anchor) = anchor else { return };
        let item = |label: &str, icon: IconName, dialog: RwSignal<bool>, needs: &str| {
            let project = project.clone();
            MenuItem {
                label: label.to_owned(),
                icon: Some(icon),
                refused: (!access.may(needs)).then(|| i18n.t(|s| s.access.not_allowed).to_owned()),
                on_select: Handler::new(move || act.open(dialog, &project)),
                ..MenuItem::default()
            }
        };
        let items = untrack(|| {
            i18n.t(|s| {
                vec![
                    item(s.project.edit, IconName::Edit, act.edit, "manage"),
                    item(s.project.delete, IconName::Delete, act.delete, "destroy"),
                ]
            })
        });
        menu.toggle(&anchor, untrack(|| i18n.t(|s| s.common.more)), items);
    };
    view! {
        <li class="project-row">
            <div class="project-about">
                <h2 class="project-name"><a href=href dir="auto">{name}</a></h2>
                <p class="project-line">
                    <code>{id}</code>
                    {is_demo.then(|| view! { <span class="chip">{move || i18n.t(|s| s.project.simulation)}</span> })}
                    {(!is_active).then(|| view! { <span class="chip">{move || i18n.t(|s| s.project.inactive)}</span> })}
                    <span title=move || i18n.date_time(updated)>
                        {move || i18n.t(|s| s.project.updated)(&i18n.age(updated, clock))}
                    </span>
                </p>
                {description.map(|text| view! { <p class="project-description" dir="auto">{text}</p> })}
            </div>
            <Progress stats/>
            <IconButton icon=IconName::More label=move || i18n.t(|s| s.project.more)(&more_about) on_click=more/>
        </li>
    }
}

/// Returns the counts of a project, read again whenever ages are updated: the list of projects does
/// not subscribe to each of them.
fn live_stats(project: ProjectId) -> RwSignal<Option<ProjectStats>> {
    let stats = RwSignal::new(None);
    let clock = use_clock();
    Effect::new(move |_| {
        clock.now_ms();
        let project = project.clone();
        spawn_local(async move {
            // After a failure, the last known counts stay.
            if let Ok(read) = api::project_stats(&project).await {
                stats.try_set(Some(read));
            }
        });
    });
    stats
}

/// Number of tasks, and of those that are done, as a bar in the statuses' colors and in words.
#[component]
fn Progress(stats: RwSignal<Option<ProjectStats>>) -> impl IntoView {
    let i18n = use_i18n();
    let part = |name: &'static str, count: u64| {
        (count > 0)
            .then(|| view! { <span data-status=name style:flex-grow=count.to_string()></span> })
    };
    move || {
        let Some(stats) = stats.get() else {
            return view! { <div class="project-progress" aria-hidden="true"><span class="project-bar"></span></div> }.into_any();
        };
        let done = stats.completed_tasks + stats.merged_tasks;
        let words =
            i18n.t(|s| s.project.done_of)(&i18n.number(done), &i18n.number(stats.total_tasks));
        let agents = (stats.active_agents > 0)
            .then(|| i18n.count(|s| s.project.active_agents, stats.active_agents));
        view! {
            <div class="project-progress">
                <span class="project-bar" aria-hidden="true">
                    {part("merged", stats.merged_tasks)}
                    {part("completed", stats.completed_tasks)}
                    {part("in_progress", stats.in_progress_tasks)}
                    {part("up_next", stats.up_next_tasks)}
                    {part("unclaimed", stats.unclaimed_tasks)}
                </span>
                <span class="project-line"><span>{words}</span>{agents.map(|agents| view! { <span>{agents}</span> })}</span>
            </div>
        }
        .into_any()
    }
}
