//! Ownership by the browser's locks, one for the name of each page.
//!
//! The browser grants a lock to one page at a time, and takes it back when that page is gone,
//! however it ended; a page that is only frozen keeps it.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::owner::Owner;
use super::shelf::{PREFIX, changed_key, page_of, pages};
use crate::browser::Listener;

/// Locks that a page holds or has requested.
#[derive(Debug)]
pub(super) struct Locks {
    owner: Weak<dyn Owner>,
    /// With the names of their pages.
    locks: RefCell<Vec<(String, Lock)>>,
    changed: RefCell<Option<Listener>>,
}

impl Locks {
    /// Requests the lock of the page's own name, then those of all pages that have changes in the
    /// storage, now and later. Returns `None` if the browser has no locks.
    pub(super) fn open(page: &str, owner: Weak<dyn Owner>) -> Option<Rc<Self>> {
        let locks = Rc::new(Self {
            owner,
            locks: RefCell::default(),
            changed: RefCell::default(),
        });
        let me = Rc::downgrade(&locks);
        locks
            .request(page, move || {
                if let Some(locks) = me.upgrade() {
                    locks.await_pages();
                }
            })
            .then_some(locks)
    }

    fn await_pages(self: &Rc<Self>) {
        for page in pages() {
            self.request(&page, || {});
        }
        let me = Rc::downgrade(self);
        // The browser reports changes of the storage by other pages.
        let changed = Listener::new(&window(), "storage", move |event| {
            let key = changed_key(&event);
            if let (Some(locks), Some(page)) = (me.upgrade(), page_of(&key)) {
                locks.request(page, || {});
            }
        });
        self.changed.replace(Some(changed));
    }

    /// Requests the lock of a page, if that was not done before. The owner is told when it is held:
    /// until this page ends, no other one gets it. Returns false if the browser has no locks.
    fn request(self: &Rc<Self>, page: &str, granted: impl FnOnce() + 'static) -> bool {
        if self.locks.borrow().iter().any(|(known, _)| known == page) {
            return true;
        }
        let (owner, gained) = (self.owner.clone(), page.to_owned());
        let lock = Lock::request(&format!("{PREFIX}{page}"), move || {
            if let Some(owner) = owner.upgrade() {
                owner.gained(&gained);
                granted();
            }
        });
        let is_requested = lock.is_some();
        if let Some(lock) = lock {
            self.locks.borrow_mut().push((page.to_owned(), lock));
        }
        is_requested
    }

    /// Releases all locks.
    pub(super) fn end(&self) {
        self.changed.take();
        self.locks.take();
    }
}

/// Lock that is requested or held, until this is dropped.
#[derive(Debug)]
struct Lock {
    /// Function that releases it, once it is held.
    release: Rc<RefCell<Option<Function>>>,
    abort: AbortController,
    _granted: Closure<dyn FnMut(JsValue) -> Promise>,
}

impl Lock {
    /// Requests a lock, and calls `granted` when it is held. Returns `None` if the browser has no
    /// locks: on pages that are not served securely.
    fn request(name: &str, granted: impl FnOnce() + 'static) -> Option<Self> {
        let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
        let request = Reflect::get(&locks, &"request".into()).ok()?;
        let request = request.dyn_into::<Function>().ok()?;
        let abort = AbortController::new().ok()?;
        let options = Object::new();
        Reflect::set(&options, &"signal".into(), &abort.signal()).ok()?;
        let release = Rc::new(RefCell::new(None));
        let (held, mut granted) = (Rc::clone(&release), Some(granted));
        let callback = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_| {
            // It is held until this promise is resolved.
            let until = Promise::new(&mut |resolve, _| {
                held.replace(Some(resolve));
            });
            if let Some(granted) = granted.take() {
                granted();
            }
            until
        });
        let asked = request
            .call3(&locks, &name.into(), &options, callback.as_ref())
            .ok()?;
        let asked = asked.dyn_into::<Promise>().ok()?;
        // It fails if the lock is dropped before it was granted, which needs no handling.
        spawn_local(async move { drop(JsFuture::from(asked).await) });
        Some(Self {
            release,
            abort,
            _granted: callback,
        })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        match self.release.take() {
            Some(release) => drop(release.call0(&JsValue::UNDEFINED)),
            None => self.abort.abort(),
        }
    }
}
