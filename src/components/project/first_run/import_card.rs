//! Import of a file of another program.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::ProjectId;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::address::{View, path_to, use_address};
use crate::api;
use crate::i18n::use_i18n;
use crate::state::{ProjectsState, use_access};
use crate::ui::{Level, Toast, use_toasts};

/// Name of the project if the file's name gives none.
const UNNAMED: &str = "imported";

/// Field for a file, which is imported as soon as it is chosen.
#[component]
pub fn ImportCard(
    /// Project to fill; without one, a project of the file's name is created.
    project: Option<ProjectId>,
) -> impl IntoView {
    let i18n = use_i18n();
    let access = use_access();
    let address = use_address();
    let toasts = use_toasts();
    let projects = use_context::<ProjectsState>();
    let is_busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<String>);
    let project = StoredValue::new(project);
    let import = move |file: File| {
        is_busy.set(true);
        failure.set(None);
        let project = project.get_value().unwrap_or_else(|| {
            let is_taken = |id: &ProjectId| {
                projects.is_some_and(|projects| untrack(|| projects.find(id)).is_some())
            };
            free_project(project_of(&file.name()), is_taken)
        });
        spawn_local(async move {
            let text = JsFuture::from(file.text()).await.ok();
            let text = text.and_then(|text| text.as_string()).unwrap_or_default();
            match api::import_file(&project, text).await {
                Ok(()) => {
                    let text = untrack(|| i18n.t(|s| s.first_run.imported)(&file.name()));
                    toasts.push(Toast::new(Level::Success, text));
                    address.go(&path_to(&project, View::BOARD));
                }
                Err(error) => {
                    let reason = untrack(|| i18n.error(&error));
                    let said = untrack(|| i18n.t(|s| s.first_run.not_imported)(&reason));
                    failure.try_set(Some(said));
                }
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <section class="first-card">
            <h3>{move || i18n.t(|s| s.first_run.import_title)}</h3>
            <p class="muted">{move || i18n.t(|s| s.first_run.import_text)}</p>
            <label class="button first-file" data-busy=move || is_busy.get().then_some("true")>
                {move || i18n.t(|s| s.first_run.choose_file)}
                <input
                    type="file"
                    class="visually-hidden"
                    accept=".json,application/json"
                    disabled=move || is_busy.get() || !access.may_everywhere("manage")
                    on:change:target=move |event| {
                        let field = event.target();
                        if let Some(file) = field.files().and_then(|files| files.get(0)) {
                            import(file);
                        }
                        // The same file can be chosen again.
                        field.set_value("");
                    }
                />
            </label>
            {move || failure.get().map(|said| view! { <p class="form-error" role="alert">{said}</p> })}
        </section>
    }
}

/// Returns the id of a new project for a file: its name in the letters that an id may have.
fn project_of(name: &str) -> ProjectId {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let kept = |letter: char| match letter {
        'A'..='Z' => letter.to_ascii_lowercase(),
        'a'..='z' | '0'..='9' => letter,
        _ => '-',
    };
    let id: String = stem.chars().map(kept).collect();
    match id.trim_matches('-') {
        "" => UNNAMED.into(),
        id => id.into(),
    }
}

/// Returns that id, with a number if there is such a project.
fn free_project(wanted: ProjectId, is_taken: impl Fn(&ProjectId) -> bool) -> ProjectId {
    if !is_taken(&wanted) {
        return wanted;
    }
    let numbered = (2_u32..).map(|number| ProjectId::from(format!("{wanted}-{number}")));
    numbered
        .into_iter()
        .find(|id| !is_taken(id))
        .unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_project_is_named_after_its_file() {
        for (name, id) in [
            ("tasks.json", "tasks"),
            ("My Shop.v2.json", "my-shop-v2"),
            ("\u{4efb}\u{52a1}.json", UNNAMED),
            ("", UNNAMED),
        ] {
            assert_eq!(project_of(name).as_str(), id, "{name}");
        }
        let is_taken = |id: &ProjectId| ["tasks", "tasks-2"].contains(&id.as_str());
        assert_eq!(free_project("tasks".into(), is_taken).as_str(), "tasks-3");
    }
}
