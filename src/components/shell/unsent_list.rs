//! The changes that wait for the connection, each with a button that discards it.

use leptos::prelude::*;

use super::unsent_words::describe;
use crate::i18n::{Strings, Text, use_i18n};
use crate::state::unsent::Keeping;
use crate::state::{UnsentChange, use_unsent};
use crate::ui::{IconButton, IconName, KeyedList};

/// List of the unsent changes; empty while nothing waits.
#[component]
pub fn UnsentList() -> impl IntoView {
    let i18n = use_i18n();
    let unsent = use_unsent();
    let line = move |change: UnsentChange| {
        let id = change.id.clone();
        let words = Memo::new(move |_| describe(i18n, &change.command));
        view! {
            <li class="unsent-change">
                <span dir="auto">{move || words.get()}</span>
                <IconButton
                    icon=IconName::Close
                    label=move || words.with(|words| i18n.t(|s| s.unsent.discard)(words))
                    on_click=move |_| unsent.discard(&id)
                />
            </li>
        }
    };
    let keeping = move || -> (&'static str, fn(&Strings) -> Text) {
        match unsent.keeping.get() {
            Keeping::Beyond => ("beyond", |s| s.unsent.explanation),
            Keeping::Page => ("page", |s| s.unsent.explanation_page),
            Keeping::Full => ("full", |s| s.unsent.explanation_full),
        }
    };
    move || {
        unsent.is_waiting.get().then(|| {
            view! {
                <section class="unsent">
                    <h3>{move || i18n.t(|s| s.unsent.title)}</h3>
                    <p class="muted" data-keeping=move || keeping().0>{move || i18n.t(keeping().1)}</p>
                    <ul class="unsent-changes">
                        <KeyedList each=move || unsent.changes.get() key=|change| change.id.clone() children=line/>
                    </ul>
                </section>
            }
        })
    }
}
