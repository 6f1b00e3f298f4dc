//! The message in place of a list that could not be loaded.

use leptos::prelude::*;

use crate::api::ApiError;
use crate::i18n::use_i18n;
use crate::ui::{Button, IconName, hand_on_focus, live};

/// Reports what could not be loaded and why, and offers a retry.
#[component]
pub fn NotLoaded(
    /// Name of the list, in the form used within a sentence.
    what: &'static str,
    /// Error of the attempt.
    error: ApiError,
    /// Callback of the retry button.
    #[prop(into)]
    on_retry: Callback<()>,
    /// CSS class of the layout.
    #[prop(default = "panel-empty")]
    class: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    hand_on_focus("[role=alert]");
    view! {
        <div class=class role="alert">
            <p>{live(move || i18n.t(|s| s.errors.not_loaded)(what))}" "{live(move || i18n.error(&error))}</p>
            <Button
                icon=IconName::Retry
                label=move || i18n.t(|s| s.common.retry)
                on_click=move |_| on_retry.run(())
            />
        </div>
    }
}
