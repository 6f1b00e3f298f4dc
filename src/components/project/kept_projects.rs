//! Deleted and reset projects that can be restored.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, KeptProject};
use crate::components::common::allowed::Allowed;
use crate::i18n::use_i18n;
use crate::state::use_projects;
use crate::ui::{Button, Level, Toast, use_clock, use_toasts};

/// List of the trash, read while it is open. Hidden from sessions that may not restore anything.
#[component]
pub fn KeptProjects() -> impl IntoView {
    let i18n = use_i18n();
    let projects = use_projects();
    let toasts = use_toasts();
    let clock = use_clock();
    let kept = RwSignal::new(None::<Vec<KeptProject>>);
    let read = move || {
        spawn_local(async move {
            match api::kept_projects().await {
                Ok(all) => {
                    kept.try_set(Some(all));
                }
                Err(error) => {
                    let text = untrack(|| i18n.error(&error));
                    toasts.push(Toast::new(Level::Error, text));
                }
            }
        });
    };
    let is_open = RwSignal::new(false);
    Effect::new(move |_| {
        if is_open.get() {
            // Somebody else may delete or restore one.
            projects.projects.track();
            read();
        }
    });
    let restore = move |one: KeptProject| {
        spawn_local(async move {
            let toast = match api::restore_project(&one).await {
                Ok(_) => {
                    projects.retry();
                    let text = untrack(|| i18n.t(|s| s.project.restored)(&one.name));
                    Toast::new(Level::Success, text)
                }
                Err(error) => Toast::new(Level::Error, untrack(|| i18n.error(&error))),
            };
            toasts.push(toast);
        });
    };
    let row = move |one: KeptProject| {
        let (name, why, at) = (one.name.clone(), one.why.clone(), one.at);
        let when = move || {
            let ago = i18n.age(at, clock);
            i18n.t(|s| {
                if why == "deleted" {
                    s.project.deleted_ago
                } else {
                    s.project.reset_ago
                }
            })(&ago)
        };
        view! {
            <li class="token-row">
                <strong dir="auto">{name}</strong>
                <span class="muted">{when}</span>
                <Button label=move || i18n.t(|s| s.project.restore) on_click=move |_| restore(one.clone())/>
            </li>
        }
    };
    let list = move || {
        kept.get().map(|all| {
            if all.is_empty() {
                return view! { <p class="muted">{i18n.t(|s| s.project.nothing_kept)}</p> }
                    .into_any();
            }
            view! { <ul class="token-list">{all.into_iter().map(row).collect_view()}</ul> }
                .into_any()
        })
    };
    view! {
        <Allowed permission="destroy">
            <details class="begin kept" on:toggle:target=move |event| is_open.set(event.target().open())>
                <summary>{move || i18n.t(|s| s.project.kept)}</summary>
                {list}
            </details>
        </Allowed>
    }
}
