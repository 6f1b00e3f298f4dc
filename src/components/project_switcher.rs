//! The open project's name, and a list to go to another.

use leptos::prelude::*;

use super::project_dialog::{DeleteProjectDialog, ProjectDialog};
use crate::i18n::use_i18n;
use crate::routes::{Place, View, address_of, path_to, use_place};
use crate::state::use_projects;
use crate::ui::{Icon, IconName, Popover};

/// A button with the open project's name; it opens the list of projects.
#[component]
pub fn ProjectSwitcher() -> impl IntoView {
    let i18n = use_i18n();
    let projects = use_projects();
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
    let command = move |dialog: RwSignal<bool>| {
        move |_| {
            open.set(false);
            dialog.set(true);
        }
    };
    view! {
        <Popover class="switcher" trigger panel_class="switcher-panel" open>
            <nav aria-label=move || i18n.t(|s| s.project.switch)>
                <ul>
                    <For each=move || projects.projects.get() key=|project| (project.id.clone(), project.name.clone()) let:project>
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
                    </For>
                </ul>
            </nav>
            <div class="menu-line"></div>
            <a class="menu-item" href=address_of(&Place::Projects)>
                <Icon name=IconName::Board/>{move || i18n.t(|s| s.project.all)}
            </a>
            <button type="button" class="menu-item" on:click=command(create)>
                <Icon name=IconName::Add/>{move || i18n.t(|s| s.project.create)}
            </button>
            {move || project.with(Option::is_some).then(|| view! {
                <button type="button" class="menu-item" on:click=command(edit)>
                    <Icon name=IconName::Edit/>{move || i18n.t(|s| s.project.edit)}
                </button>
                <button type="button" class="menu-item" on:click=command(delete)>
                    <Icon name=IconName::Delete/>{move || i18n.t(|s| s.project.delete)}
                </button>
            })}
        </Popover>
        <ProjectDialog open=create/>
        <ProjectDialog open=edit project/>
        <DeleteProjectDialog open=delete project/>
    }
}
