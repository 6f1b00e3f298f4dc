//! The form for a new token, and its secret once it is created.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ListedPerson, Role};
use crate::components::common::command_line::CommandLine;
use crate::i18n::use_i18n;
use crate::state::{DraftOf, draft, keep_draft, use_projects};
use crate::ui::{Button, ButtonLook, FormField};

/// Roles; the first is preselected because most people need it.
const ROLES: [Role; 4] = [Role::Editor, Role::Viewer, Role::Agent, Role::Admin];

/// Value of `id` of the list of people to choose from.
const PEOPLE: &str = "people";

/// Creates a token; the secret stays on the page until the next one is created.
#[component]
pub fn NewToken(
    /// Callback after a token was created.
    on_made: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let projects = use_projects();
    // The typed text is kept, even if the person goes to another page.
    let name = RwSignal::new(draft(&DraftOf::Token));
    Effect::new(move |_| keep_draft(&DraftOf::Token, &name.read()));
    let role = RwSignal::new(ROLES[0]);
    let project = RwSignal::new(String::new());
    let person = RwSignal::new(draft(&DraftOf::Person));
    Effect::new(move |_| keep_draft(&DraftOf::Person, &person.read()));
    // Suggested names; without an answer any name can still be typed.
    let people = RwSignal::new(Vec::<ListedPerson>::new());
    let read_people = move || {
        spawn_local(async move {
            if let Ok(all) = api::list_people().await {
                people.try_set(all);
            }
        });
    };
    read_people();
    let is_agent = Memo::new(move |_| role.get() == Role::Agent);
    let is_refused = RwSignal::new(false);
    // Mistakes are shown after the first attempt, and disappear as soon as they are corrected.
    let is_nameless = move || is_refused.get() && name.read().trim().is_empty();
    let is_homeless = Memo::new(move |_| is_agent.get() && project.read().is_empty());
    let failure = RwSignal::new(None::<String>);
    let secret = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_refused.set(true);
        if untrack(|| is_nameless() || is_homeless.get()) {
            return;
        }
        is_refused.set(false);
        let is_admin = role.get_untracked() == Role::Admin;
        let new = api::NewToken {
            name: name.get_untracked().trim().to_owned(),
            role: role.get_untracked(),
            project: Some(project.get_untracked())
                .filter(|id| !id.is_empty() && !is_admin)
                .map(Into::into),
            person: Some(person.get_untracked().trim().to_owned())
                .filter(|name| !name.is_empty() && !is_agent.get_untracked()),
        };
        is_busy.set(true);
        failure.set(None);
        secret.set(None);
        spawn_local(async move {
            match api::make_token(&new).await {
                Ok(made) => {
                    secret.try_set(Some(made.secret));
                    name.try_set(String::new());
                    person.try_set(String::new());
                    read_people();
                    on_made.run(());
                }
                Err(error) => {
                    failure.try_set(Some(untrack(|| i18n.error(&error))));
                }
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <h2>{move || i18n.t(|s| s.access.new_token)}</h2>
            <FormField
                label=move || i18n.t(|s| s.access.whose)
                value=name
                error=Signal::derive(move || is_nameless().then(|| i18n.t(|s| s.access.whose_missing)))
            />
            <label class="field">
                <span class="field-label">{move || i18n.t(|s| s.access.role)}</span>
                <select class="input" on:change:target=move |event| {
                    if let Some(chosen) = Role::named(&event.target().value()) {
                        role.set(chosen);
                    }
                }>
                    {ROLES
                        .map(|role| {
                            let name = role.as_str();
                            view! {
                                <option value=name>{move || i18n.t(|s| s.access.role_and_use)(i18n.role(name), i18n.role_use(name))}</option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            {move || (!is_agent.get()).then(|| view! {
                <label class="field">
                    <span class="field-label">{move || i18n.t(|s| s.access.person)}</span>
                    <input
                        class="input"
                        type="text"
                        name="person"
                        list=PEOPLE
                        dir="auto"
                        autocomplete="off"
                        prop:value=move || person.get()
                        on:input:target=move |event| person.set(event.target().value())
                    />
                    <span class="field-hint">{move || i18n.t(|s| s.access.person_hint)}</span>
                </label>
                <datalist id=PEOPLE>
                    {move || people.get().into_iter().map(|one| view! { <option value=one.name></option> }).collect_view()}
                </datalist>
            })}
            {move || (role.get() != Role::Admin).then(|| view! {
                <label class="field">
                    <span class="field-label">{move || i18n.t(|s| s.access.reach)}</span>
                    <select class="input" on:change:target=move |event| project.set(event.target().value())>
                        {move || if is_agent.get() {
                            view! { <option value="" disabled selected=is_homeless>{i18n.t(|s| s.access.choose_project)}</option> }.into_any()
                        } else {
                            view! { <option value="">{i18n.t(|s| s.project.all_projects)}</option> }.into_any()
                        }}
                        {move || projects.projects.get().into_iter().map(|one| {
                            let id = one.id.to_string();
                            let is_chosen = project.with_untracked(|chosen| *chosen == id);
                            view! { <option value=id selected=is_chosen>{one.name}</option> }
                        }).collect_view()}
                    </select>
                </label>
            })}
            {move || (is_refused.get() && is_homeless.get()).then(|| view! {
                <p class="form-error" role="alert">{i18n.t(|s| s.access.project_missing)}</p>
            })}
            {move || failure.get().map(|text| view! { <p class="form-error" role="alert">{text}</p> })}
            <footer>
                <Button
                    look=ButtonLook::Primary
                    submit=true
                    disabled=Signal::derive(move || is_busy.get())
                    label=move || i18n.t(|s| s.access.make)
                />
            </footer>
            {move || secret.get().map(|secret| view! {
                <div role="status">
                    <p>{move || i18n.t(|s| s.access.shown_once)}</p>
                    <CommandLine text=secret/>
                </div>
            })}
        </form>
    }
}
