//! The settings of the server, for its administrators.

use leptos::prelude::*;

use crate::components::access::token_list::TokenList;
use crate::i18n::use_i18n;
use crate::state::use_access;
use crate::ui::title::use_title;

/// Tokens of the server.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let i18n = use_i18n();
    let access = use_access();
    use_title(move || i18n.t(|s| (s.shell.page_title)(s.access.tokens)));
    view! {
        <div class="sheet">
            <header class="sheet-head"><h1>{move || i18n.t(|s| s.access.tokens)}</h1></header>
            <p class="muted">{move || i18n.t(|s| s.access.about_tokens)}</p>
            {move || if access.may("administer") {
                view! { <TokenList/> }.into_any()
            } else {
                view! { <p role="alert">{i18n.t(|s| s.access.not_yours)}</p> }.into_any()
            }}
        </div>
    }
}
