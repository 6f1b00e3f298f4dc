//! The choice of the theme.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use crate::i18n::use_i18n;
use crate::ui::theme::{Theme, use_theme};
use crate::ui::{IconButton, IconName, MenuItem, use_menu};

/// A button that offers the themes and shows the present one.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let i18n = use_i18n();
    let menu = use_menu();
    let theme = use_theme();
    let name = move |theme: Theme| {
        i18n.t(|s| match theme {
            Theme::System => s.shell.theme_system,
            Theme::Light => s.shell.theme_light,
            Theme::Dark => s.shell.theme_dark,
        })
    };
    let offer = move |event: MouseEvent| {
        let anchor = event
            .current_target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let Some(anchor) = anchor else { return };
        let item = |choice: Theme| MenuItem {
            label: name(choice).to_owned(),
            icon: Some(icon(choice)),
            checked: Some(theme.get() == choice),
            on_select: Callback::new(move |()| theme.set(choice)),
            ..MenuItem::default()
        };
        let label = i18n.t(|s| s.shell.theme);
        menu.toggle(&anchor, label, untrack(|| Theme::ALL.map(item).into()));
    };
    view! {
        <IconButton
            icon=Signal::derive(move || icon(theme.get()))
            label=move || i18n.t(|s| s.shell.theme)
            on_click=offer
        />
    }
}

const fn icon(theme: Theme) -> IconName {
    match theme {
        Theme::System => IconName::System,
        Theme::Light => IconName::Sun,
        Theme::Dark => IconName::Moon,
    }
}
