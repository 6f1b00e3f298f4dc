//! The changes of this page and of closed pages, in the browser's storage.
//!
//! [`tasktree_protocol::unsent`] decides on each of them. A page's changes are its own as long as
//! it holds the lock of its name; the next page that gets that lock adopts them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use tasktree_protocol::unsent::{Caller, Entry, Keeper};
use tasktree_protocol::{Command, WireError};

use super::lock::Lock;
use super::shelf::{BrowserShelf, PREFIX, entries_of, keys_of, page_of, pages};
use crate::listener::Listener;
use crate::net::new_command_id;
use crate::state::AccessState;
use crate::time::now_ms;

/// Period for which waiting changes are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// Until they are made or reported, even if the page ends.
    Beyond,
    /// As long as the page is open, because the browser or the server does not allow more.
    #[default]
    Page,
    /// As long as the page is open, because the browser's storage is full or refused.
    Full,
}

/// Change that was not made, with the reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Id of the change.
    pub intent: String,
    /// Command of the change.
    pub command: Command,
    /// Time of the request, in milliseconds since 1970.
    pub asked_ms: i64,
    /// Reason why it was not made.
    pub error: WireError,
}

/// Visible state of the kept changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) reports: Vec<Report>,
    pub(super) keeping: Keeping,
}

#[derive(Debug)]
pub(super) struct Kept {
    keeper: RefCell<Keeper<BrowserShelf>>,
    /// Set while the page holds the lock of its name, so that no other page adopts its changes.
    is_owner: Cell<bool>,
    is_closed: Cell<bool>,
    /// Ids of this page's changes that could not be kept, because too little was known.
    unkept: RefCell<Vec<String>>,
    /// Locks that are held or requested, with the names of their pages.
    locks: RefCell<Vec<(String, Lock)>>,
    changed: RefCell<Option<Listener>>,
    told: RwSignal<Told>,
    access: AccessState,
}

impl Kept {
    /// Starts to keep the changes of this page, and to wait for the end of other pages. Calls
    /// `adopted` after changes of another page were adopted.
    pub(super) fn open(
        told: RwSignal<Told>,
        access: AccessState,
        adopted: impl Fn() + 'static,
    ) -> Rc<Self> {
        let page = new_command_id();
        let kept = Rc::new(Self {
            keeper: RefCell::new(Keeper::new(BrowserShelf, keys_of(&page))),
            is_owner: Cell::new(false),
            is_closed: Cell::new(false),
            unkept: RefCell::default(),
            locks: RefCell::default(),
            changed: RefCell::default(),
            told,
            access,
        });
        let adopted: Rc<dyn Fn()> = Rc::new(adopted);
        let me = Rc::downgrade(&kept);
        let own = Lock::request(&format!("{PREFIX}{page}"), move || {
            if let Some(kept) = me.upgrade() {
                kept.is_owner.set(true);
                kept.tell();
                kept.await_pages(&adopted);
            }
        });
        kept.hold(page, own);
        kept
    }

    fn hold(&self, page: String, lock: Option<Lock>) {
        if let Some(lock) = lock {
            self.locks.borrow_mut().push((page, lock));
        }
    }

    /// Waits for the end of each page that has changes in the storage, now and later.
    fn await_pages(self: &Rc<Self>, adopted: &Rc<dyn Fn()>) {
        for page in pages() {
            self.await_page(&page, adopted);
        }
        let (me, adopted) = (Rc::downgrade(self), Rc::clone(adopted));
        // The browser reports changes of the storage by other pages.
        let changed = Listener::new(&window(), "storage", move |event| {
            let key = js_sys::Reflect::get(&event, &"key".into()).ok();
            let key = key.and_then(|key| key.as_string()).unwrap_or_default();
            if let (Some(kept), Some(page)) = (me.upgrade(), page_of(&key)) {
                kept.await_page(page, &adopted);
            }
        });
        self.changed.replace(Some(changed));
    }

