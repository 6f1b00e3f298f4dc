//! Small settings that this browser stores. A browser that refuses storage only forgets them.

use leptos::prelude::window;

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Returns the value stored under `key`, if there is one.
pub fn load(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Stores `value` under `key`, or removes it.
pub fn save(key: &str, value: Option<&str>) {
    let Some(storage) = storage() else { return };
    let kept = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
    // A full or forbidden storage is no reason to refuse the person's choice: it holds until the
    // page is closed.
    drop(kept);
}
