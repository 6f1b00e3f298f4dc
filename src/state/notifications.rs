//! Notifications of all projects, kept in a list of fixed length.

use std::collections::VecDeque;

use leptos::prelude::*;
use tasktree_protocol::event::Notification;
use tasktree_protocol::{Event, Message, ProjectId, Timestamp};

use crate::net::use_websocket;

/// Number of notifications that are kept.
pub const KEPT_NOTIFICATIONS: usize = 200;

/// Notification with its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationItem {
    /// Number of the notification among all received by this page, a key for lists.
    pub index: u64,
    /// Time at which it was sent.
    pub at: Timestamp,
    /// Project of the notification; `None` if it concerns the whole system.
    pub project: Option<ProjectId>,
    /// Content of the notification.
    pub content: Notification,
}

/// Notifications of this page.
#[derive(Clone, Copy, Debug)]
pub struct Notifications {
    /// Notifications, newest first.
    pub items: Signal<VecDeque<NotificationItem>>,
    /// Number of notifications received since the list was last opened.
    pub unread: Signal<usize>,
    list: RwSignal<VecDeque<NotificationItem>>,
    new: RwSignal<usize>,
}

impl Notifications {
    /// Marks all notifications as read.
    pub fn mark_read(&self) {
        self.new.set(0);
    }

    /// Removes all notifications.
    pub fn clear(&self) {
        self.list.update(VecDeque::clear);
        self.mark_read();
    }
}

/// Collects notifications for everything below the current owner, from now on.
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
    follow(notifications);
    notifications
}

/// Adds every notification that arrives.
fn follow(notifications: Notifications) {
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

/// Returns the notifications of this page.
///
/// # Panics
/// If [`provide_notifications`] was not called above.
#[must_use]
#[track_caller]
pub fn use_notifications() -> Notifications {
    expect_context()
}
