//! Ownership by leases in the browser's storage, see [`tasktree_protocol::unsent::Leases`].

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use js_sys::Reflect;
use leptos::prelude::{document, window};
use tasktree_protocol::unsent::{CLAIM_MS, Leases, STAMP_MS};
use web_sys::{Event, EventTarget};

use super::owner::Owner;
use super::shelf::{BrowserShelf, changed_key, is_lease, pages};
use crate::browser::Listener;
use crate::browser::clock::now_ms;

/// Leases of the page, which it stamps at intervals.
#[derive(Debug)]
pub(super) struct LeaseTable {
    owner: Weak<dyn Owner>,
    leases: RefCell<Leases<BrowserShelf>>,
    is_refused: Cell<bool>,
    timer: RefCell<Option<Timeout>>,
    listeners: RefCell<Vec<Listener>>,
    me: Weak<Self>,
}

impl LeaseTable {
    /// Creates the lease of the page's own name, and starts to watch those of others.
    pub(super) fn open(page: &str, owner: Weak<dyn Owner>) -> Rc<Self> {
        let table = Rc::new_cyclic(|me: &Weak<Self>| Self {
            owner,
            leases: RefCell::new(Leases::new(BrowserShelf, page)),
            is_refused: Cell::new(false),
            timer: RefCell::default(),
            listeners: RefCell::default(),
            me: me.clone(),
        });
        if table.create(page)
            && let Some(owner) = table.owner.upgrade()
        {
            owner.gained(page);
        }
        table.listen();
        table.renew();
        table
    }

    pub(super) fn create(&self, page: &str) -> bool {
        let is_created = self.leases.borrow_mut().create(page, now_ms());
        self.is_refused.set(!is_created);
        is_created
    }

    pub(super) fn is_refused(&self) -> bool {
        self.is_refused.get()
    }

    pub(super) async fn settled(&self) {
        while !self.leases.borrow().is_current(now_ms()) {
            self.renew();
            TimeoutFuture::new(delay(CLAIM_MS)).await;
            self.renew();
        }
    }

    pub(super) fn take_lost(&self) -> Vec<String> {
        self.leases.borrow_mut().take_lost()
    }

    pub(super) fn forget(&self, page: &str) {
        self.leases.borrow_mut().end(page);
    }

    pub(super) fn end(&self) {
        self.timer.take();
        self.listeners.take();
        self.leases.borrow_mut().end_all();
    }

    /// Stamps the leases, takes over those that were gained, and sets the timer for the next time.
    fn renew(&self) {
        let Some(owner) = self.owner.upgrade() else {
            return;
        };
        owner.look();
        let gained = self.leases.borrow_mut().renew(&pages(), now_ms());
        for page in gained {
            owner.gained(&page);
        }
        let is_waiting = self.leases.borrow().is_waiting();
        let delay = delay(if is_waiting { CLAIM_MS } else { STAMP_MS });
        let me = self.me.clone();
        let timer = Timeout::new(delay, move || {
            if let Some(table) = me.upgrade() {
                table.renew();
            }
        });
        self.timer.replace(Some(timer));
    }

    fn listen(&self) {
        let mut listeners = Vec::new();
        let mut on = |target: &EventTarget, kind, react: fn(&Self, &Event)| {
            let me = self.me.clone();
            listeners.push(Listener::new(target, kind, move |event| {
                if let Some(table) = me.upgrade() {
                    react(&table, &event);
                }
            }));
        };
        // A page that wakes stamps at once.
        on(&document(), "visibilitychange", |table, _| table.renew());
        on(&document(), "resume", |table, _| table.renew());
        on(&window(), "pageshow", |table, _| table.renew());
        // A page in the back/forward cache may come back. One that is left does not.
        on(&window(), "pagehide", |table, event| {
            if !is_set(event, "persisted") {
                table.leases.borrow_mut().end_all();
            }
        });
        // Another page has written.
        on(&window(), "storage", |table, event| {
            if !is_lease(&changed_key(event)) {
                return;
            }
            if is_set(event, "newValue") {
                if let Some(owner) = table.owner.upgrade() {
                    owner.look();
                }
            } else {
                // It was closed.
                table.renew();
            }
        });
        self.listeners.replace(listeners);
    }
}

fn is_set(event: &Event, property: &str) -> bool {
    Reflect::get(event, &property.into()).is_ok_and(|value| value.is_truthy())
}

/// Returns a delay in milliseconds as timers take it.
const fn delay(ms: i64) -> u32 {
    ms.unsigned_abs() as u32
}
