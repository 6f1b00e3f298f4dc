//! The look of a message for each level of the server.

use tasktree_protocol::event::Level as EventLevel;

use crate::ui::Level;

/// Returns the toast level for a level of the server.
pub(crate) const fn toast_level(level: EventLevel) -> Level {
    match level {
        EventLevel::Debug | EventLevel::Info => Level::Info,
        EventLevel::Success => Level::Success,
        EventLevel::Warning => Level::Warning,
        EventLevel::Error => Level::Error,
    }
}
