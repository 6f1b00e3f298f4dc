//! The list of keys.

use leptos::prelude::*;

use crate::i18n::{Strings, use_i18n};
use crate::ui::Dialog;
use crate::ui::preference::{LetterKeys, use_preference};

/// What a key does, and the keys: `+` joins those that are pressed together, a space those that follow each other, `/` separates choices.
type Key = (
    fn(&'static Strings) -> &'static str,
    &'static [&'static str],
);

const GENERAL: &[Key] = &[
    (|s| s.keyboard.help, &["?"]),
    (|s| s.keyboard.close, &["Esc"]),
    (|s| s.keyboard.go_board, &["G", "B"]),
    (|s| s.keyboard.go_agents, &["G", "A"]),
    (|s| s.keyboard.go_activity, &["G", "L"]),
];

const BOARD: &[Key] = &[
    (|s| s.keyboard.search, &["/"]),
    (|s| s.keyboard.add, &["C"]),
    (|s| s.keyboard.neighbour, &["\u{2191}", "\u{2193}"]),
    (|s| s.keyboard.column, &["\u{2190}", "\u{2192}"]),
];

const CARD: &[Key] = &[
    (|s| s.keyboard.open, &["Enter"]),
    (|s| s.keyboard.pick_up, &["Space"]),
    (|s| s.keyboard.move_to, &["M"]),
    (|s| s.keyboard.move_at_once, &["Alt", "\u{2190}\u{2192}"]),
];

/// Every key of the board, in groups.
#[component]
pub fn HelpDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let title = move || i18n.t(|s| s.keyboard.title);
    let letters = use_preference::<LetterKeys>();
    let close_label = move || i18n.t(|s| s.common.close);
    view! {
        <Dialog open title close_label>
            <div class="key-groups">
                <KeyGroup title=|s| s.keyboard.general keys=GENERAL/>
                <KeyGroup title=|s| s.keyboard.on_board keys=BOARD/>
                <KeyGroup title=|s| s.keyboard.on_card keys=CARD/>
            </div>
            <label class="checkbox">
                <input
                    type="checkbox"
                    prop:checked=move || letters.get() == LetterKeys::On
                    on:change:target=move |event| {
                        letters.set(if event.target().checked() { LetterKeys::On } else { LetterKeys::Off });
                    }
                />
                <span>
                    {move || i18n.t(|s| s.keyboard.letters)}
                    <span class="field-hint">{move || i18n.t(|s| s.keyboard.letters_hint)}</span>
                </span>
            </label>
        </Dialog>
    }
}

#[component]
fn KeyGroup(title: fn(&'static Strings) -> &'static str, keys: &'static [Key]) -> impl IntoView {
    let i18n = use_i18n();
    let row = move |(what, keys): &'static Key| {
        let caps = keys.iter().map(|key| match *key {
            "Space" => view! { <kbd>{move || i18n.t(|s| s.keyboard.space)}</kbd> }.into_any(),
            key => view! { <kbd>{key}</kbd> }.into_any(),
        });
        view! {
            <dt>{move || i18n.t(what)}</dt>
            <dd>{caps.collect_view()}</dd>
        }
    };
    view! {
        <section>
            <h3>{move || i18n.t(title)}</h3>
            <dl class="keys">{keys.iter().map(row).collect_view()}</dl>
        </section>
    }
}
