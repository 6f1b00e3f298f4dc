//! Notifications of all projects, kept in a list of fixed length.

use std::collections::VecDeque;

use leptos::prelude::*;
use tasktree_protocol::event::Notification;
use tasktree_protocol::{Event, Message, ProjectId, Timestamp};

use crate::later::when_here;
use crate::net::use_websocket;

/// Notifications that are kept.
pub const KEPT_NOTIFICATIONS: usize = 200;

/// One notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationItem {
    /// Its place among all that came to this page: a key for lists.
    pub index: u64,
    /// When it was sent.
    pub at: Timestamp,
    /// Of which project; of the whole system where there is none.
    pub project: Option<ProjectId>,
    /// What it says.
    pub content: Notification,
}

/// The notifications of this page.
#[derive(Clone, Copy, Debug)]
pub struct Notifications {
    /// Newest first.
    pub items: Signal<VecDeque<NotificationItem>>,
    /// How many came since the list was last looked at.
    pub unread: Signal<usize>,
    list: RwSignal<VecDeque<NotificationItem>>,
    new: RwSignal<usize>,
}

impl Notifications {
    /// The list was looked at.
    pub fn mark_read(&self) {
        self.new.set(0);
    }

    /// Forgets all of them.
    pub fn clear(&self) {
        self.list.update(VecDeque::clear);
        self.mark_read();
    }
}

/// Keeps notifications for everything below the current owner, from now on.
pub fn provide_notifications() -> Notifications {
    let list = RwSignal::new(VecDeque::new());
    let new = RwSignal::new(0_usize);
    let notifications = Notifications {
        items: list.into(),
        unread: new.into(),
        list,
        new,
    };
    provide_context(notifications);
    when_here(move |parts| (parts.follow_notifications)(notifications));
    notifications
}

/// Takes in every notification that comes.
pub(crate) fn follow_notifications(notifications: Notifications) {
    let Notifications { list, new, .. } = notifications;
    let next = StoredValue::new(0_u64);
    let hear = move |message: &Message| {
        let Event::Notification(content) = &message.event else {
            return;
        };
        let index = next.get_value();
        next.set_value(index + 1);
        let (at, project, content) = (
            message.timestamp,
            message.project_id.clone(),
            content.clone(),
        );
        list.update(|list| {
            list.push_front(NotificationItem {
                index,
                at,
                project,
                content,
            });
            list.truncate(KEPT_NOTIFICATIONS);
        });
        new.update(|count| *count += 1);
    };
    use_websocket().on_message(hear).forget();
}

/// The notifications of this page.
///
/// # Panics
/// Where [`provide_notifications`] was not called above.
#[must_use]
#[track_caller]
pub fn use_notifications() -> Notifications {
    expect_context()
}
