//! The whole page: shared state, the bar, and the page at the current address.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::components::help_dialog::HelpDialog;
use crate::components::top_bar::{BarSlot, TopBar};
use crate::i18n::{provide_i18n, use_i18n};
use crate::later::{LaterNotice, in_time, later, provide_later, when_here};
use crate::net::provide_websocket;
use crate::routes::project::ProjectPage;
use crate::routes::{Route, provide_address, use_route};
use crate::state::{
    has_drafts, provide_access, provide_notifications, provide_projects, provide_undos,
    provide_unsent,
};
use crate::ui::preference::{Density, LetterKeys, Theme, keep_preference, provide_preference};
use crate::ui::{
    Announcer, MenuHost, ToastHost, effect, focus_next, provide_clock, provide_menu,
    provide_toasts, use_menu,
};

pub mod freshness;
mod keys;
pub(crate) mod notices;

use freshness::{provide_freshness, use_freshness};

/// The board.
#[component]
pub fn App() -> impl IntoView {
    // The placeholder that was shown while the program loaded.
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
    provide_later();
    provide_i18n();
    provide_preference::<Theme>();
    provide_preference::<Density>();
    provide_preference::<LetterKeys>();
    provide_toasts();
    provide_menu();
    provide_websocket(None);
    provide_access();
    // Leaving the page loses drafts, so the browser asks first.
    provide_unsent().hold_while(has_drafts);
    let freshness = provide_freshness();
    provide_clock(freshness.is_live());
    provide_projects();
    provide_notifications();
    provide_undos();
    provide_address();
    view! { <Shell/> }
}

/// Frame of the page: it follows the address.
#[component]
fn Shell() -> impl IntoView {
    let i18n = use_i18n();
    let freshness = use_freshness();
    let help = RwSignal::new(false);
    let page_slot = BarSlot(NodeRef::new());
    provide_context(page_slot);
    when_here(move |parts| (parts.attend)(help));
    // A menu belongs to its page: it does not stay open over another.
    let menu = use_menu();
    let route = use_route();
    effect(move || {
        route.track();
        menu.close();
    });
    view! {
        <a class="skip-link" href="#main">{move || i18n.first(|s| s.skip)}</a>
        <TopBar help page_slot/>
        {in_time(|parts| (parts.sign_in_notice)())}
        {in_time(|parts| (parts.unsent_reports)())}
        <LaterNotice/>
        <main id="main" class="page" tabindex="-1" data-stale=move || freshness.is_stale().get().then_some("")>
            // Every address leads here; `routes` is the one place that parses it.
            <Page/>
        </main>
        {in_time(move |parts| (parts.overlays)(help))}
        <Announcer/>
    }
}

/// Stores preferences, listens to the keys of the page, and shows its notices.
pub(crate) fn attend(help: RwSignal<bool>) {
    keep_preference::<Theme>();
    keep_preference::<Density>();
    keep_preference::<LetterKeys>();
    notices::show_notifications();
    notices::show_resets();
    notices::announce_freshness();
    keys::listen(help);
}

/// Content that opens over the page.
#[component]
pub fn Overlays(
    /// Set while the list of keys is open.
    help: RwSignal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <ToastHost dismiss_label=move || i18n.t(|s| s.common.dismiss)/>
        <MenuHost/>
        <HelpDialog open=help/>
    }
}

/// Subject of the page: the page is created again when it changes, but not when only the view of a
/// project does.
#[derive(Clone, PartialEq)]
enum Subject {
    Projects,
    Project(ProjectId),
    Settings,
    Nothing,
}

#[component]
fn Page() -> impl IntoView {
    let route = use_route();
    let subject = Memo::new(move |_| {
        route.with(|route| match route {
            Route::Projects => Subject::Projects,
            Route::Project(project, _) => Subject::Project(project.clone()),
            Route::Settings => Subject::Settings,
            Route::Nowhere => Subject::Nothing,
        })
    });
    // The focused element may disappear with its page.
    let mut is_first = true;
    effect(move || {
        subject.track();
        // Until the page sets its own.
        document().set_title("TaskTree");
        if !std::mem::take(&mut is_first) {
            focus_next(document().document_element(), "#main");
        }
    });
    move || match subject.get() {
        Subject::Projects => later(|parts| (parts.projects_page)()),
        Subject::Project(project) => view! { <ProjectPage project/> }.into_any(),
        Subject::Settings => later(|parts| (parts.settings_page)()),
        Subject::Nothing => later(|parts| (parts.not_found)()),
    }
}
