//! Reading keys: the one place that decides if a key is the page's own. Keys of an input method
//! and, with few exceptions, keys with modifiers are not.
//!
//! Handlers read keys with [`own_key`] or [`command_key`] and nothing else. Clippy refuses
//! `KeyboardEvent::key`, since a handler that forgets about input methods acts on the Enter that
//! ends a composition.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the rule for input methods is applied"
)]

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent};

/// Types of `<input>` that take no typed text.
const NOT_TYPED: [&str; 9] = [
    "button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit",
];

/// Value of `KeyboardEvent.keyCode` for a key that an input method has taken. Safari ends a
/// composition before it reports the key that ended it, so only this number identifies it.
const TAKEN_BY_INPUT_METHOD: u32 = 229;

/// Returns true for a key of an input method: one that writes, chooses or ends a composition.
pub fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing()
        || event.key_code() == TAKEN_BY_INPUT_METHOD
        || matches!(event.key().as_str(), "Process" | "Unidentified" | "Dead")
}

/// Returns the name of a key that the page may act on, as in `KeyboardEvent.key`, or `None` for a
/// key of an input method.
pub fn own_key(event: &KeyboardEvent) -> Option<String> {
    (!is_composing(event)).then(|| event.key())
}

/// Returns the key as a command: its name, or the Latin letter at its position on a layout of
/// another script.
///
/// Such layouts are Cyrillic and Greek, for example. Keys of an input method are not the page's
/// own, as in [`own_key`]. Keys with AltGraph write characters, and are not commands.
pub fn command_key(event: &KeyboardEvent) -> Option<String> {
    if event.get_modifier_state("AltGraph") {
        return None;
    }
    let key = own_key(event)?;
    Some(latin_letter(&key, &event.code()).unwrap_or(key))
}

/// Returns the Latin letter at the position `code` if `key` is a letter of another script. Layouts
/// for Latin scripts state in `key` the letter that they have there.
fn latin_letter(key: &str, code: &str) -> Option<String> {
    let mut characters = key.chars();
    let (Some(typed), None) = (characters.next(), characters.next()) else {
        return None;
    };
    let is_latin =
        typed.is_ascii() || matches!(typed, '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    if is_latin || !typed.is_alphabetic() {
        return None;
    }
    let letter = code
        .strip_prefix("Key")
        .filter(|letter| letter.len() == 1)?;
    if typed.is_uppercase() {
        Some(letter.to_owned())
    } else {
        Some(letter.to_ascii_lowercase())
    }
}

/// Returns true for an Escape that ends a composition. The browser may close a dialog with it.
pub fn is_composing_escape(event: &KeyboardEvent) -> bool {
    is_composing(event) && event.key() == "Escape"
}

/// Returns true for Enter.
pub fn is_enter(event: &KeyboardEvent) -> bool {
    own_key(event).is_some_and(|key| key == "Enter")
}

/// Returns true for Enter with Control or, on a Mac, Command: the key that sends a text of several
/// lines.
pub fn is_send(event: &KeyboardEvent) -> bool {
    is_enter(event) && (event.ctrl_key() || event.meta_key())
}

/// Returns true for Escape without modifiers: Shift+Escape opens the task manager of some browsers.
pub fn is_escape(event: &KeyboardEvent) -> bool {
    is_bare(event) && own_key(event).is_some_and(|key| key == "Escape")
}

/// Returns true for a key without Alt, Control, Meta and AltGraph. With one of them it belongs to
/// the browser, the system or the layout, unless it is one of the few that the page documents.
pub fn is_plain(event: &KeyboardEvent) -> bool {
    let is_modified = event.alt_key()
        || event.ctrl_key()
        || event.meta_key()
        || event.get_modifier_state("AltGraph");
    !is_modified
}

/// Returns true for a plain key without Shift: Shift+Escape opens the task manager of some
/// browsers.
pub fn is_bare(event: &KeyboardEvent) -> bool {
    is_plain(event) && !event.shift_key()
}

/// Returns true for the key that undoes: Ctrl+Z, on a Mac Cmd+Z.
pub fn is_undo(event: &KeyboardEvent) -> bool {
    let (command, other) = if is_mac() {
        (event.meta_key(), event.ctrl_key())
    } else {
        (event.ctrl_key(), event.meta_key())
    };
    let is_z = command_key(event).is_some_and(|key| key.eq_ignore_ascii_case("z"));
    is_z && command && !(other || event.alt_key() || event.shift_key())
}

/// Returns true on a Mac and its relatives.
pub fn is_mac() -> bool {
    let platform = window().navigator().platform().unwrap_or_default();
    platform.starts_with("Mac") || platform.starts_with("iP")
}

/// Returns true for an element that takes typed text, so that undo is about its text.
pub fn is_text_field(element: &Element) -> bool {
    if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        return !NOT_TYPED.contains(&input.type_().as_str());
    }
    matches!(
        element.closest("textarea, [contenteditable]:not([contenteditable=false])"),
        Ok(Some(_))
    )
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn event(init: &str) -> KeyboardEvent {
        let make = js_sys::Function::new_with_args(
            "init",
            "return new KeyboardEvent('keydown', JSON.parse(init))",
        );
        let made = make
            .call1(&wasm_bindgen::JsValue::NULL, &init.into())
            .unwrap();
        made.unchecked_into()
    }

    #[wasm_bindgen_test]
    fn keys_of_an_input_method_are_nobodys() {
        for init in [
            r#"{"key": "Enter", "isComposing": true}"#,
            r#"{"key": "Escape", "isComposing": true}"#,
            r#"{"key": "Enter", "keyCode": 229}"#,
            r#"{"key": "Escape", "keyCode": 229}"#,
            r#"{"key": "Process", "code": "KeyJ"}"#,
            r#"{"key": "j", "keyCode": 229}"#,
        ] {
            let event = event(init);
            assert_eq!(own_key(&event), None, "{init}");
            assert_eq!(command_key(&event), None, "{init}");
            assert!(!is_enter(&event) && !is_escape(&event), "{init}");
        }
        assert!(is_enter(&event(r#"{"key": "Enter", "keyCode": 13}"#)));
        assert!(is_escape(&event(r#"{"key": "Escape", "keyCode": 27}"#)));
        assert!(!is_escape(&event(r#"{"key": "Escape", "shiftKey": true}"#)));
    }

    #[wasm_bindgen_test]
    fn letters_of_other_scripts_are_commands_by_their_place() {
        for (init, expected) in [
            (r#"{"key": "\u043e", "code": "KeyJ"}"#, Some("j")),
            (r#"{"key": "\u041e", "code": "KeyJ"}"#, Some("J")),
            (r#"{"key": "\u03c8", "code": "KeyC"}"#, Some("c")),
            (r#"{"key": "\u3147", "code": "KeyD"}"#, Some("d")),
            // Layouts for Latin scripts go by the letter: AZERTY has A where Q is elsewhere.
            (r#"{"key": "a", "code": "KeyQ"}"#, Some("a")),
            (r#"{"key": "\u00f6", "code": "KeyJ"}"#, Some("\u{f6}")),
            (r#"{"key": "Enter", "code": "Enter"}"#, Some("Enter")),
            (r#"{"key": "\u0436", "code": "Semicolon"}"#, Some("\u{436}")),
            (
                r#"{"key": "m", "code": "KeyM", "modifierAltGraph": true}"#,
                None,
            ),
            (
                r#"{"key": "\u043e", "code": "KeyJ", "modifierAltGraph": true}"#,
                None,
            ),
        ] {
            assert_eq!(command_key(&event(init)).as_deref(), expected, "{init}");
        }
    }
}
