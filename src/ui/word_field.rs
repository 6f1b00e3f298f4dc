//! A field for a list of short texts: one chip each, and an input that completes what is typed.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{InputEvent, KeyboardEvent};

use super::keys::{is_plain, own_key};
use super::{Icon, IconName, focus_next};

/// Characters that end a word, as typed on Latin and on Chinese keyboards.
const SEPARATORS: [char; 3] = [',', '，', '、'];

/// Counter of the fields on the page, so that each has a unique id for its list.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// List of words, each of which can be removed, and an input that adds to them.
///
/// Enter, a comma and leaving the input add what is typed. Backspace in an empty input removes the
/// last word, the arrows choose a completion, and Escape closes the completions.
#[component]
pub fn WordField(
    /// Words of the list.
    #[prop(into)]
    words: Signal<Vec<String>>,
    /// True if the list can be changed.
    #[prop(into)]
    may_change: Signal<bool>,
    /// Name of the input.
    #[prop(into)]
    label: Signal<String>,
    /// Returns the name of the button that removes a word.
    #[prop(into)]
    remove_label: Callback<String, String>,
    /// Returns the completions of a typed text, without words of the list.
    #[prop(into)]
    complete: Callback<String, Vec<String>>,
    /// Callback with typed words, which the list may already have. Returns false if they cannot be
    /// added; then they stay in the input.
    #[prop(into)]
    on_add: Callback<Vec<String>, bool>,
    /// Callback with a word to remove.
    #[prop(into)]
    on_remove: Callback<String>,
) -> impl IntoView {
    let element = NodeRef::<html::Div>::new();
    let remove = move |word: String| {
        on_remove.run(word);
        // The focused button disappears with its chip.
        focus_next(element.get_untracked().map(Into::into), "input");
    };
    let chip = move |word: String| {
        let name = StoredValue::new(word.clone());
        let hint = word.clone();
        let text = move || remove_label.run(name.get_value());
        view! {
            <li class="word-chip" title=hint>
                <span class="word-chip-text" dir="auto">{word}</span>
                {move || may_change.get().then(|| view! {
                    <button
                        type="button"
                        class="word-chip-remove"
                        aria-label=text
                        title=text
                        on:click=move |_| { name.try_get_value().map(remove); }
                    >
                        <Icon name=IconName::Close />
                    </button>
                })}
            </li>
        }
    };
    view! {
        <div node_ref=element class="word-field">
            <ul class="word-chips">
                {move || words.get().into_iter().map(chip).collect_view()}
            </ul>
            {move || may_change.get().then(|| view! {
                <WordInput words label complete on_add on_remove />
            })}
        </div>
    }
}

/// Input that adds words, with the list of its completions.
#[component]
fn WordInput(
    /// Words of the list.
    words: Signal<Vec<String>>,
    /// Name of the input.
    label: Signal<String>,
    /// Returns the completions of a typed text.
    complete: Callback<String, Vec<String>>,
    /// Callback with typed words. Returns false if they cannot be added.
    on_add: Callback<Vec<String>, bool>,
    /// Callback with a word to remove.
    on_remove: Callback<String>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    // Set while the completions are shown: during typing, and not after the field was left.
    let is_open = RwSignal::new(false);
    // The completion that Enter takes; none until an arrow chooses one, so that a new word that is
    // the beginning of another can be typed.
    let at = RwSignal::new(None::<usize>);
    let offers = Memo::new(move |_| match is_open.get() {
        true => complete.run(typed.get()),
        false => Vec::new(),
    });
    let list_id = format!("words-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let option_id = {
        let list_id = list_id.clone();
        move |row: usize| format!("{list_id}-{row}")
    };
    let close = move || {
        is_open.set(false);
        at.set(None);
    };
    let add = move |text: &str| {
        let parts = text.split(SEPARATORS).map(str::trim);
        let added: Vec<String> = parts.filter(|it| !it.is_empty()).map(Into::into).collect();
        at.set(None);
        let is_done = added.is_empty() || on_add.run(added);
        typed.set(match is_done {
            true => String::new(),
            false => text.to_owned(),
        });
    };
    let chosen = move || {
        let row = at.get_untracked()?;
        offers.with_untracked(|offers| offers.get(row).cloned())
    };
    let step = move |by: usize| {
        let count = offers.with_untracked(Vec::len);
        if count > 0 {
            // From no choice, down goes to the first and up to the last.
            let from = at
                .get_untracked()
                .unwrap_or(if by == 1 { count - 1 } else { 0 });
            at.set(Some((from + by) % count));
        }
    };
    let keys = move |event: KeyboardEvent| {
        // Ctrl+Enter belongs to the form.
        let Some(key) = own_key(&event).filter(|_| is_plain(&event)) else {
            return;
        };
        let count = offers.with_untracked(Vec::len);
        let is_empty = typed.with_untracked(|text| text.trim().is_empty());
        match key.as_str() {
            "ArrowDown" if !is_open.get_untracked() => is_open.set(true),
            "ArrowDown" => step(1),
            "ArrowUp" if count > 0 => step(count - 1),
            "Enter" | "," => {
                let word = chosen().unwrap_or_else(|| typed.get_untracked());
                add(&word);
            }
            "Backspace" if typed.with_untracked(String::is_empty) => {
                let Some(last) = words.with_untracked(|words| words.last().cloned()) else {
                    return;
                };
                on_remove.run(last);
            }
            "Escape" if count > 0 => close(),
            "Escape" if !is_empty => typed.set(String::new()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let active_id = option_id.clone();
    view! {
        <input
            class="input"
            type="text"
            role="combobox"
            autocomplete="off"
            enterkeyhint="done"
            dir="auto"
            aria-autocomplete="list"
            aria-expanded=move || offers.with(|offers| !offers.is_empty()).to_string()
            aria-controls=list_id.clone()
            aria-activedescendant=move || at.get().map(&active_id)
            aria-label=label
            placeholder=label
            prop:value=typed
            on:input=move |event| {
                let text = event_target_value(&event);
                at.set(None);
                is_open.set(true);
                // A phone's keyboard sends no key for a comma, and pasted text has several.
                let is_composing = event.dyn_ref::<InputEvent>().is_some_and(InputEvent::is_composing);
                if text.contains(SEPARATORS) && !is_composing {
                    add(&text);
                } else {
                    typed.set(text);
                }
            }
            on:focus=move |_| is_open.set(true)
            on:blur=move |_| {
                close();
                let text = typed.get_untracked();
                add(&text);
            }
            on:keydown=keys
        />
        <ul
            id=list_id
            class="word-offers"
            role="listbox"
            aria-label=label
            hidden=move || offers.with(Vec::is_empty)
        >
            {move || {
                let option_id = option_id.clone();
                let row = move |(row, word): (usize, String)| {
                    let taken = word.clone();
                    view! {
                        <li
                            role="option"
                            id=option_id(row)
                            aria-selected=move || (at.get() == Some(row)).to_string()
                            dir="auto"
                            // Before the field loses the focus, which closes the list.
                            on:pointerdown=move |event| {
                                event.prevent_default();
                                add(&taken);
                            }
                        >
                            {word}
                        </li>
                    }
                };
                offers.get().into_iter().enumerate().map(row).collect_view()
            }}
        </ul>
    }
}
