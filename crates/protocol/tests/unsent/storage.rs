//! The browser's storage, as the tabs reach it until they crash.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use tasktree_protocol::unsent::{Entry, Register, Shelf};

/// Storage that all tabs of the browser share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Storage {
    pub(crate) entries: Rc<RefCell<BTreeMap<String, String>>>,
    pub(crate) leases: Rc<RefCell<BTreeMap<String, String>>>,
    pub(crate) is_full: Rc<Cell<bool>>,
}

impl Storage {
    /// Returns the pages that have changes or a lease in the storage.
    pub(crate) fn pages(&self) -> Vec<String> {
        let entries = self.entries.borrow();
        let owners = entries.keys().filter_map(|key| key.split('.').next());
        let mut pages: Vec<_> = owners.map(str::to_owned).collect();
        pages.extend(self.leases.borrow().keys().cloned());
        pages.sort();
        pages.dedup();
        pages
    }
}

/// The storage as a tab reaches it, until it crashes.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    storage: Storage,
    /// Writes that are left.
    pub(crate) fuse: Rc<Cell<Option<u32>>>,
}

impl Reach {
    pub(crate) fn of(storage: &Storage) -> Self {
        Self {
            storage: storage.clone(),
            fuse: Rc::default(),
        }
    }

    fn burn(&self) -> bool {
        match self.fuse.get() {
            None => true,
            Some(0) => false,
            Some(left) => {
                self.fuse.set(Some(left - 1));
                true
            }
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.fuse.get() == Some(0)
    }

    /// Writes text under a key. Returns false if there is no room.
    fn insert(&self, area: &RefCell<BTreeMap<String, String>>, key: &str, text: String) -> bool {
        if self.burn() {
            if self.storage.is_full.get() {
                return false;
            }
            area.borrow_mut().insert(key.to_owned(), text);
        }
        true
    }

    fn erase(&self, area: &RefCell<BTreeMap<String, String>>, key: &str) {
        if self.burn() {
            area.borrow_mut().remove(key);
        }
    }
}

impl Shelf for Reach {
    fn put(&mut self, key: &str, entry: &Entry) -> bool {
        let text = serde_json::to_string(entry).unwrap();
        self.insert(&self.storage.entries, key, text)
    }

    fn remove(&mut self, key: &str) {
        self.erase(&self.storage.entries, key);
    }
}

impl Register for Reach {
    fn read(&self, page: &str) -> Option<String> {
        self.storage.leases.borrow().get(page).cloned()
    }

    fn write(&mut self, page: &str, lease: &str) -> bool {
        self.insert(&self.storage.leases, page, lease.to_owned())
    }

    fn remove(&mut self, page: &str) {
        self.erase(&self.storage.leases, page);
    }
}
