//! The account menu in the bar: the signed-in person, the way to the settings and to sign out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use crate::address::{Route, address_of, use_address};
use crate::i18n::use_i18n;
use crate::state::use_access;
use crate::ui::{Handler, IconButton, IconName, Level, MenuItem, Toast, use_menu, use_toasts};

/// Button with the name of the session. Hidden for servers that have no sessions.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let i18n = use_i18n();
    let menu = use_menu();
    let access = use_access();
    let toasts = use_toasts();
    let address = use_address();
    let leave = move || {
        spawn_local(async move {
            if let Err(error) = access.sign_out().await {
                let text = untrack(|| i18n.error(&error));
                toasts.push(Toast::new(Level::Error, text));
            }
        });
    };
    let label = move || {
        access.session().map_or_else(String::new, |session| {
            i18n.t(|s| s.access.you_are)(&session.name, i18n.role(&session.role))
        })
    };
    let offer = move |event: MouseEvent| {
        let anchor = event
            .current_target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let Some(anchor) = anchor else { return };
        let items = untrack(|| {
            let role = access.session().map(|session| i18n.role_use(&session.role));
            // Shows the session; there is nothing to choose.
            let mut items = vec![MenuItem {
                label: label(),
                icon: Some(IconName::Person),
                refused: role.map(str::to_owned),
                ..MenuItem::default()
            }];
            if access.may("administer") {
                items.push(MenuItem {
                    label: i18n.t(|s| s.access.tokens).to_owned(),
                    on_select: Handler::new(move || {
                        address.go(&address_of(&Route::Settings));
                    }),
                    ..MenuItem::default()
                });
            }
            let asked = access
                .session()
                .is_some_and(|session| session.sign_in == "required");
            items.push(MenuItem {
                label: i18n.t(|s| s.access.sign_out).to_owned(),
                refused: (!asked).then(|| i18n.t(|s| s.access.nobody_asks).to_owned()),
                on_select: Handler::new(leave),
                ..MenuItem::default()
            });
            items
        });
        menu.toggle(&anchor, untrack(label), items);
    };
    move || {
        let is_known = access.session().is_some() && !access.is_signed_out();
        is_known.then(|| view! { <IconButton icon=IconName::Person label on_click=offer/> })
    }
}
