//! The inbox: what needs attention, in all projects.

use leptos::prelude::*;

use crate::components::inbox::Inbox;
use crate::i18n::use_i18n;
use crate::ui::title::use_title;

/// Items of all projects that need attention.
#[component]
pub fn InboxPage() -> impl IntoView {
    let i18n = use_i18n();
    use_title(move || i18n.t(|s| (s.shell.page_title)(s.attention.inbox)));
    view! { <Inbox/> }
}
