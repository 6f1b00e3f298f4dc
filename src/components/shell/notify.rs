//! The choice to be notified on the desktop, which this browser stores.

use crate::browser::desktop_notification::{Permission, notification_permission};
use crate::browser::storage;

/// Storage key of the choice.
const KEY: &str = "tasktree.notify";

/// Returns true if the person wants notifications, and the browser shows them.
pub fn wants_notifications() -> bool {
    storage::load(KEY).is_some() && notification_permission() == Permission::Granted
}

/// Stores the choice.
pub fn keep_notifications(wanted: bool) {
    storage::save(KEY, wanted.then_some("on"));
}
