//! Effects of a status change on the other fields.

use tasktree_protocol::{Status, Task, Timestamp};

/// Moves a task to a status, and updates its times, session and evidence to match.
///
/// Returns true if the status changed.
pub(crate) fn set_status(task: &mut Task, status: Status, now: Timestamp) -> bool {
    let changed = task.status != status;
    if changed || task.status_changed_at.is_none() {
        task.status_changed_at = Some(now);
    }
    task.status = status;
    if changed {
        // Only a merge by git names a commit, and it sets it after this.
        task.merge_commit = None;
    }
    if !status.is_done() {
        // They belong to a completion that no longer counts; the record of attempts keeps them.
        task.evidence = None;
        task.verdict = None;
    }
    match status {
        // Nobody works on it.
        Status::Unclaimed | Status::UpNext => {
            if changed {
                task.session = None;
            }
            task.completed_at = None;
            task.merged_at = None;
        }
        Status::InProgress => {
            task.completed_at = None;
            task.merged_at = None;
        }
        Status::Completed => {
            task.completed_at.get_or_insert(now);
            task.merged_at = None;
        }
        Status::Merged => {
            task.completed_at.get_or_insert(now);
            task.merged_at.get_or_insert(now);
        }
    }
    changed
}
