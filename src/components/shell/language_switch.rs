//! The choice of the language.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use crate::i18n::{Locale, use_i18n};
use crate::ui::{Handler, IconButton, IconName, MenuItem, use_menu};

/// Button that offers the languages, each named in itself.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let i18n = use_i18n();
    let menu = use_menu();
    let offer = move |event: MouseEvent| {
        let anchor = event
            .current_target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let Some(anchor) = anchor else { return };
        let item = |locale: Locale| MenuItem {
            label: locale.name().to_owned(),
            checked: Some(i18n.locale() == locale),
            on_select: Handler::new(move || i18n.set_locale(locale)),
            ..MenuItem::default()
        };
        let label = i18n.t(|s| s.shell.language);
        menu.toggle(&anchor, label, untrack(|| Locale::ALL.map(item).into()));
    };
    view! {
        <IconButton
            icon=IconName::Language
            label=move || i18n.t(|s| s.shell.language)
            on_click=offer
        />
    }
}
