//! The forms that create, change and delete a project.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::Project;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::address::{View, path_to, use_address};
use crate::api::NewProject;
use crate::browser::before_next_paint;
use crate::components::common::discard_words::discard_words;
use crate::i18n::use_i18n;
use crate::state::use_projects;
use crate::ui::{Button, ButtonLook, Dialog, FormField, Level, Toast, use_dialog_exit, use_toasts};

pub mod delete;
mod fields;
mod save;

pub use delete::DeleteProjectDialog;
use fields::{Fields, Problem};
use save::{Saving, save};

/// Dialog that creates a project, or changes the given one.
#[component]
pub fn ProjectDialog(
    /// Set while the dialog is open.
    open: RwSignal<bool>,
    /// Project to change; without one, a project is created.
    #[prop(optional, into)]
    project: Signal<Option<Project>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let title = move || {
        i18n.t(|s| {
            if project.with(Option::is_some) {
                s.project.edit
            } else {
                s.project.create
            }
        })
    };
    let close_label = move || i18n.t(|s| s.common.close);
    let discard = discard_words(i18n);
    view! {
        <Dialog open title close_label discard>
            // A change from outside does not remove typed text.
            <ProjectForm open project=project.get_untracked()/>
        </Dialog>
    }
}

#[component]
fn ProjectForm(open: RwSignal<bool>, project: Option<Project>) -> impl IntoView {
    let i18n = use_i18n();
    let projects = use_projects();
    let toasts = use_toasts();
    let address = use_address();
    let exit = use_dialog_exit();
    // "Back" would close the page together with the dialog.
    address.hold(move || {
        let stays = exit.has_text();
        if stays {
            exit.leave();
        }
        stays
    });
    let is_new = project.is_none();
    let fields = Fields::of(project.as_ref());
    let problem = RwSignal::new(None::<Problem>);
    // Version on which the form's changes are based.
    let base = StoredValue::new(project);
    let failure = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let error_of = move |which: Problem| {
        Signal::derive(move || (problem.get() == Some(which)).then(|| which.text(i18n)))
    };
    let id_error = Signal::derive(move || {
        let about_id = |problem| matches!(problem, Problem::IdInvalid | Problem::IdTaken);
        let found = problem.get().filter(|problem| about_id(*problem));
        found.map(|problem| problem.text(i18n))
    });
    if is_new {
        fields.derive_id_from_name();
    }
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let found = fields.problem(is_new, |id| {
            projects
                .projects
                .with_untracked(|all| all.iter().any(|project| project.id.as_str() == id))
        });
        problem.set(found);
        if found.is_some() {
            focus_first_invalid();
        }
        if found.is_some() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let saved = match base.try_get_value().flatten() {
                Some(project) => save(projects, fields, project).await,
                None => projects
                    .create(&fields.new_project())
                    .await
                    .map(Saving::Done),
            };
            // The dialog may be closed by now; its signals are gone then.
            is_busy.try_set(false);
            match saved {
                Ok(Saving::Contested { newest, names }) => {
                    let names = untrack(|| fields::names(i18n, &names));
                    failure.try_set(Some(untrack(|| i18n.t(|s| (s.project.contested)(&names)))));
                    base.try_set_value(Some(newest));
                }
                Ok(Saving::Done(saved)) => {
                    let text = untrack(|| {
                        i18n.t(|s| {
                            if is_new {
                                s.project.created
                            } else {
                                s.project.saved
                            }
                        })(&saved.name)
                    });
                    toasts.push(Toast::new(Level::Success, text));
                    open.try_set(false);
                    if is_new {
                        address.go(&path_to(&saved.id, View::BOARD));
                    }
                }
                Err(error) => {
                    failure.try_set(Some(untrack(|| i18n.error(&error))));
                }
            }
        });
    };
    view! {
        <form class="form" novalidate on:submit=submit>
            <FormField label=move || i18n.t(|s| s.project.name) value=fields.name error=error_of(Problem::NameMissing) autofocus=true/>
            {is_new.then(|| view! {
                <FormField
                    label=move || i18n.t(|s| s.project.id)
                    hint=move || i18n.t(|s| s.project.id_hint)
                    value=fields.id
                    error=id_error
                    mono=true
                />
            })}
            <FormField
                label=move || i18n.t(|s| s.project.path)
                hint=move || i18n.t(|s| s.project.path_hint)
                value=fields.path
                mono=true
            />
            <FormField label=move || i18n.t(|s| s.project.description) value=fields.description/>
            {(!is_new).then(|| view! {
                <FormField
                    label=move || i18n.t(|s| s.merge.main_branch)
                    hint=move || i18n.t(|s| s.merge.main_branch_hint)
                    value=fields.main_branch
                    mono=true
                />
                <FormField label=move || i18n.t(|s| s.project.overview) value=fields.overview rows=4/>
                <FormField label=move || i18n.t(|s| s.project.initial_prompt) value=fields.initial_prompt rows=4/>
                <FormField
                    label=move || i18n.t(|s| s.project.max_agents)
                    value=fields.max_agents
                    error=error_of(Problem::MaxAgentsInvalid)
                />
                <label class="checkbox">
                    <input
                        type="checkbox"
                        prop:checked=move || fields.active.get()
                        on:change:target=move |event| fields.active.set(event.target().checked())
                    />
                    {move || i18n.t(|s| s.project.active)}
                </label>
            })}
            {move || failure.get().map(|text| view! { <p class="form-error" role="alert">{text}</p> })}
            <footer class="dialog-foot">
                <Button label=move || i18n.t(|s| s.common.cancel) on_click=move |_| exit.leave()/>
                <Button
                    look=ButtonLook::Primary
                    submit=true
                    disabled=is_busy
                    label=move || i18n.t(|s| if is_new { s.project.create_submit } else { s.common.save })
                />
            </footer>
        </form>
    }
}

impl Fields {
    fn new_project(self) -> NewProject {
        let (id, name) = (self.id.get_untracked(), self.name.get_untracked());
        NewProject {
            path: self.path.get_untracked().trim().to_owned(),
            description: save::text_or_none(self.description),
            ..NewProject::new(id.trim(), name.trim())
        }
    }
}

/// Focuses the first invalid field, once it is marked.
fn focus_first_invalid() {
    before_next_paint(|| {
        let field = document()
            .query_selector("dialog[open] [aria-invalid]")
            .ok()
            .flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            // A field that cannot take the focus changes nothing.
            drop(field.focus());
        }
    });
}
