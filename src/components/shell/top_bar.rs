//! The bar at the top of every page.

use leptos::html;
use leptos::prelude::*;

use super::connection_badge::ConnectionBadge;
use super::display_menu::DisplayMenu;
use super::inbox_link::InboxLink;
use super::language_switch::LanguageSwitch;
use super::notification_list::NotificationList;
use crate::address::{Route, View, address_of, path_to, use_route};
use crate::components::access::account_menu::AccountMenu;
use crate::components::lazy::{Lazy, lazy_view};
use crate::components::project::switcher::ProjectSwitcher;
use crate::i18n::{I18n, Text, use_i18n};
use crate::ui::{Icon, IconButton, IconName, live};

/// Slot for the page's own part of the bar, such as the search of a board.
#[derive(Clone, Copy, Debug)]
pub struct BarSlot(pub NodeRef<html::Div>);

lazy_view! {
    /// Buttons at the end of the bar; nobody waits for them.
    fn tools(help: RwSignal<bool>) {
        view! { <BarTools help/> }
    }
}

/// Product mark, project, its views, connection, and the page's settings.
#[component]
pub fn TopBar(
    /// Set while the list of keys is open.
    help: RwSignal<bool>,
    /// Slot for the page's own part.
    page_slot: BarSlot,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <header class="top-bar">
            <a class="brand" href=address_of(&Route::Projects) aria-label=live(move || i18n.t(|s| format!("{}: {}", s.shell.product, s.project.all_projects)))>
                <Mark/>
                <span class="brand-name">{live(move || i18n.t(|s| s.shell.product))}</span>
            </a>
            <ProjectSwitcher/>
            <ViewLinks/>
            <div class="top-bar-slot" node_ref=page_slot.0></div>
            <ConnectionBadge/>
            <div class="top-bar-tools"><Lazy view=move || tools(help) wanted=Signal::stored(false)/></div>
        </header>
    }
}

/// Buttons at the end of the bar.
#[component]
pub fn BarTools(
    /// Set while the list of keys is open.
    help: RwSignal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <InboxLink/>
        <NotificationList/>
        <LanguageSwitch/>
        <DisplayMenu/>
        <AccountMenu/>
        <IconButton
            icon=IconName::Help
            label=move || i18n.t(|s| s.keyboard.title)
            on_click=move |_| help.set(true)
        />
    }
}

/// Product mark: three columns of a board, shrinking like the branches of a tree.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M1 2h4v12H1zM6 2h4v8H6zM11 2h4v5h-4z"></path>
        </svg>
    }
}

/// Links to the views of the open project.
#[component]
fn ViewLinks() -> impl IntoView {
    let i18n = use_i18n();
    let route = use_route();
    let project = Memo::new(move |_| route.with(|route| route.project().cloned()));
    let link = move |view: View, icon: IconName, label: fn(I18n) -> Text| {
        let href = move || project.get().map(|project| path_to(&project, view));
        let is_here = move || {
            route.with(|route| match (route, view) {
                (Route::Project(_, View::Board { .. }), View::Board { .. }) => true,
                (Route::Project(_, here), _) => *here == view,
                _ => false,
            })
        };
        view! {
            <a
                class="view-link"
                href=href
                aria-current=live(move || is_here().then_some("page"))
                aria-label=live(move || label(i18n))
            >
                <Icon name=icon/>
                <span class="view-name" aria-hidden="true">{live(move || label(i18n))}</span>
            </a>
        }
    };
    move || {
        project.with(Option::is_some).then(|| {
            view! {
                <nav class="view-links" aria-label=live(move || i18n.t(|s| s.shell.views))>
                    {link(View::BOARD, IconName::Board, |i18n| i18n.t(|s| s.shell.board))}
                    {link(View::Agents, IconName::Agent, |i18n| i18n.t(|s| s.shell.agents))}
                    {link(View::Activity, IconName::Activity, |i18n| i18n.t(|s| s.shell.activity))}
                </nav>
            }
        })
    }
}
