//! Notices of what newly needs attention: announcements, notifications on the desktop, and a dot on
//! the icon of the page.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use tasktree_protocol::attention::AttentionItem;

use crate::address::{Address, Route, address_of, use_address};
use crate::browser::desktop_notification::DesktopNotification;
use crate::browser::page_is_visible;
use crate::components::common::attention_words::state_name;
use crate::components::shell::notify::wants_notifications;
use crate::i18n::{I18n, use_i18n};
use crate::state::{Load, use_attention};
use crate::ui::announce;

/// Time for which new items are collected, so that an outage is one announcement, in milliseconds.
const COLLECT_MS: u32 = 300;

/// Icon of the page with a dot. The icon without one is in index.html.
const DOTTED: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%234f7fd9' d='M1 2h4v12H1zM6 2h4v8H6zM11 2h4v5h-4z'/%3E%3Ccircle cx='12' cy='12' r='4' fill='%23d9480f'/%3E%3C/svg%3E";

/// Announces items that the person has not seen on this page, and keeps the dot on its icon.
pub(super) fn show_attention() {
    let attention = use_attention();
    let count = Memo::new(move |_| attention.count());
    let plain = icon().and_then(|icon| icon.get_attribute("href"));
    Effect::new(move |_| {
        let wanted = match count.get() {
            0 => plain.as_deref(),
            _ => Some(DOTTED),
        };
        if let (Some(icon), Some(wanted)) = (icon(), wanted) {
            // `href` is a valid attribute name, the only thing that could fail.
            drop(icon.set_attribute("href", wanted));
        }
    });
    let news = Rc::new(News::new(use_i18n(), use_address()));
    // The items that this page knows, once it knows any.
    Effect::new(move |known: Option<Option<HashSet<u64>>>| {
        if !attention.load().with(Load::is_ready) {
            return known.flatten();
        }
        let items = attention.items();
        if let Some(known) = known.flatten() {
            let is_new = |item: &&AttentionItem| !known.contains(&item.id);
            let new = items.iter().filter(is_new);
            news.add(new.filter(|item| attention.is_due(item)).cloned());
        }
        news.keep(|id| {
            items
                .iter()
                .any(|item| item.id == id && attention.is_due(item))
        });
        Some(items.iter().map(|item| item.id).collect())
    });
}

fn icon() -> Option<web_sys::Element> {
    document().query_selector("link[rel=icon]").ok().flatten()
}

/// New items that are about to be announced together.
struct News {
    i18n: I18n,
    address: Address,
    items: RefCell<Vec<AttentionItem>>,
    due: Cell<Option<Timeout>>,
    /// Notifications on the desktop, by item.
    shown: RefCell<HashMap<u64, DesktopNotification>>,
}

impl News {
    fn new(i18n: I18n, address: Address) -> Self {
        Self {
            i18n,
            address,
            items: RefCell::default(),
            due: Cell::new(None),
            shown: RefCell::default(),
        }
    }

    /// Withdraws what is told, or about to be told, about items that are over.
    fn keep(&self, is_open: impl Fn(u64) -> bool) {
        self.items.borrow_mut().retain(|item| is_open(item.id));
        self.shown.borrow_mut().retain(|id, _| is_open(*id));
    }

    fn add(self: &Rc<Self>, items: impl Iterator<Item = AttentionItem>) {
        let mut collected = self.items.borrow_mut();
        let was_empty = collected.is_empty();
        collected.extend(items);
        if was_empty && !collected.is_empty() {
            let this = Rc::clone(self);
            let due = Timeout::new(COLLECT_MS, move || this.tell());
            self.due.set(Some(due));
        }
    }

    fn tell(&self) {
        let items = self.items.take();
        let Some(first) = items.first() else {
            return;
        };
        let i18n = self.i18n;
        let said = untrack(|| match items.len() {
            1 => i18n.t(|s| s.attention.announced)(state_name(i18n, first), &about(first)),
            count => i18n.count(|s| s.attention.announced_more, count as u64),
        });
        announce(&said);
        if page_is_visible() || !wants_notifications() {
            return;
        }
        for item in items {
            let title = untrack(|| state_name(i18n, &item));
            let (address, id) = (self.address, item.id);
            let tag = format!("tasktree-{id}");
            let open = move || address.go(&format!("{}?item={id}", address_of(&Route::Inbox)));
            if let Some(shown) = DesktopNotification::show(title, &about(&item), &tag, open) {
                self.shown.borrow_mut().insert(id, shown);
            }
        }
    }
}

/// Returns the agent and the words of an item.
fn about(item: &AttentionItem) -> String {
    let agent = item.agent.as_ref().map(|agent| agent.as_str());
    let parts = [agent.unwrap_or_default(), item.project.as_str(), &item.text];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
