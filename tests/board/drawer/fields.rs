//! The list of fields, which is complete.

use super::{open_task, whole};
use tasktree_board::i18n::Locale;
use tasktree_protocol::task_patch_fields;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn each_field_that_people_set_is_in_the_open_task() {
    let (page, _peer) = open_task(&whole("Title", "", 1)).await;
    let names = page.root.query_selector_all(".task-drawer dt").unwrap();
    let names: Vec<_> = (0..names.length())
        .filter_map(|at| names.get(at).unwrap().text_content())
        .collect();
    let texts = Locale::En.strings().task;
    macro_rules! one {
        // Shown in a place of their own.
        (title) => {};
        (description) => {};
        (prompt) => {};
        (status) => {};
        (dependencies) => {};
        // The board has no field for them.
        (on_hold) => {};
        (parent) => {};
        (assignee) => {};
        ($name:ident) => {
            assert!(
                names.iter().any(|name| name == texts.$name),
                "show `{}` in src/components/task/drawer/facts.rs under its name, or in a place \
                 of its own and in this list; the drawer has {names:?}",
                stringify!($name)
            );
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => { $(one!($name);)* };
    }
    task_patch_fields!(all);
}
