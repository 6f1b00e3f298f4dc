//! The chosen theme.

use crate::support::settle;
use leptos::prelude::*;
use tasktree_board::ui::preference::{Theme, keep_preference, provide_preference, use_preference};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn the_chosen_theme_is_on_the_document_and_kept_and_the_system_leaves_no_trace() {
    let storage = window().local_storage().unwrap().unwrap();
    let root = document().document_element().unwrap();
    let page = crate::support::run(|| {
        provide_preference::<Theme>();
        keep_preference::<Theme>();
        use_preference::<Theme>()
    });
    page.value.set(Theme::Dark);
    settle().await;
    assert_eq!(root.get_attribute("data-theme").as_deref(), Some("dark"));
    assert_eq!(
        storage.get_item("tasktree.theme").unwrap().as_deref(),
        Some("dark")
    );
    page.value.set(Theme::System);
    settle().await;
    assert_eq!(root.get_attribute("data-theme"), None);
    assert_eq!(storage.get_item("tasktree.theme").unwrap(), None);
}
