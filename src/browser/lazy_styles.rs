//! The style sheet of the lazy views.

use js_sys::Promise;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Element;

/// Link that a release build leaves in place of the style sheet: it is not applied.
const LINK: &str = "link[data-lazy]";

/// Applies the style sheet of the lazy views, unless that has been done. Returns false if it could
/// not be loaded.
pub async fn apply_lazy_styles() -> bool {
    let Some(link) = document().query_selector(LINK).ok().flatten() else {
        return true;
    };
    let Some((sheet, loading)) = applied(&link) else {
        return false;
    };
    let is_applied = JsFuture::from(loading).await.is_ok();
    // The sheet takes the place of the link, or goes after a failure: another attempt follows.
    if is_applied { link } else { sheet }.remove();
    is_applied
}

/// Adds the style sheet that `link` names. Returns it with a promise, which is rejected if it
/// cannot be loaded.
fn applied(link: &Element) -> Option<(Element, Promise)> {
    let sheet = link.clone_node().ok()?.dyn_into::<Element>().ok()?;
    sheet.remove_attribute("data-lazy").ok()?;
    sheet.set_attribute("rel", "stylesheet").ok()?;
    let loading = Promise::new(&mut |loaded, failed| {
        for (event, settle) in [("load", loaded), ("error", failed)] {
            drop(sheet.add_event_listener_with_callback(event, &settle));
        }
    });
    link.before_with_node_1(&sheet).ok()?;
    Some((sheet, loading))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// Puts a link into the page, as a release build does.
    fn link(href: &str) -> Element {
        let link = document().create_element("link").unwrap();
        link.set_attribute("data-lazy", "").unwrap();
        link.set_attribute("href", href).unwrap();
        document().head().unwrap().append_child(&link).unwrap();
        link
    }

    fn sheets() -> u32 {
        let found = document().query_selector_all("link[rel=stylesheet]");
        found.unwrap().length()
    }

    #[wasm_bindgen_test]
    async fn the_styles_of_lazy_views_are_applied_once_and_again_after_a_failure() {
        let before = sheets();
        let link = link("/no-such-sheet.css");
        assert!(!apply_lazy_styles().await, "there is no such sheet");
        assert_eq!(sheets(), before);
        link.set_attribute("href", "data:text/css,").unwrap();
        assert!(apply_lazy_styles().await);
        assert!(apply_lazy_styles().await, "nothing is left to do");
        assert_eq!(sheets(), before + 1);
        assert!(!link.is_connected());
    }
}
