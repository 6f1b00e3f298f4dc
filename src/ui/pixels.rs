//! Lengths for style sheets.

use js_sys::{JsString, Number};

/// Formats a length, such as `12.5px`. The browser formats the number: Rust's own code would be 10
/// KB of the bundle.
pub fn pixels(length: f64) -> String {
    let number = Number::from(length).to_string_with_radix(10);
    String::from(number.unwrap_or_else(|_| JsString::from("0"))) + "px"
}

#[cfg(test)]
mod tests {
    use super::pixels;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_length_is_written_as_style_sheets_read_it() {
        for (length, written) in [
            (0.0, "0px"),
            (-3.0, "-3px"),
            (108.5, "108.5px"),
            (1_080_000.0, "1080000px"),
        ] {
            assert_eq!(pixels(length), written);
        }
    }
}
