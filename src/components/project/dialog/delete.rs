//! The confirmation before a project is deleted: its name has to be typed.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::Project;

use crate::address::{Route, address_of, use_address};
use crate::i18n::{as_displayed, use_i18n};
use crate::state::use_projects;
use crate::ui::{Button, ButtonLook, Dialog, FormField, Level, Toast, use_toasts};

/// Dialog that deletes a project once its name was typed. Closing it asks nothing: the name is on
/// the page, and typing half of it is no loss.
#[component]
pub fn DeleteProjectDialog(
    /// Set while the dialog is open.
    open: RwSignal<bool>,
    /// Project to delete.
    #[prop(into)]
    project: Signal<Option<Project>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let title = move || i18n.t(|s| s.project.delete);
    let close_label = move || i18n.t(|s| s.common.close);
    view! {
        <Dialog open title close_label class="dialog-narrow">
            {project.get_untracked().map(|project| view! { <DeleteForm open project/> })}
        </Dialog>
    }
}

#[component]
fn DeleteForm(open: RwSignal<bool>, project: Project) -> impl IntoView {
    let i18n = use_i18n();
    let projects = use_projects();
    let toasts = use_toasts();
    let address = use_address();
    let typed = RwSignal::new(String::new());
    let failure = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let name = project.name.clone();
    let is_wrong = {
        let name = as_displayed(&name);
        Memo::new(move |_| typed.with(|typed| as_displayed(typed) != name))
    };
    let (warned, asked) = (name.clone(), name);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_wrong.get_untracked() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let project = project.clone();
        spawn_local(async move {
            let deleted = projects.delete(&project.id).await;
            is_busy.try_set(false);
            match deleted {
                Ok(()) => {
                    let text = untrack(|| i18n.t(|s| s.project.deleted)(&project.name));
                    toasts.push(Toast::new(Level::Success, text));
                    open.try_set(false);
                    address.go(&address_of(&Route::Projects));
                }
                Err(error) => {
                    failure.try_set(Some(untrack(|| i18n.error(&error))));
                }
            }
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <p class="dialog-text">{move || i18n.t(|s| s.project.delete_warning)(&warned)}</p>
            <FormField
                label=move || i18n.t(|s| s.project.delete_confirm)(&asked)
                value=typed
                autofocus=true
            />
            {move || failure.get().map(|text| view! { <p class="form-error" role="alert">{text}</p> })}
            <footer class="dialog-foot">
                <Button label=move || i18n.t(|s| s.common.cancel) on_click=move |_| open.set(false)/>
                <Button
                    look=ButtonLook::Danger
                    submit=true
                    disabled=Signal::derive(move || is_wrong.get() || is_busy.get())
                    label=move || i18n.t(|s| s.project.delete)
                />
            </footer>
        </form>
    }
}
