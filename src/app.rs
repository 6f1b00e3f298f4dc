//! The whole page: shared state, the bar, and the page at the current address.

use leptos::prelude::*;
use tasktree_protocol::ProjectId;

use crate::address::{Route, provide_address, use_route};
use crate::components::access::sign_in_notice::SignInNotice;
use crate::components::lazy::{Lazy, lazy_view, provide_loader};
use crate::components::shell::help_dialog::HelpDialog;
use crate::components::shell::top_bar::{BarSlot, TopBar};
use crate::components::shell::unsent_reports::UnsentReports;
use crate::i18n::{provide_i18n, use_i18n};
use crate::net::provide_websocket;
use crate::pages::inbox::InboxPage;
use crate::pages::not_found::NotFound;
use crate::pages::project::ProjectPage;
use crate::pages::projects::ProjectsPage;
use crate::pages::settings::SettingsPage;
use crate::state::{
    has_drafts, provide_access, provide_attention, provide_freshness, provide_notifications,
    provide_projects, provide_undos, provide_unsent, use_access, use_freshness, use_unsent,
};
use crate::ui::preference::{Density, LetterKeys, Theme, keep_preference, provide_preference};
use crate::ui::title::provide_title_count;
use crate::ui::{
    Announcer, MenuHost, ToastHost, boxed_effect, focus_next, live, provide_clock, provide_menu,
    provide_toasts, use_menu,
};

mod attention_notices;
mod keys;
pub mod notices;

use notices::Notices;

/// The board.
#[component]
pub fn App() -> impl IntoView {
    // The placeholder that was shown while the program loaded.
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
    provide_loader();
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
    let attention = provide_attention();
    provide_title_count(move || attention.count());
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
    attend(help);
    let access = use_access();
    let is_signed_out = Signal::derive(move || access.is_signed_out());
    let unsent = use_unsent();
    let has_reports = Signal::derive(move || unsent.reports.with(|reports| !reports.is_empty()));
    // A menu belongs to its page: it does not stay open over another.
    let menu = use_menu();
    let has_menu = Signal::derive(move || menu.is_open());
    let route = use_route();
    boxed_effect(move || {
        route.track();
        menu.close();
    });
    view! {
        <a class="skip-link" href="#main">{live(move || i18n.t(|s| s.shell.skip))}</a>
        <TopBar help page_slot/>
        <Lazy view=sign_in_notice wanted=is_signed_out/>
        <Lazy view=unsent_reports wanted=has_reports/>
        <Lazy view=server_notices wanted=Signal::stored(false)/>
        <main id="main" class="page" tabindex="-1" data-stale=live(move || freshness.is_stale().get().then_some(""))>
            // Every address leads here; `address` is the one place that parses it.
            <Page/>
        </main>
        <ToastHost dismiss_label=move || i18n.t(|s| s.common.dismiss)/>
        <Lazy view=menu_host wanted=has_menu over=true/>
        <Lazy view=move || help_dialog(help) wanted=help over=true/>
        <Announcer/>
    }
}

/// Stores preferences, listens to the keys of the page, and shows its notices.
fn attend(help: RwSignal<bool>) {
    keep_preference::<Theme>();
    keep_preference::<Density>();
    keep_preference::<LetterKeys>();
    keys::listen(help);
}

lazy_view! {
    /// Notice that the person is signed out.
    fn sign_in_notice() {
        view! { <SignInNotice/> }
    }
}

lazy_view! {
    /// Menu that is open.
    fn menu_host() {
        view! { <MenuHost/> }
    }
}

lazy_view! {
    /// List of keys.
    fn help_dialog(open: RwSignal<bool>) {
        view! { <HelpDialog open/> }
    }
}

lazy_view! {
    /// Toasts about what the server reports.
    fn server_notices() {
        view! { <Notices/> }
    }
}

lazy_view! {
    /// Reports of changes that were not made.
    fn unsent_reports() {
        view! { <UnsentReports/> }
    }
}

lazy_view! {
    /// All projects.
    fn projects_page() {
        view! { <ProjectsPage/> }
    }
}

lazy_view! {
    /// Inbox: items of all projects that need attention.
    fn inbox_page() {
        view! { <InboxPage/> }
    }
}

lazy_view! {
    /// Tokens of the server.
    fn settings_page() {
        view! { <SettingsPage/> }
    }
}

lazy_view! {
    /// Page for an address without a page.
    fn not_found() {
        view! { <NotFound/> }
    }
}

/// Subject of the page: the page is created again when it changes, but not when only the view of a
/// project does.
#[derive(Clone, PartialEq)]
enum Subject {
    Projects,
    Project(ProjectId),
    Inbox,
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
            Route::Inbox => Subject::Inbox,
            Route::Settings => Subject::Settings,
            Route::Nowhere => Subject::Nothing,
        })
    });
    // The focused element may disappear with its page.
    let mut is_first = true;
    boxed_effect(move || {
        subject.track();
        // Until the page sets its own.
        document().set_title("TaskTree");
        if !std::mem::take(&mut is_first) {
            focus_next(document().document_element(), "#main");
        }
    });
    move || match subject.get() {
        Subject::Projects => view! { <Lazy view=projects_page/> }.into_any(),
        Subject::Project(project) => view! { <ProjectPage project/> }.into_any(),
        Subject::Inbox => view! { <Lazy view=inbox_page/> }.into_any(),
        Subject::Settings => view! { <Lazy view=settings_page/> }.into_any(),
        Subject::Nothing => view! { <Lazy view=not_found/> }.into_any(),
    }
}
