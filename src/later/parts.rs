//! The table of the second part's functions.

use leptos::html;
use leptos::prelude::*;
use tasktree_protocol::{ProjectId, Status, TaskId};
use web_sys::{Element, HtmlElement};

use crate::api::ApiError;
use crate::app::{Overlays, attend};
use crate::components::add_task::AddTask;
use crate::components::board_actions::BoardActions;
use crate::components::board_motion::{Departure, glide};
use crate::components::board_take::TakeDialog;
use crate::components::connection_details::ConnectionDetails;
use crate::components::filter_bar::FilterBarIn;
use crate::components::merge_dialog::MergeDialog;
use crate::components::not_refreshed::NotRefreshed;
use crate::components::project_switcher::{ProjectCommands, ProjectDialogs, ProjectPanel};
use crate::components::sign_in_notice::SignInNotice;
use crate::components::task_board::drag_ghost::DragGhost;
use crate::components::task_board::empty::EmptyBoard;
use crate::components::task_board::{BoardNotLoaded, take_input};
use crate::components::task_card::branch::copy_branch;
use crate::components::task_drawer::TaskDrawer;
use crate::components::top_bar::{BarSlot, BarTools};
use crate::components::unsent_reports::UnsentReports;
use crate::i18n::I18n;
use crate::net::{WebSocketHandle, connect};
use crate::routes::activity::ActivityPage;
use crate::routes::agents::AgentsPage;
use crate::routes::not_found::NotFound;
use crate::routes::project::NoSuchProject;
use crate::routes::projects::ProjectsPage;
use crate::routes::settings::SettingsPage;
use crate::state::{
    AccessState, BoardState, Load, Notifications, ProjectsState, Unsent, follow_access,
    follow_board, follow_notifications, follow_projects, follow_unsent,
};
use crate::ui::toast::Toasts;
use crate::ui::virtual_list::{Following, follow_changes};

/// Views and functions of the second part, each documented at the component or function of its
/// name. The first part reaches the second only through this table.
#[derive(Debug)]
pub struct Parts {
    pub(crate) activity_page: fn(ProjectId) -> AnyView,
    pub(crate) add_task: fn() -> AnyView,
    pub(crate) agents_page: fn(ProjectId) -> AnyView,
    pub(crate) bar_tools: fn(RwSignal<bool>) -> AnyView,
    pub(crate) board_not_loaded: fn(BoardState, ApiError) -> AnyView,
    pub(crate) connection_details: fn(Memo<String>, Memo<bool>) -> AnyView,
    pub(crate) drag_ghost: fn() -> AnyView,
    pub(crate) empty_board: fn() -> AnyView,
    pub(crate) filter_bar: fn(BarSlot) -> AnyView,
    pub(crate) no_such_project: fn(ProjectId) -> AnyView,
    pub(crate) not_found: fn() -> AnyView,
    pub(crate) not_refreshed: fn(Signal<Load>) -> AnyView,
    pub(crate) overlays: fn(RwSignal<bool>) -> AnyView,
    pub(crate) project_dialogs: fn(ProjectCommands) -> AnyView,
    pub(crate) project_panel: fn(ProjectCommands) -> AnyView,
    pub(crate) projects_page: fn() -> AnyView,
    pub(crate) settings_page: fn() -> AnyView,
    pub(crate) sign_in_notice: fn() -> AnyView,
    pub(crate) task_drawer: fn(u64) -> AnyView,
    pub(crate) unsent_reports: fn() -> AnyView,

    pub(crate) attend: fn(RwSignal<bool>),
    pub(crate) connect: fn(WebSocketHandle, Option<String>),
    pub(crate) copy_branch: fn(I18n, Toasts, String),
    pub(crate) follow_access: fn(AccessState),
    pub(crate) follow_board: fn(BoardState),
    pub(crate) follow_notifications: fn(Notifications),
    pub(crate) follow_projects: fn(ProjectsState),
    pub(crate) follow_rows: fn(Following<TaskId>),
    pub(crate) follow_unsent: fn(Unsent),
    pub(crate) glide: fn(&HtmlElement, Departure, Status),
    pub(crate) open_move_menu: fn(BoardActions, &TaskId, &Element),
    pub(crate) take_input: fn(BoardActions, NodeRef<html::Div>),
}

static PARTS: Parts = Parts {
    activity_page: |project| view! { <ActivityPage project/> }.into_any(),
    add_task: || view! { <AddTask/> }.into_any(),
    agents_page: |project| view! { <AgentsPage project/> }.into_any(),
    bar_tools: |help| view! { <BarTools help/> }.into_any(),
    board_not_loaded: |board, error| view! { <BoardNotLoaded board error/> }.into_any(),
    connection_details: |words, is_silent| {
        view! { <ConnectionDetails words is_silent/> }.into_any()
    },
    drag_ghost: || view! { <DragGhost/><TakeDialog/><MergeDialog/> }.into_any(),
    empty_board: || view! { <EmptyBoard/> }.into_any(),
    filter_bar: |place| view! { <FilterBarIn place/> }.into_any(),
    no_such_project: |project| view! { <NoSuchProject project/> }.into_any(),
    not_found: || view! { <NotFound/> }.into_any(),
    not_refreshed: |of| view! { <NotRefreshed of/> }.into_any(),
    overlays: |help| view! { <Overlays help/> }.into_any(),
    project_dialogs: |commands| view! { <ProjectDialogs commands/> }.into_any(),
    project_panel: |commands| view! { <ProjectPanel commands/> }.into_any(),
    projects_page: || view! { <ProjectsPage/> }.into_any(),
    settings_page: || view! { <SettingsPage/> }.into_any(),
    sign_in_notice: || view! { <SignInNotice/> }.into_any(),
    task_drawer: |number| view! { <TaskDrawer number/> }.into_any(),
    unsent_reports: || view! { <UnsentReports/> }.into_any(),

    attend,
    connect,
    copy_branch,
    follow_access,
    follow_board,
    follow_notifications,
    follow_projects,
    follow_rows: follow_changes,
    follow_unsent,
    glide,
    open_move_menu: |actions, task, button| actions.open_move_menu(task, button),
    take_input,
};

/// Returns the table. In a divided program this is the split point: the function is asynchronous
/// then, and fetches the second part.
#[cfg_attr(feature = "split", wasm_split_helpers::wasm_split(later, fallible))]
pub(super) fn parts() -> Table {
    #[cfg(feature = "split")]
    return Ok(&PARTS);
    #[cfg(not(feature = "split"))]
    &PARTS
}

#[cfg(feature = "split")]
type Table = Result<&'static Parts, wasm_split_helpers::SplitLoaderError>;
#[cfg(not(feature = "split"))]
type Table = &'static Parts;
