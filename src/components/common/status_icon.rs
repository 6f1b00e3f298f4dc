//! The shape of a status: color is never its only sign.

use tasktree_protocol::Status;

use crate::ui::IconName;

/// Returns the icon of a status.
pub const fn status_icon(status: Status) -> IconName {
    match status {
        Status::Unclaimed => IconName::Ring,
        Status::UpNext => IconName::Next,
        Status::InProgress => IconName::Half,
        Status::Completed => IconName::Done,
        Status::Merged => IconName::Merge,
    }
}
