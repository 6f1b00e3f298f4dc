//! Connecting a coding agent: one command, and a check mark at its first sign of life.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use tasktree_protocol::ProjectId;
use tasktree_protocol::agent::Source;

use crate::api::{self, SignOfLife};
use crate::browser::{base_url, until_visible};
use crate::components::common::command_line::CommandLine;
use crate::i18n::use_i18n;
use crate::ui::{Icon, IconName, announce, use_clock};

/// Interval at which the server is asked for a sign of life, in milliseconds.
const ASK_MS: u32 = 2_000;

/// Command that connects the chosen harness, and what was heard from any.
#[component]
pub fn ConnectCard(
    /// Project whose agents count; without one, those of all projects.
    project: Option<ProjectId>,
) -> impl IntoView {
    let i18n = use_i18n();
    let chosen = RwSignal::new(Source::ClaudeCode.short());
    let server = base_url();
    let server = StoredValue::new(server.trim_end_matches('/').to_owned());
    let command = move || {
        server.with_value(|server| format!("tasktree connect {} --server {server}", chosen.get()))
    };
    view! {
        <section class="first-card">
            <h3>{move || i18n.t(|s| s.first_run.connect_title)}</h3>
            <p class="muted">{move || i18n.t(|s| s.first_run.connect_text)}</p>
            <label class="first-choice">
                <span class="visually-hidden">{move || i18n.t(|s| s.first_run.harness)}</span>
                <select
                    class="input"
                    on:change:target=move |event| {
                        let value = event.target().value();
                        if let Some(harness) = Source::ALL.iter().find(|it| it.short() == value) {
                            chosen.set(harness.short());
                        }
                    }
                >
                    {Source::ALL.map(|harness| view! { <option value=harness.short()>{harness.title()}</option> })}
                </select>
            </label>
            {move || view! { <CommandLine text=command()/> }}
            <FirstSign project/>
        </section>
    }
}

/// Newest sign of life of any harness; until there is one, that it is awaited.
#[component]
fn FirstSign(project: Option<ProjectId>) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let seen = RwSignal::new(None::<SignOfLife>);
    let is_known = RwSignal::new(false);
    spawn_local_scoped_with_cancellation(async move {
        let mut was_asked = false;
        loop {
            match api::signs_of_life(project.as_ref()).await {
                Ok(signs) => {
                    is_known.set(true);
                    let newest = signs
                        .into_iter()
                        .max_by_key(|sign| sign.last_at.unix_millis(0));
                    if let Some(sign) = newest {
                        if was_asked {
                            let name = name_of(&sign.source).to_owned();
                            announce(&untrack(|| i18n.t(|s| s.first_run.connected)(&name)));
                        }
                        seen.set(Some(sign));
                        return;
                    }
                }
                // An older server has no doors for harnesses.
                Err(error) if error.is_no_endpoint() => return,
                Err(_) => {}
            }
            was_asked = true;
            TimeoutFuture::new(ASK_MS).await;
            // No event tells of the first sign of a harness that has no project yet. A page that
            // nobody sees asks for nothing.
            until_visible().await;
        }
    });
    move || {
        match seen.get() {
        Some(sign) => {
            let name = name_of(&sign.source).to_owned();
            let ago = i18n.age(sign.last_at, clock);
            view! {
                <p class="first-sign" data-seen="true">
                    <Icon name=IconName::Check/>
                    <span>{i18n.t(|s| s.first_run.connected)(&name)}" "<span class="muted">{sign.last_event}" \u{b7} "{ago}</span></span>
                </p>
            }
            .into_any()
        }
        None if is_known.get() => view! {
            <p class="first-sign muted"><span class="first-waits" aria-hidden="true"></span>{i18n.t(|s| s.first_run.waiting)}</p>
        }
        .into_any(),
        None => ().into_any(),
    }
    }
}

/// Returns the name of a harness; one that this version does not know, as the server names it.
fn name_of(source: &str) -> &str {
    Source::of_name(source).map_or(source, |known| known.title())
}
