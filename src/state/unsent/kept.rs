//! The changes of this page and of closed pages, in the browser's storage.
//!
//! [`tasktree_protocol::unsent`] decides on each of them, and [`Ownership`] on the page that they
//! belong to.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};

use leptos::prelude::*;
use tasktree_protocol::Command;
use tasktree_protocol::unsent::{Caller, Entry, Keeper};

use super::owner::Owner;
use super::ownership::Ownership;
use super::shelf::{BrowserShelf, entries_of, keys_of};
use super::told::{Keeping, Report, Told};
use crate::browser::clock::now_ms;
use crate::net::new_command_id;
use crate::state::AccessState;

pub(super) struct Kept {
    keeper: RefCell<Keeper<BrowserShelf>>,
    /// Name under which this page keeps its changes.
    page: RefCell<String>,
    ownership: OnceCell<Ownership>,
    /// Set while the page owns the changes under its name, so that no other page adopts them.
    is_owner: Cell<bool>,
    is_closed: Cell<bool>,
    /// Ids of this page's changes that could not be kept, because too little was known.
    unkept: RefCell<Vec<String>>,
    told: RwSignal<Told>,
    access: AccessState,
    /// Function to call after changes were adopted or handed over.
    moved: Box<dyn Fn()>,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl Owner for Kept {
    fn gained(&self, page: &str) {
        if self.is_closed.get() {
            return;
        }
        if *self.page.borrow() == page {
            self.is_owner.set(true);
            return self.tell();
        }
        let entries = entries_of(page);
        if entries.is_empty() {
            return self.forget_page(page);
        }
        self.change(|keeper| {
            for (key, entry) in entries {
                keeper.adopt(key, entry);
            }
        });
        (self.moved)();
    }

    fn look(&self) {
        let lost = self.ownership.get().map(Ownership::take_lost);
        let lost = lost.filter(|lost| !lost.is_empty() && !self.is_closed.get());
        let Some((lost, ownership)) = lost.zip(self.ownership.get()) else {
            return;
        };
        for page in &lost {
            self.keeper.borrow_mut().hand_over(&keys_of(page));
        }
        if lost.contains(&*self.page.borrow()) {
            let page = new_command_id();
            self.is_owner.set(ownership.create(&page));
            self.keeper.borrow_mut().rename(keys_of(&page));
            self.page.replace(page);
        }
        self.tell();
        (self.moved)();
    }
}

impl Kept {
    /// Starts to keep the changes of this page, and to wait for the end of other pages. Calls
    /// `moved` after changes of another page were adopted, or some were handed over to one.
    pub(super) fn open(
        told: RwSignal<Told>,
        access: AccessState,
        moved: impl Fn() + 'static,
    ) -> Rc<Self> {
        let page = new_command_id();
        let kept = Rc::new(Self {
            keeper: RefCell::new(Keeper::new(BrowserShelf, keys_of(&page))),
            page: RefCell::new(page.clone()),
            ownership: OnceCell::new(),
            is_owner: Cell::new(false),
            is_closed: Cell::new(false),
            unkept: RefCell::default(),
            told,
            access,
            moved: Box::new(moved),
        });
        let me: Weak<Self> = Rc::downgrade(&kept);
        let owner: Weak<dyn Owner> = me;
        // It was empty just before.
        let _ = kept.ownership.set(Ownership::open(&page, &owner));
        kept.tell();
        kept
    }

    fn forget_page(&self, page: &str) {
        if let Some(ownership) = self.ownership.get() {
            ownership.forget(page);
        }
    }

    /// Waits until it is certain which changes are this page's, also after a sleep.
    pub(super) async fn settled(&self) {
        if let Some(ownership) = self.ownership.get() {
            ownership.settled().await;
        }
    }

    /// Returns true if a change is this page's: no other one has taken it over.
    pub(super) fn has(&self, intent: &str) -> bool {
        let is_unkept = self.unkept.borrow().iter().any(|known| known == intent);
        is_unkept || self.keeper.borrow().entry(intent).is_some()
    }

    /// Keeps a change of this page, if that is possible.
    pub(super) fn keep(&self, intent: &str, command: Command, caller: Option<Caller>) {
        self.look();
        let is_bound = command.bound().is_some_and(|bound| bound.epoch.is_some());
        let caller = caller.filter(|_| is_bound && self.is_owner());
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

    /// Returns true if the page owns the changes under its name. The storage may have room again.
    fn is_owner(&self) -> bool {
        if !self.is_owner.get()
            && let Some(ownership) = self.ownership.get()
        {
            self.is_owner.set(ownership.create(&self.page.borrow()));
        }
        self.is_owner.get()
    }

    /// Applies `change` to the kept changes that are still this page's. Does nothing if the page is
    /// closed: its changes are left to another page.
    pub(super) fn change<T: Default>(
        &self,
        change: impl FnOnce(&mut Keeper<BrowserShelf>) -> T,
    ) -> T {
        if self.is_closed.get() {
            return T::default();
        }
        self.look();
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
            keeping: match keeper.has_room() && !self.is_refused() {
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

    fn is_refused(&self) -> bool {
        self.ownership.get().is_some_and(Ownership::is_refused)
    }

    /// Leaves the kept changes to other pages.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
        if let Some(ownership) = self.ownership.get() {
            ownership.end();
        }
    }
}
