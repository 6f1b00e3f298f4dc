//! The open project's name, and a list to go to another.

use leptos::prelude::*;

use super::project_dialog::{DeleteProjectDialog, ProjectDialog};
use crate::i18n::{Strings, Text, use_i18n};
use crate::routes::{Place, View, address_of, path_to, use_place};
use crate::state::{use_access, use_projects};
use crate::ui::{Icon, IconName, List, Popover};

/// What a command is called.
type Label = fn(&'static Strings) -> Text;

/// A button with the open project's name; it opens the list of projects.
#[component]
pub fn ProjectSwitcher() -> impl IntoView {
    let i18n = use_i18n();
    let projects = use_projects();
    let access = use_access();
    let place = use_place();
    let open = RwSignal::new(false);
    let (create, edit, delete) = (
        RwSignal::new(false),
        RwSignal::new(false),
        RwSignal::new(false),
    );
    let current = Memo::new(move |_| place.with(|place| place.project().cloned()));
    let project = Signal::derive(move || current.get().and_then(|id| projects.find(&id)));
    let name = move || match (project.get(), current.get()) {
        (Some(project), _) => project.name,
        (None, Some(id)) => id.to_string(),
        (None, None) => i18n.t(|s| s.project.projects).to_owned(),
    };
    let trigger = move || {
        view! {
            <span class="switcher-name clipped" dir="auto">{name}</span>
            <Icon name=IconName::Down/>
        }
    };
    // A link of the list leads away from it.
    Effect::new(move |_| {
        place.track();
        open.set(false);
    });
    let offer = move |dialog: RwSignal<bool>, icon: IconName, label: Label| {
        let show = move |_| {
            open.set(false);
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
        <Popover class="switcher" name=move || i18n.t(|s| s.project.switch) trigger panel_class="switcher-panel" open>
            <nav>
                <ul>
                    <List each=move || projects.projects.get() key=|project| format!("{} {}", project.id, project.name) let:project>
                        <li>
                            <a
                                class="menu-item"
                                href=path_to(&project.id, View::BOARD)
                                aria-current={
                                    let id = project.id.clone();
                                    move || current.with(|current| (current.as_ref() == Some(&id)).then_some("true"))
                                }
                            >
                                <Icon name=IconName::Project/>
                                <span class="menu-label clipped" dir="auto">{project.name}</span>
                            </a>
                        </li>
                    </List>
                </ul>
            </nav>
            <div class="menu-line"></div>
            <a class="menu-item" href=address_of(&Place::Projects)>
                <Icon name=IconName::Board/>{move || i18n.t(|s| s.project.all)}
            </a>
            {offers}
        </Popover>
        <ProjectDialog open=create/>
        <ProjectDialog open=edit project/>
        <DeleteProjectDialog open=delete project/>
    }
}
