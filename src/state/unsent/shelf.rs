//! The browser's storage, in which changes outlive a page.
//!
//! Keys of changes are `tasktree.unsent.PAGE.NUMBER`: each page writes under its own name, and
//! numbers are in the order of the requests. Keys of leases are `tasktree.lease.PAGE`.

use js_sys::Reflect;
use leptos::prelude::window;
use tasktree_protocol::unsent::{Entry, Register, Shelf};
use web_sys::{Event, Storage};

/// Prefix of the keys of changes, and of the names of locks.
pub(super) const PREFIX: &str = "tasktree.unsent.";
/// Prefix of the keys of leases.
const LEASE_PREFIX: &str = "tasktree.lease.";

/// Storage of all pages of this address.
#[derive(Clone, Copy, Debug)]
pub(super) struct BrowserShelf;

impl Shelf for BrowserShelf {
    fn put(&mut self, key: &str, entry: &Entry) -> bool {
        serde_json::to_string(entry).is_ok_and(|text| write(key, &text))
    }

    fn remove(&mut self, key: &str) {
        erase(key);
    }
}

impl Register for BrowserShelf {
    fn read(&self, page: &str) -> Option<String> {
        storage()?.get_item(&lease_of(page)).ok()?
    }

    fn write(&mut self, page: &str, lease: &str) -> bool {
        write(&lease_of(page), lease)
    }

    fn remove(&mut self, page: &str) {
        erase(&lease_of(page));
    }
}

/// Returns the key of a page's lease.
fn lease_of(page: &str) -> String {
    format!("{LEASE_PREFIX}{page}")
}

/// Returns the key that another page has written or removed, from an event of the storage; empty if
/// the storage was cleared.
pub(super) fn changed_key(event: &Event) -> String {
    let key = Reflect::get(event, &"key".into()).ok();
    key.and_then(|key| key.as_string()).unwrap_or_default()
}

/// Returns true for keys of leases.
pub(super) fn is_lease(key: &str) -> bool {
    key.starts_with(LEASE_PREFIX)
}

/// Returns the prefix of a page's keys.
pub(super) fn keys_of(page: &str) -> String {
    format!("{PREFIX}{page}.")
}

/// Returns the page that a key belongs to; `None` for unrelated keys.
pub(super) fn page_of(key: &str) -> Option<&str> {
    let (page, _) = key.strip_prefix(PREFIX)?.split_once('.')?;
    Some(page)
}

/// Returns the pages that have changes or a lease in the storage.
pub(super) fn pages() -> Vec<String> {
    let mut pages: Vec<_> = keys()
        .iter()
        .filter_map(|key| page_of(key).or_else(|| key.strip_prefix(LEASE_PREFIX)))
        .map(str::to_owned)
        .collect();
    pages.sort();
    pages.dedup();
    pages
}

/// Returns the stored changes of a page, in their order. Entries that this version cannot read stay
/// there.
pub(super) fn entries_of(page: &str) -> Vec<(String, Entry)> {
    let prefix = keys_of(page);
    let mut keys = keys();
    keys.retain(|key| key.starts_with(&prefix));
    keys.sort();
    let read = |key: String| {
        let text = storage()?.get_item(&key).ok()??;
        let entry = serde_json::from_str(&text).ok()?;
        Some((key, entry))
    };
    keys.into_iter().filter_map(read).collect()
}

fn keys() -> Vec<String> {
    let Some(storage) = storage() else {
        return Vec::new();
    };
    let length = storage.length().unwrap_or(0);
    (0..length)
        .filter_map(|index| storage.key(index).ok().flatten())
        .collect()
}

fn write(key: &str, text: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, text).is_ok())
}

fn erase(key: &str) {
    if let Some(storage) = storage() {
        // A storage that refuses this is empty too.
        let _ = storage.remove_item(key);
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}
