//! The question before typed text is discarded: the one rule for dialogs, fields and editors.
//!
//! A draft that is kept for later needs no question.

use leptos::html;
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::keys::is_escape;
use super::{Button, ButtonLook};

/// Texts of the question.
#[derive(Clone, Debug)]
pub struct DiscardWords {
    /// The question.
    pub question: TextProp,
    /// Label of the button that discards the text.
    pub discard: TextProp,
    /// Label of the button that goes back to it.
    pub keep: TextProp,
}

/// Guard of typed text: it asks first if text would be discarded.
#[derive(Clone, Copy, Debug)]
pub struct Discard {
    asks: RwSignal<bool>,
    /// Element that was focused when the question appeared.
    asked_at: StoredValue<Option<HtmlElement>, LocalStorage>,
    has_text: Callback<(), bool>,
    discard: Callback<()>,
}

impl Discard {
    /// Creates a guard of the text that exists while `has_text` returns true; `discard` removes it.
    pub fn new(
        has_text: impl Fn() -> bool + Send + Sync + 'static,
        discard: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            asks: RwSignal::new(false),
            asked_at: StoredValue::new_local(None),
            has_text: Callback::new(move |()| has_text()),
            discard: Callback::new(move |()| discard()),
        }
    }

    /// Returns true while the question is open. Tracked.
    pub fn is_asking(self) -> bool {
        self.asks.try_get() == Some(true)
    }

    /// Returns true if text would be discarded.
    pub fn has_text(self) -> bool {
        self.has_text.try_run(()) == Some(true)
    }

    /// Discards the text at once if there is none to lose; otherwise it asks.
    pub fn leave(self) {
        if !self.has_text() {
            self.discard.try_run(());
        } else if !untrack(|| self.is_asking()) {
            let focused = document()
                .active_element()
                .and_then(|element| element.dyn_into().ok());
            self.asked_at.try_set_value(focused);
            self.asks.try_set(true);
        }
    }

    /// Handles Escape: it leaves, or answers the question with no.
    pub fn escape(self) {
        if untrack(|| self.is_asking()) {
            self.keep();
        } else {
            self.leave();
        }
    }

    /// Goes back to the text.
    pub fn keep(self) {
        self.asks.try_set(false);
        self.focus_again();
    }

    /// Discards the text.
    fn confirm(self) {
        self.asks.try_set(false);
        self.discard.try_run(());
        self.focus_again();
    }

    /// Removes the question.
    pub fn forget(self) {
        self.asks.try_set(false);
        self.asked_at.try_set_value(None);
    }

    /// Returns the focus to the element that had it when the question appeared.
    fn focus_again(self) {
        let place = self.asked_at.try_update_value(Option::take).flatten();
        if let Some(place) = place {
            // An element that cannot take the focus changes nothing.
            drop(place.focus());
        }
    }
}

/// Question whether to discard typed text, while it is open.
#[component]
pub fn DiscardQuestion(
    /// Guard of the text.
    guard: Discard,
    /// Texts of the question.
    words: DiscardWords,
) -> impl IntoView {
    move || {
        let words = words.clone();
        guard.is_asking().then(|| view! { <Question guard words/> })
    }
}

#[component]
fn Question(guard: Discard, words: DiscardWords) -> impl IntoView {
    let element = NodeRef::<html::Div>::new();
    element.on_load(|question| {
        let button = question.query_selector("button").ok().flatten();
        if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
            // It scrolls into sight by that.
            drop(button.focus());
        }
    });
    let label = words.question.clone();
    view! {
        <div
            node_ref=element
            class="discard-question"
            role="alertdialog"
            aria-label=label
            on:keydown=move |event| {
                if is_escape(&event) {
                    event.prevent_default();
                    event.stop_propagation();
                    guard.keep();
                }
            }
        >
            <p>{move || words.question.get()}</p>
            <footer class="dialog-foot">
                <Button label=words.keep on_click=move |_| guard.keep()/>
                <Button look=ButtonLook::Danger label=words.discard on_click=move |_| guard.confirm()/>
            </footer>
        </div>
    }
}
