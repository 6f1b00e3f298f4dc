//! Small settings that this browser keeps. A browser that refuses storage only forgets them.

use leptos::prelude::window;

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// The value kept under `key`, if there is one.
pub fn load(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps `value` under `key`, or forgets it.
pub fn save(key: &str, value: Option<&str>) {
    let Some(storage) = storage() else { return };
    let kept = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
    // A full or forbidden storage is no reason to refuse what the person chose: it holds until the page is closed.
    drop(kept);
}
