//! The person's way through the inbox: the list shown, and the chosen item.

use leptos::prelude::*;
use tasktree_protocol::attention::{AttentionItem, AttentionKind};
use web_sys::UrlSearchParams;

use crate::address::use_address;
use crate::state::{AttentionState, use_attention};

/// List of the inbox, by the person's marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// Neither done nor snoozed.
    Open,
    /// Snoozed for now.
    Snoozed,
    /// Marked as done, while its cause lasts.
    Done,
}

impl Tab {
    /// All lists.
    pub const ALL: [Self; 3] = [Self::Open, Self::Snoozed, Self::Done];
}

/// Group of a list: kinds of items that a person handles in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Agents that wait for a person.
    NeedsYou,
    /// Agents that failed.
    Failed,
    /// Agents that are silent, or make no progress.
    Stuck,
    /// Overlapping leases.
    Conflicts,
    /// Evidence that is contradicted.
    Review,
    /// Tasks that nobody claims.
    Ready,
}

impl Group {
    /// Returns the group of a kind.
    pub const fn of(kind: AttentionKind) -> Self {
        match kind {
            AttentionKind::Waiting => Self::NeedsYou,
            AttentionKind::Failed => Self::Failed,
            AttentionKind::Silent | AttentionKind::NoProgress => Self::Stuck,
            AttentionKind::LeaseConflict => Self::Conflicts,
            AttentionKind::Contradicted => Self::Review,
            AttentionKind::ReadyUnclaimed => Self::Ready,
        }
    }
}

/// Handle to the state of the inbox. It can be copied into callbacks.
#[derive(Clone, Copy, Debug)]
pub struct InboxView {
    attention: AttentionState,
    /// List that is shown.
    pub tab: RwSignal<Tab>,
    /// Items of that list, in order.
    pub shown: Memo<Vec<AttentionItem>>,
    /// Chosen item. It stays when it is no longer open, until another is chosen.
    pub item: Memo<Option<AttentionItem>>,
    /// Set while a narrow window shows the item, and not the list.
    pub is_reading: RwSignal<bool>,
    chosen: RwSignal<Option<u64>>,
}

/// Creates the state of the inbox. The item that the address names is chosen.
pub fn provide_inbox() -> InboxView {
    let attention = use_attention();
    let tab = RwSignal::new(Tab::Open);
    let chosen = RwSignal::new(None);
    let shown = Memo::new(move |_| {
        let mut items = attention.items();
        items.retain(|item| tab_of(attention, item) == tab.get());
        items
    });
    let item = Memo::new(move |last: Option<&Option<AttentionItem>>| {
        let items = attention.items();
        match chosen.get() {
            None => shown.with(|items| items.first().cloned()),
            Some(id) => {
                let found = items.into_iter().find(|item| item.id == id);
                found.or_else(|| last.cloned().flatten().filter(|item| item.id == id))
            }
        }
    });
    let inbox = InboxView {
        attention,
        tab,
        shown,
        item,
        is_reading: RwSignal::new(false),
        chosen,
    };
    let query = use_address().query;
    Effect::new(move |_| {
        if let Some(id) = query.with(|query| named(query)) {
            inbox.open(id);
        }
    });
    inbox
}

/// Returns the item that the query of an address names.
fn named(query: &str) -> Option<u64> {
    let query = UrlSearchParams::new_with_str(query).ok()?;
    query.get("item")?.parse().ok()
}

fn tab_of(attention: AttentionState, item: &AttentionItem) -> Tab {
    if item.done {
        Tab::Done
    } else if attention.is_due(item) {
        Tab::Open
    } else {
        Tab::Snoozed
    }
}

impl InboxView {
    /// Returns the number of items in a list. Tracked.
    pub fn count(self, tab: Tab) -> u64 {
        let items = self.attention.items();
        let inside = items
            .iter()
            .filter(|item| tab_of(self.attention, item) == tab);
        inside.count() as u64
    }

    /// Shows a list, and its first item.
    pub fn show(self, tab: Tab) {
        self.tab.set(tab);
        self.chosen.set(None);
    }

    /// Chooses an item.
    pub fn choose(self, id: u64) {
        self.chosen.set(Some(id));
    }

    /// Chooses an item and, in a narrow window, shows it in place of the list.
    pub fn open(self, id: u64) {
        self.choose(id);
        self.is_reading.set(true);
    }

    /// Returns the position of the chosen item in the list. Tracked.
    pub fn position(self) -> Option<usize> {
        let id = self.item.with(|item| item.as_ref().map(|item| item.id))?;
        self.shown
            .with(|items| items.iter().position(|item| item.id == id))
    }

    /// Returns true if the chosen item is no longer open. Tracked.
    pub fn is_resolved(self) -> bool {
        self.item.with(|item| {
            item.as_ref().is_some_and(|item| {
                let items = self.attention.items();
                !items.iter().any(|other| other.id == item.id)
            })
        })
    }

    /// Chooses the item `step` places further, if there is one. Returns it.
    pub fn step(self, step: isize) -> Option<u64> {
        let id = untrack(|| {
            let at = match self.position() {
                Some(at) => at.checked_add_signed(step)?,
                None => 0,
            };
            self.shown.with(|items| items.get(at).map(|item| item.id))
        })?;
        self.choose(id);
        Some(id)
    }

    /// Chooses the neighbor of an item that is about to leave the list.
    pub fn leave(self) {
        if self.step(1).is_none() && self.step(-1).is_none() {
            self.is_reading.set(false);
        }
    }
}
