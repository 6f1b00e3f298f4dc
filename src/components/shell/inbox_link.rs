//! The link to the inbox, with the number of items in it.

use leptos::prelude::*;

use crate::address::{Route, address_of, use_route};
use crate::i18n::use_i18n;
use crate::state::use_attention;
use crate::ui::{Icon, IconName};

/// Largest number that is shown in full.
const SHOWN_IN_FULL: u64 = 99;

/// Link to the inbox, with the number of items that are neither done nor snoozed.
#[component]
pub fn InboxLink() -> impl IntoView {
    let i18n = use_i18n();
    let attention = use_attention();
    let route = use_route();
    let count = Memo::new(move |_| attention.count());
    let label = move || match count.get() {
        0 => i18n.t(|s| s.attention.inbox).to_owned(),
        count => i18n.count(|s| s.attention.inbox_count, count),
    };
    let badge = move || match count.get() {
        0 => None,
        count if count > SHOWN_IN_FULL => Some(format!("{SHOWN_IN_FULL}+")),
        count => Some(count.to_string()),
    };
    view! {
        <a
            class="icon-button bell inbox-link"
            href=address_of(&Route::Inbox)
            aria-label=label
            title=label
            aria-current=move || route.with(|route| *route == Route::Inbox).then_some("page")
        >
            <Icon name=IconName::Inbox/>
            {move || badge().map(|badge| view! { <span class="bell-count" data-kind="attention">{badge}</span> })}
        </a>
    }
}
