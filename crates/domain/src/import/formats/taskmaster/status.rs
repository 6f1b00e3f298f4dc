//! Mapping of statuses and priorities, in every spelling.

use tasktree_protocol::Status;

use super::super::words::spelled;

/// Maximum length of an unknown status quoted as the reason for a hold, in characters.
const MAX_STATUS_CHARS: usize = 60;

/// Status here for a status of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) status: Status,
    /// Reason why the task is on hold.
    pub(super) on_hold: Option<String>,
    /// True if nothing here shows the original status.
    pub(super) is_rounded: bool,
}

/// Returns the status here for a status of the file.
///
/// Deferred, cancelled and unknown statuses put the task on hold.
pub(super) fn standing(written: &str) -> Standing {
    let plain = |status, is_rounded| Standing {
        status,
        on_hold: None,
        is_rounded,
    };
    let held = |reason: String, is_rounded| Standing {
        status: Status::Unclaimed,
        on_hold: Some(reason),
        is_rounded,
    };
    match spelled(written).as_str() {
        "" | "pending" | "todo" | "open" => plain(Status::Unclaimed, false),
        "blocked" => plain(Status::Unclaimed, true),
        "inprogress" | "started" | "doing" => plain(Status::InProgress, false),
        "done" | "complete" | "completed" | "finished" => plain(Status::Completed, false),
        "review" => plain(Status::Completed, true),
        "deferred" => held("Deferred in Task Master".to_owned(), false),
        "cancelled" | "canceled" => held("Cancelled in Task Master".to_owned(), false),
        _ => {
            let visible = super::super::words::line(written).unwrap_or_default();
            let shown: String = visible.chars().take(MAX_STATUS_CHARS).collect();
            let reason = format!("Status '{shown}' in Task Master, which is unknown here");
            held(reason, shown != written)
        }
    }
}

/// Returns the board's number for a priority of the file, and false if that number does not show
/// the original.
///
/// `None` for an unknown priority.
pub(super) fn priority(written: &str, most: u32) -> Option<(u32, bool)> {
    match spelled(written).as_str() {
        "critical" => Some((1, true)),
        "urgent" | "highest" => Some((1, false)),
        "high" => Some((2, true)),
        "medium" => Some((3, true)),
        "normal" => Some((3, false)),
        "low" => Some((4, true)),
        "lowest" => Some((4, false)),
        "" | "none" => Some((0, true)),
        _ => {
            let number = written.trim().parse().ok();
            number
                .filter(|number| *number <= most)
                .map(|number| (number, true))
        }
    }
}
