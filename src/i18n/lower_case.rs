//! Letters of any script in lower case, for comparing what people type.

use js_sys::JsString;

/// `text` in lower case. What is not English is given to the browser, which knows all scripts: Rust's own tables of them would be in
/// everybody's download.
pub fn lower_case(mut text: String) -> String {
    if text.is_ascii() {
        text.make_ascii_lowercase();
        text
    } else {
        JsString::from(text).to_lower_case().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

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
