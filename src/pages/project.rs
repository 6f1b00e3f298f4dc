//! One project: its state lives as long as the person stays in it, in any view.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use super::activity::ActivityPage;
use super::agents::AgentsPage;
use crate::address::{Route, View, address_of, use_address, use_route};
use crate::components::board::filter_bar::{FilterBarIn, read_filter};
use crate::components::board::new_task::provide_new_task;
use crate::components::board::task_board::TaskBoard;
use crate::components::board::view::provide_board_view;
use crate::components::lazy::{Lazy, lazy_view, use_loader};
use crate::components::shell::top_bar::BarSlot;
use crate::components::task::drawer::TaskDrawer;
use crate::i18n::use_i18n;
use crate::state::{Load, provide_board, use_board, use_projects};
use crate::ui::boxed_effect;
use crate::ui::title::use_title;

lazy_view! {
    /// Message that there is no such project.
    fn no_such_project(project: ProjectId) {
        view! { <NoSuchProject project/> }
    }
}

lazy_view! {
    /// Agents of the project.
    fn agents_page(project: ProjectId) {
        view! { <AgentsPage project/> }
    }
}

lazy_view! {
    /// Events and log of the project.
    fn activity_page(project: ProjectId) {
        view! { <ActivityPage project/> }
    }
}

lazy_view! {
    /// Search and filter in the bar of the page.
    fn filter_bar(place: BarSlot) {
        view! { <FilterBarIn place/> }
    }
}

lazy_view! {
    /// Open task over the board.
    fn task_drawer(number: u64) {
        view! { <TaskDrawer number/> }
    }
}

/// View of a project.
#[component]
pub fn ProjectPage(
    /// Project of the page.
    project: ProjectId,
) -> impl IntoView {
    let i18n = use_i18n();
    let projects = use_projects();
    let route = use_route();
    // The route changes before this page is removed: for that moment it shows the last view.
    let view = Memo::new(move |last: Option<&View>| {
        route.with(|route| match route {
            Route::Project(_, view) => *view,
            Route::Projects | Route::Inbox | Route::Settings | Route::Nowhere => {
                last.copied().unwrap_or(View::BOARD)
            }
        })
    });
    let id = project.clone();
    use_title(move || {
        let name = projects.name_of(&id).unwrap_or_else(|| id.to_string());
        match view.get() {
            View::Board { task: Some(number) } => {
                i18n.t(|s| (s.shell.page_of_project)(&format!("#{number}"), &name))
            }
            View::Board { task: None } => i18n.t(|s| (s.shell.page_title)(&name)),
            View::Agents => i18n.t(|s| (s.shell.page_of_project)(s.shell.agents, &name)),
            View::Activity => i18n.t(|s| (s.shell.page_of_project)(s.shell.activity, &name)),
        }
    });
    let id = project.clone();
    let is_gone =
        Memo::new(move |_| projects.load.with(Load::is_ready) && projects.name_of(&id).is_none());
    move || {
        let project = project.clone();
        if is_gone.get() {
            view! { <Lazy view=move || no_such_project(project.clone())/> }.into_any()
        } else {
            view! { <OpenProject project view/> }.into_any()
        }
    }
}

/// Existing project: its live state, and the current view.
#[component]
fn OpenProject(project: ProjectId, view: Memo<View>) -> impl IntoView {
    provide_board(project.clone());
    provide_new_task();
    // The board stays mounted while tasks open over it.
    let page = Memo::new(move |_| match view.get() {
        View::Board { .. } => View::BOARD,
        other => other,
    });
    move || match page.get() {
        View::Board { .. } => view! { <BoardPage view/> }.into_any(),
        View::Agents => {
            let project = project.clone();
            view! { <Lazy view=move || agents_page(project.clone())/> }.into_any()
        }
        View::Activity => {
            let project = project.clone();
            view! { <Lazy view=move || activity_page(project.clone())/> }.into_any()
        }
    }
}

/// Board with its search in the bar and the open task over it.
#[component]
fn BoardPage(view: Memo<View>) -> impl IntoView {
    // Created again with every visit: a context outlives its content when only this part of the
    // page is created again.
    provide_board_view();
    let (slot, loader) = (use_context::<BarSlot>(), use_loader());
    // The first paint already uses the filter of the address; from then on the fields follow it.
    let filter = use_address()
        .query
        .with_untracked(|query| read_filter(query));
    use_board().set_filter(filter);
    let load = use_board().load();
    let is_read = Memo::new(move |_| load.with(|load| *load != Load::Loading));
    boxed_effect(move || {
        if is_read.get() {
            loader.prefetch();
        }
    });
    let task = Memo::new(move |_| match view.get() {
        View::Board { task } => task,
        View::Agents | View::Activity => None,
    });
    view! {
        {slot.map(|slot| view! { <Lazy view=move || filter_bar(slot) wanted=Signal::stored(false)/> })}
        <TaskBoard/>
        {move || task.get().map(|number| {
            view! { <Lazy view=move || task_drawer(number) over=true/> }
        })}
    }
}

/// Message that there is no such project, with a link to all projects.
#[component]
pub fn NoSuchProject(
    /// Project that does not exist.
    project: ProjectId,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <div class="message-page">
            <h1>{move || i18n.t(|s| s.errors.project_not_found)(project.as_str())}</h1>
            <a class="button" data-look="primary" href=address_of(&Route::Projects)>{move || i18n.t(|s| s.errors.to_projects)}</a>
        </div>
    }
}
