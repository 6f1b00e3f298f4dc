//! Lower case for letters of any script, to compare typed text.

use js_sys::JsString;

/// Unicode form in which all ways to write a letter are equal: composed or with combining signs,
/// and in full or half width.
const ONE_FORM: &str = "NFKC";

/// Returns a text as it is displayed: in one form, without invisible characters, and with one space
/// for any white space. A name that is typed as it is displayed is equal to the name.
pub fn as_displayed(text: &str) -> String {
    let text: String = JsString::from(text).normalize("NFC").into();
    let seen: String = text.chars().filter(|letter| !is_unseen(*letter)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

const fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Returns `text` in lower case and in one Unicode form. Text that is not ASCII is left to the
/// browser, which knows all scripts: Rust's own tables would be in everybody's download.
pub fn lower_case(mut text: String) -> String {
    if text.is_ascii() {
        text.make_ascii_lowercase();
        text
    } else {
        JsString::from(text)
            .normalize(ONE_FORM)
            .to_lower_case()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn all_forms_of_a_letter_are_found_by_each_other() {
        for (one, other) in [
            ("Caf\u{e9}", "cafe\u{301}"),
            ("\u{d55c}", "\u{1112}\u{1161}\u{11ab}"),
            ("\u{ff21}\u{ff30}\u{ff29}", "api"),
        ] {
            assert_eq!(lower_case(one.into()), lower_case(other.into()));
        }
    }

    #[wasm_bindgen_test]
    fn a_name_is_the_same_however_its_spaces_and_letters_are_written() {
        for written in [
            "My  Caf\u{e9}",
            " My\u{a0}Cafe\u{301}\n",
            "My\u{200b} Caf\u{e9}\u{200e}",
        ] {
            assert_eq!(as_displayed(written), "My Caf\u{e9}");
        }
    }

    #[wasm_bindgen_test]
    fn every_script_is_put_in_lower_case() {
        for (text, lower) in [
            ("", ""),
            ("Fix THE Badge #12", "fix the badge #12"),
            ("ÄÖÜ Привет ΣΑΣ", "äöü привет σας"),
            ("修复 Badge 🦀", "修复 badge 🦀"),
        ] {
            assert_eq!(lower_case(text.into()), lower);
        }
    }
}
