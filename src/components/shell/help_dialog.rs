//! The list of keys.

use leptos::prelude::*;

use crate::i18n::{Strings, use_i18n};
use crate::state::use_access;
use crate::ui::Dialog;
use crate::ui::keys::is_mac;
use crate::ui::preference::{LetterKeys, use_preference};

/// Effect of a key, its keys, and the permission it needs. `+` joins keys pressed together, a space
/// keys pressed one after the other, and `/` separates choices.
type Key = (
    fn(&Strings) -> &'static str,
    &'static [&'static str],
    &'static str,
);

const GENERAL: &[Key] = &[
    (|s| s.keyboard.help, &["?"], "read"),
    (|s| s.keyboard.close, &["Esc"], "read"),
    (|s| s.keyboard.go_board, &["G", "B"], "read"),
    (|s| s.keyboard.go_agents, &["G", "A"], "read"),
    (|s| s.keyboard.go_activity, &["G", "L"], "read"),
    (|s| s.attention.go_inbox, &["G", "I"], "read"),
];

const BOARD: &[Key] = &[
    (|s| s.keyboard.search, &["/"], "read"),
    (|s| s.keyboard.add, &["C"], "change"),
    (|s| s.keyboard.neighbour, &["\u{2191}", "\u{2193}"], "read"),
    (|s| s.keyboard.column, &["\u{2190}", "\u{2192}"], "read"),
    (|s| s.keyboard.undo, &["Ctrl", "Z"], "change"),
];

const CARD: &[Key] = &[
    (|s| s.keyboard.open, &["Enter"], "read"),
    (|s| s.keyboard.pick_up, &["Space"], "change"),
    (|s| s.keyboard.move_to, &["M"], "change"),
    (|s| s.attention.reply, &["R"], "change"),
    (|s| s.attention.retry_key, &["R"], "change"),
    (|s| s.attention.reassign_key, &["A"], "change"),
    (
        |s| s.keyboard.move_at_once,
        &["Shift", "\u{2190}\u{2192}"],
        "change",
    ),
];

const INBOX: &[Key] = &[
    (|s| s.attention.next_item, &["J", "K"], "read"),
    (|s| s.attention.open_task, &["Enter"], "read"),
    (|s| s.attention.reply, &["R"], "change"),
    (|s| s.attention.mark_done, &["E"], "read"),
    (|s| s.attention.snooze, &["S"], "read"),
];

/// Every key of the board, in groups.
#[component]
pub fn HelpDialog(
    /// Set while the dialog is open.
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
                <KeyGroup title=|s| s.attention.in_inbox keys=INBOX/>
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
fn KeyGroup(title: fn(&Strings) -> &'static str, keys: &'static [Key]) -> impl IntoView {
    let i18n = use_i18n();
    let access = use_access();
    let row = move |(what, keys, _): &'static Key| {
        let caps = keys.iter().map(|key| match *key {
            "Space" => view! { <kbd>{move || i18n.t(|s| s.keyboard.space)}</kbd> }.into_any(),
            "Ctrl" if is_mac() => view! { <kbd>"\u{2318}"</kbd> }.into_any(),
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
            <dl class="keys">{move || keys.iter().filter(|(_, _, needs)| access.may(needs)).map(row).collect_view()}</dl>
        </section>
    }
}
