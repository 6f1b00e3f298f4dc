//! The demo, started with one click.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::address::{View, path_to, use_address};
use crate::api;
use crate::i18n::use_i18n;
use crate::state::use_access;
use crate::ui::{Button, ButtonLook, IconName};

/// Button that starts the simulation on the server, and goes to its board.
#[component]
pub fn DemoCard(
    /// Emphasis of the button.
    look: ButtonLook,
) -> impl IntoView {
    let i18n = use_i18n();
    let access = use_access();
    let address = use_address();
    let is_busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<String>);
    let start = move |_| {
        is_busy.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::start_demo().await {
                Ok(demo) => {
                    if let Some(project) = demo.project {
                        address.go(&path_to(&project, View::BOARD));
                    }
                }
                Err(error) => {
                    let reason = untrack(|| i18n.error(&error));
                    let said = untrack(|| i18n.t(|s| s.first_run.demo_not_started)(&reason));
                    failure.try_set(Some(said));
                }
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <section class="first-card">
            <h3>{move || i18n.t(|s| s.first_run.demo_title)}</h3>
            <p class="muted">{move || i18n.t(|s| s.first_run.demo_text)}</p>
            <Button
                look
                icon=IconName::Right
                disabled=Signal::derive(move || is_busy.get() || !access.may_everywhere("manage"))
                label=move || i18n.t(|s| s.first_run.demo_start)
                on_click=start
            />
            {move || failure.get().map(|said| view! { <p class="form-error" role="alert">{said}</p> })}
        </section>
    }
}
