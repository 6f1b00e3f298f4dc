//! Display settings: light or dark, the density of cards, and notifications on the desktop.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use super::notify::{keep_notifications, wants_notifications};
use crate::browser::desktop_notification::{Permission, ask_for_notifications};
use crate::i18n::{I18n, Strings, Text, use_i18n};
use crate::ui::preference::{Density, Preference, Theme, use_preference};
use crate::ui::toast::Toasts;
use crate::ui::{Handler, IconButton, IconName, Level, MenuItem, Toast, use_menu, use_toasts};

/// Button that shows the present theme and opens the display settings.
#[component]
pub fn DisplayMenu() -> impl IntoView {
    let i18n = use_i18n();
    let menu = use_menu();
    let theme = use_preference::<Theme>();
    let density = use_preference::<Density>();
    let toasts = use_toasts();
    let offer = move |event: MouseEvent| {
        let anchor = event
            .current_target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let Some(anchor) = anchor else { return };
        let items = untrack(|| {
            let themes = items(theme, |choice| (i18n.t(theme_name(choice)), icon(choice)));
            let densities = items(density, |choice| match choice {
                Density::Comfortable => (i18n.t(|s| s.shell.comfortable), IconName::Comfortable),
                Density::Compact => (i18n.t(|s| s.shell.compact), IconName::Compact),
            });
            [themes, densities, vec![notify_item(i18n, toasts)]].concat()
        });
        menu.toggle(&anchor, i18n.t(|s| s.shell.display), items);
    };
    view! {
        <IconButton
            icon=Signal::derive(move || icon(theme.get()))
            label=move || i18n.t(|s| s.shell.display)
            on_click=offer
        />
    }
}

/// Returns the menu item that turns notifications on and off. The browser asks for its permission
/// then, and not before.
fn notify_item(i18n: I18n, toasts: Toasts) -> MenuItem {
    let is_on = wants_notifications();
    let turn_on = move || {
        spawn_local(async move {
            let is_granted = ask_for_notifications().await == Permission::Granted;
            keep_notifications(is_granted);
            if !is_granted {
                let text = untrack(|| i18n.t(|s| s.attention.notify_blocked));
                toasts.push(Toast::new(Level::Warning, text));
            }
        });
    };
    MenuItem {
        label: i18n.t(|s| s.attention.notify).to_owned(),
        icon: Some(IconName::Bell),
        checked: Some(is_on),
        begins_group: true,
        on_select: Handler::new(move || match is_on {
            true => keep_notifications(false),
            false => turn_on(),
        }),
        ..MenuItem::default()
    }
}

/// Returns a group of menu items, one for each choice.
fn items<P: Preference>(
    chosen: RwSignal<P>,
    look: impl Fn(P) -> (Text, IconName),
) -> Vec<MenuItem> {
    let item = |(at, choice): (usize, &P)| {
        let choice = *choice;
        let (label, icon) = look(choice);
        MenuItem {
            label: label.to_owned(),
            icon: Some(icon),
            checked: Some(chosen.get_untracked() == choice),
            begins_group: at == 0,
            on_select: Handler::new(move || chosen.set(choice)),
            ..MenuItem::default()
        }
    };
    P::ALL.iter().enumerate().map(item).collect()
}

fn theme_name(theme: Theme) -> fn(&Strings) -> Text {
    match theme {
        Theme::System => |s| s.shell.theme_system,
        Theme::Light => |s| s.shell.theme_light,
        Theme::Dark => |s| s.shell.theme_dark,
    }
}

const fn icon(theme: Theme) -> IconName {
    match theme {
        Theme::System => IconName::System,
        Theme::Light => IconName::Sun,
        Theme::Dark => IconName::Moon,
    }
}
