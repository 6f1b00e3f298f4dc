//! The notice over the page when signing in is required, with a link to it.

use leptos::prelude::*;

use crate::address::percent_encode;
use crate::browser::base_url;
use crate::i18n::use_i18n;
use crate::state::use_access;
use crate::ui::live;

/// Reports that the person is signed out, and links to the sign-in page and back.
#[component]
pub fn SignInNotice() -> impl IntoView {
    let i18n = use_i18n();
    let access = use_access();
    let address = || {
        let here = window().location();
        let path = here.pathname().unwrap_or_default() + &here.search().unwrap_or_default();
        format!("{}sign-in?next={}", base_url(), percent_encode(&path))
    };
    live(move || {
        access.is_signed_out().then(|| {
            view! {
                <div class="sign-in-notice" role="alert">
                    <span>{live(move || i18n.t(|s| s.access.signed_out))}</span>
                    <a class="button" data-look="primary" rel="external" href=address()>
                        {live(move || i18n.t(|s| s.access.sign_in))}
                    </a>
                </div>
            }
            .into_any()
        })
    })
}
