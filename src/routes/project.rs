//! One project: its state lives as long as the person stays in it, in any view.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use super::{Route, View, address_of, use_address, use_route};
use crate::components::board_view::provide_board_view;
use crate::components::filter_bar::read_filter;
use crate::components::new_task::provide_new_task;
use crate::components::task_board::TaskBoard;
use crate::components::top_bar::BarSlot;
use crate::i18n::use_i18n;
use crate::later::{in_time, later, use_later};
use crate::state::{Load, provide_board, use_board, use_projects};
use crate::ui::title::use_title;

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
            Route::Projects | Route::Settings | Route::Nowhere => {
                last.copied().unwrap_or(View::BOARD)
            }
        })
    });
    let id = project.clone();
    use_title(move || {
        let name = projects.name_of(&id).unwrap_or_else(|| id.to_string());
        i18n.first(|s| match view.get() {
            View::Board { task: Some(number) } => (s.page_of_project)(&format!("#{number}"), &name),
            View::Board { task: None } => (s.page_title)(&name),
            View::Agents => (s.page_of_project)(s.agents, &name),
            View::Activity => (s.page_of_project)(s.activity, &name),
        })
    });
    let id = project.clone();
    let is_gone =
        Memo::new(move |_| projects.load.with(Load::is_ready) && projects.name_of(&id).is_none());
    move || {
        let project = project.clone();
        if is_gone.get() {
            later(move |parts| (parts.no_such_project)(project.clone()))
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
            later(move |parts| (parts.agents_page)(project.clone()))
        }
        View::Activity => {
            let project = project.clone();
            later(move |parts| (parts.activity_page)(project.clone()))
        }
    }
}

/// Board with its search in the bar and the open task over it.
#[component]
fn BoardPage(view: Memo<View>) -> impl IntoView {
    // Created again with every visit: a context outlives its content when only this part of the
    // page is created again.
    provide_board_view();
    let (slot, rest) = (use_context::<BarSlot>(), use_later());
    // The first paint already uses the filter of the address; from then on the fields follow it.
    let filter = use_address()
        .query
        .with_untracked(|query| read_filter(query));
    use_board().filter().set(filter);
    let task = Memo::new(move |_| match view.get() {
        View::Board { task } => task,
        View::Agents | View::Activity => None,
    });
    view! {
        {slot.map(|slot| in_time(move |parts| (parts.filter_bar)(slot)))}
        <TaskBoard/>
        {move || task.get().map(|number| {
            rest.fetch();
            in_time(move |parts| (parts.task_drawer)(number))
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
