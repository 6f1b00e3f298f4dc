//! The open project's name, and a list to go to another.

use leptos::prelude::*;
use tasktree_protocol::Project;

use super::dialog::{DeleteProjectDialog, ProjectDialog};
use crate::address::{Route, View, address_of, path_to, use_route};
use crate::components::lazy::{Lazy, lazy_view};
use crate::i18n::{Strings, Text, use_i18n};
use crate::state::{use_access, use_projects};
use crate::ui::{Icon, IconName, KeyedList, Popover, boxed_effect};

/// Accessor of a command's label.
type Label = fn(&Strings) -> Text;

/// Dialogs that the list opens.
#[derive(Clone, Copy, Debug)]
pub struct ProjectCommands {
    /// Dialog for a new project.
    pub create: RwSignal<bool>,
    /// Dialog for the open project's texts.
    pub edit: RwSignal<bool>,
    /// Dialog that deletes the open project.
    pub delete: RwSignal<bool>,
    /// State of the list itself: it closes when a dialog opens.
    list: RwSignal<bool>,
}

lazy_view! {
    /// Content of the list.
    fn panel(commands: ProjectCommands) {
        view! { <ProjectPanel commands/> }
    }
}

lazy_view! {
    /// Dialogs of the list. Only the list opens them, so they are never missed.
    fn dialogs(commands: ProjectCommands) {
        view! { <ProjectDialogs commands/> }
    }
}

/// Button with the open project's name; it opens the list of projects.
#[component]
pub fn ProjectSwitcher() -> impl IntoView {
    let i18n = use_i18n();
    let route = use_route();
    let open = RwSignal::new(false);
    let commands = ProjectCommands {
        create: RwSignal::new(false),
        edit: RwSignal::new(false),
        delete: RwSignal::new(false),
        list: open,
    };
    let projects = use_projects();
    let name = move || match route.with(|route| route.project().cloned()) {
        Some(id) => projects.name_of(&id).unwrap_or_else(|| id.to_string()),
        None => i18n.t(|s| s.project.projects).to_owned(),
    };
    let trigger = move || {
        view! {
            <span class="switcher-name clipped" dir="auto">{name}</span>
            <Icon name=IconName::Down/>
        }
    };
    // A link of the list navigates away from it.
    boxed_effect(move || {
        route.track();
        open.set(false);
    });
    view! {
        <Popover class="switcher" name=move || i18n.t(|s| s.project.switch_project) trigger panel_class="switcher-panel" open>
            <Lazy view=move || panel(commands)/>
        </Popover>
        <Lazy view=move || dialogs(commands) wanted=Signal::stored(false)/>
    }
}

/// Dialogs that the list opens.
#[component]
pub fn ProjectDialogs(
    /// State of the dialogs.
    commands: ProjectCommands,
) -> impl IntoView {
    let project = open_project();
    view! {
        <ProjectDialog open=commands.create/>
        <ProjectDialog open=commands.edit project/>
        <DeleteProjectDialog open=commands.delete project/>
    }
}

/// Returns the open project, if the server has it.
fn open_project() -> Signal<Option<Project>> {
    let (route, projects) = (use_route(), use_projects());
    let current = Memo::new(move |_| route.with(|route| route.project().cloned()));
    Signal::derive(move || current.get().and_then(|id| projects.find(&id)))
}

/// List of projects, and the commands for the open one.
#[component]
pub fn ProjectPanel(
    /// State of the dialogs.
    commands: ProjectCommands,
) -> impl IntoView {
    let i18n = use_i18n();
    let projects = use_projects();
    let access = use_access();
    let route = use_route();
    let project = open_project();
    let offer = move |dialog: RwSignal<bool>, icon: IconName, label: Label| {
        let show = move |_| {
            commands.list.set(false);
            dialog.set(true);
        };
        view! {
            <button type="button" class="menu-item" on:click=show>
                <Icon name=icon/>{move || i18n.t(label)}
            </button>
        }
    };
    let offers = move || {
        let is_open = project.with(Option::is_some);
        let ProjectCommands {
            create,
            edit,
            delete,
            ..
        } = commands;
        let commands: [(bool, RwSignal<bool>, IconName, Label); 3] = [
            (
                access.may_everywhere("manage"),
                create,
                IconName::Add,
                |s| s.project.create,
            ),
            (is_open && access.may("manage"), edit, IconName::Edit, |s| {
                s.project.edit
            }),
            (
                is_open && access.may("destroy"),
                delete,
                IconName::Delete,
                |s| s.project.delete,
            ),
        ];
        let offered = commands.into_iter().filter(|(is_offered, ..)| *is_offered);
        offered
            .map(|(_, dialog, icon, label)| offer(dialog, icon, label))
            .collect_view()
    };
    view! {
        <nav>
            <ul>
                <KeyedList each=move || projects.projects.get() key=|project| format!("{} {}", project.id, project.name) let:project>
                    <li>
                        <a
                            class="menu-item"
                            href=path_to(&project.id, View::BOARD)
                            aria-current={
                                let id = project.id.clone();
                                move || route.with(|route| (route.project() == Some(&id)).then_some("true"))
                            }
                        >
                            <Icon name=IconName::Project/>
                            <span class="menu-label clipped" dir="auto">{project.name}</span>
                        </a>
                    </li>
                </KeyedList>
            </ul>
        </nav>
        <div class="menu-line"></div>
        <a class="menu-item" href=address_of(&Route::Projects)>
            <Icon name=IconName::Board/>{move || i18n.t(|s| s.project.all_projects)}
        </a>
        {offers}
    }
}
