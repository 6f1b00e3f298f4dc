//! The tokens of the server: listed, created, revoked.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::new_token::NewToken;
use crate::api::{self, AccessToken, ApiError};
use crate::i18n::use_i18n;
use crate::ui::{Button, ButtonLook, ConfirmDialog, Level, Toast, use_clock, use_toasts};

/// List of the valid tokens, and a form for a new one.
#[component]
pub fn TokenList() -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let tokens = RwSignal::new(None::<Result<Vec<AccessToken>, ApiError>>);
    let read = move || {
        spawn_local(async move {
            let all = api::list_tokens().await;
            tokens.try_set(Some(all));
        });
    };
    read();
    // The token in the confirmation dialog.
    let (asks, chosen) = (RwSignal::new(false), RwSignal::new(None::<AccessToken>));
    let revoke = move || {
        let Some(token) = chosen.get_untracked() else {
            return;
        };
        spawn_local(async move {
            if let Err(error) = api::revoke_token(&token.id).await {
                let text = untrack(|| i18n.error(&error));
                toasts.push(Toast::new(Level::Error, text));
            }
            read();
        });
    };
    let rows = move || match tokens.get() {
        None => view! { <p class="muted" aria-busy="true">{i18n.t(|s| s.common.loading)}</p> }
            .into_any(),
        Some(Err(error)) => {
            view! { <p class="form-error" role="alert">{i18n.error(&error)}</p> }.into_any()
        }
        Some(Ok(all)) if all.is_empty() => {
            view! { <p class="muted">{i18n.t(|s| s.access.no_tokens)}</p> }.into_any()
        }
        Some(Ok(all)) => view! {
            <ul class="token-list">
                {all
                    .into_iter()
                    .map(|token| {
                        let asked = token.clone();
                        let ask = move |_| {
                            chosen.set(Some(asked.clone()));
                            asks.set(true);
                        };
                        view! { <TokenRow token ask=Callback::new(ask)/> }
                    })
                    .collect_view()}
            </ul>
        }
        .into_any(),
    };
    let name = move || chosen.with(|token| token.as_ref().map(|token| token.name.clone()));
    view! {
        {rows}
        <NewToken on_made=Callback::new(move |()| read())/>
        <ConfirmDialog
            open=asks
            title=move || i18n.t(|s| s.access.revoke)
            text=move || i18n.t(|s| s.access.revoke_warning)(&name().unwrap_or_default())
            confirm_label=move || i18n.t(|s| s.access.revoke)
            cancel_label=move || i18n.t(|s| s.common.cancel)
            on_confirm=Callback::new(move |()| revoke())
        />
    }
}

#[component]
fn TokenRow(token: AccessToken, ask: Callback<web_sys::MouseEvent>) -> impl IntoView {
    let i18n = use_i18n();
    let clock = use_clock();
    let (role, used, person) = (token.role.clone(), token.last_used_at, token.person);
    let used = move || match used {
        Some(at) => i18n.t(|s| s.access.used)(&i18n.age(at, clock)),
        None => i18n.t(|s| s.access.never_used).to_owned(),
    };
    let project = token.project.clone();
    let reach = move || match &project {
        Some(project) => project.to_string(),
        None => i18n.t(|s| s.project.all_projects).to_owned(),
    };
    view! {
        <li class="token-row">
            <strong dir="auto">{token.name}</strong>
            <span class="chip">{move || i18n.role(&role).to_owned()}</span>
            {person.map(|person| view! {
                <span class="muted" dir="auto">{move || i18n.t(|s| s.access.of_person)(&person)}</span>
            })}
            <span class="muted" dir="auto">{reach}</span>
            <span class="muted">{used}</span>
            <Button look=ButtonLook::Quiet label=move || i18n.t(|s| s.access.revoke) on_click=ask/>
        </li>
    }
}