    fn await_page(self: &Rc<Self>, page: &str, adopted: &Rc<dyn Fn()>) {
        if self.locks.borrow().iter().any(|(known, _)| known == page) {
            return;
        }
        let (me, gone, adopted) = (Rc::downgrade(self), page.to_owned(), Rc::clone(adopted));
        let lock = Lock::request(&format!("{PREFIX}{page}"), move || {
            let Some(kept) = me.upgrade().filter(|kept| !kept.is_closed.get()) else {
                return;
            };
            // The lock is held from now on: no other page adopts them while this page exists.
            kept.change(|keeper| {
                for (key, entry) in entries_of(&gone) {
                    keeper.adopt(key, entry);
                }
            });
            adopted();
        });
        self.hold(page.to_owned(), lock);
    }

    /// Keeps a change of this page, if that is possible.
    pub(super) fn keep(&self, intent: &str, command: Command, caller: Option<Caller>) {
        let is_bound = command.bound().is_some_and(|bound| bound.epoch.is_some());
        let caller = caller.filter(|_| is_bound && self.is_owner.get());
        let Some(caller) = caller else {
            self.unkept.borrow_mut().push(intent.to_owned());
            return self.tell();
        };
        let entry = Entry {
            intent: intent.to_owned(),
            id: intent.to_owned(),
            command,
            caller,
            asked_ms: now_ms(),
            sent_ms: None,
            refused: None,
        };
        self.change(|keeper| keeper.keep(entry));
    }

    /// Applies `change` to the kept changes. Does nothing if the page is closed: its changes are
    /// left to another page.
    pub(super) fn change<T: Default>(
        &self,
        change: impl FnOnce(&mut Keeper<BrowserShelf>) -> T,
    ) -> T {
        if self.is_closed.get() {
            return T::default();
        }
        let done = change(&mut self.keeper.borrow_mut());
        self.tell();
        done
    }

    /// Returns the adopted changes of that person that are not refused yet.
    pub(super) fn adopted(&self, caller: &Caller) -> Vec<Entry> {
        let keeper = self.keeper.borrow();
        let is_open =
            |entry: &&Entry| entry.refused.is_none() && entry.caller.is_same_person(caller);
        keeper.adopted().filter(is_open).cloned().collect()
    }

    /// Forgets that a change could not be kept.
    pub(super) fn forget(&self, intent: &str) {
        self.unkept.borrow_mut().retain(|known| known != intent);
        self.tell();
    }

    /// Updates the visible state: each person sees their own reports.
    pub(super) fn tell(&self) {
        let keeper = self.keeper.borrow();
        let caller = untrack(|| self.access.caller());
        let reports = keeper.entries().filter_map(|entry| {
            let is_theirs = caller
                .as_ref()
                .is_some_and(|caller| entry.caller.is_same_person(caller));
            let error = entry.refused.clone().filter(|_| is_theirs)?;
            Some(Report {
                intent: entry.intent.clone(),
                command: entry.command.clone(),
                asked_ms: entry.asked_ms,
                error,
            })
        });
        let told = Told {
            reports: reports.collect(),
            keeping: match keeper.has_room() {
                false => Keeping::Full,
                true if self.keeps_all(&keeper, caller.as_ref()) => Keeping::Beyond,
                true => Keeping::Page,
            },
        };
        if self.told.try_with_untracked(|now| *now != told) == Some(true) {
            self.told.set(told);
        }
    }

    /// Returns true if all waiting changes are kept, and the next one would be.
    fn keeps_all(&self, keeper: &Keeper<BrowserShelf>, caller: Option<&Caller>) -> bool {
        let is_known = caller.is_some() || keeper.entries().next().is_some();
        is_known && self.is_owner.get() && self.unkept.borrow().is_empty()
    }

    /// Leaves the kept changes to other pages.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
        self.changed.take();
        self.locks.take();
    }
}
