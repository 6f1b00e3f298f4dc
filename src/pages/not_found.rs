//! The page for an address without a page.

use leptos::prelude::*;

use crate::address::{Route, address_of};
use crate::i18n::use_i18n;
use crate::ui::title::use_title;

/// Message that there is no such page, with a link to the projects.
#[component]
pub fn NotFound() -> impl IntoView {
    let i18n = use_i18n();
    use_title(move || i18n.t(|s| s.shell.product).to_owned());
    view! {
        <div class="message-page">
            <h1>{move || i18n.t(|s| s.errors.page_not_found)}</h1>
            <a class="button" data-look="primary" href=address_of(&Route::Projects)>{move || i18n.t(|s| s.errors.to_projects)}</a>
        </div>
    }
}
