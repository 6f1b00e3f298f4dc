//! Work that is due by the clock: expired leases, silent agents, attention items, old kept answers,
//! and the end of the trash.

use std::collections::BTreeMap;
use std::time::Duration;

use tasktree_protocol::agent::{BUSY_SILENT_AFTER_MS, RESTING_SILENT_AFTER_MS, SILENT_AFTER_MS};
use tasktree_protocol::{AgentId, ProjectId, StreamId, Timestamp};

use super::{Service, WriteContext, every};
use crate::auth::{Permission, Target};
use crate::domain::{agent, lease};
use crate::error::{Error, Result};
use crate::limits::{
    CHANGES_DROPPED_AT_ONCE, CHANGES_DROPS_IN_A_ROW, LEFTOVERS_BYTES_AT_ONCE,
    LEFTOVERS_DROPPED_AT_ONCE, LEFTOVERS_PARTS_A_SWEEP, READY_CHECKED_EVERY_MS,
    RESET_PARTS_A_SWEEP, SILENT_AT_ONCE, TRASH_MS,
};
use crate::store::{Read, SilentSince};

/// Interval between sweeps.
pub(super) const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// Longest time between two sweeps, in milliseconds, in which the server counts as listening.
///
/// A longer one means that the server stood still, the machine slept, or its clock was set.
const PAUSE_MS: i64 = 10_000;

/// Start of the sweeps that have followed each other without a pause and without a jump of the
/// clock.
#[derive(Debug, Default)]
struct Unbroken {
    since: i64,
    last: i64,
}

impl Unbroken {
    /// Adds the time of one more sweep; returns the start.
    fn step(&mut self, now: i64) -> i64 {
        if !(0..=PAUSE_MS).contains(&(now - self.last)) {
            self.since = now;
        }
        self.last = now;
        self.since
    }
}

/// Work that is due.
struct Due {
    leases: Vec<ProjectId>,
    silent: BTreeMap<ProjectId, Vec<AgentId>>,
    answers: bool,
    kept: bool,
    child_runs: bool,
    changes: bool,
    resets: Vec<ProjectId>,
}

impl Service {
    /// Does all work that is due at the service's clock, once. It writes only if something is due.
    ///
    /// # Errors
    /// If the store fails; the work stays due.
    pub async fn sweep(&self) -> Result<()> {
        self.sweep_after(i64::MIN, true).await
    }

    /// Sweeps for a server that has been listening since `since`, in milliseconds since 1970.
    ///
    /// An agent that could not be heard was not silent. By a clock that has just been set nothing
    /// is removed for good.
    async fn sweep_after(&self, since: i64, checks_ready: bool) -> Result<()> {
        if let Some(millis) = self.inner.setting.back_since(self.moment()) {
            self.set_back(millis).await?;
        }
        let now = self.now().unix_millis(0);
        let is_first_look = self.inner.setting.is_first_look();
        let changes_until = now - self.limits().history_ms();
        let change_bytes = self.limits().change_bytes_per_project;
        let has_listened = since <= now - SILENT_AFTER_MS;
        let due = self
            .read(Target::Everything, move |rows| {
                let mut silent: BTreeMap<ProjectId, Vec<AgentId>> = BTreeMap::new();
                if has_listened {
                    let since = SilentSince {
                        usual: now - SILENT_AFTER_MS,
                        busy: now - BUSY_SILENT_AFTER_MS,
                        resting: now - RESTING_SILENT_AFTER_MS,
                    };
                    for (project, agent) in rows.agents_not_heard(&since, now)? {
                        silent.entry(project).or_default().push(agent);
                    }
                }
                let mut leases = rows.projects_with_leases_until(now)?;
                if is_first_look {
                    let mut all = rows.projects_with_leases_until(i64::MAX)?;
                    all.retain(|id| has_ended_leases(rows, id, now).unwrap_or_default());
                    leases = all;
                }
                Ok(Due {
                    leases,
                    silent,
                    resets: rows.projects_with_resets()?,
                    answers: rows.has_answers_until(now)?,
                    changes: has_listened
                        && rows.has_changes_to_drop(changes_until, change_bytes)?,
                    child_runs: has_listened
                        && rows.has_child_runs_until(now - BUSY_SILENT_AFTER_MS)?,
                    kept: has_listened && rows.has_trash_until(now - TRASH_MS)?,
                })
            })
            .await?;
        for project in due.leases {
            self.write(
                WriteContext::server(),
                Permission::Speak,
                StreamId::project(&project),
                move |change| unless_gone(lease::expire(change, &project)),
            )
            .await?;
        }
        for (project, agents) in due.silent {
            for agents in agents.chunks(SILENT_AT_ONCE) {
                let (project, agents) = (project.clone(), agents.to_vec());
                self.write(
                    WriteContext::server(),
                    Permission::Speak,
                    StreamId::project(&project),
                    move |change| unless_gone(agent::fall_silent(change, &project, &agents)),
                )
                .await?;
            }
        }
        if due.answers {
            self.keep(move |change| change.tx.delete_answers_until(now))
                .await?;
        }
        if due.changes {
            self.drop_changes(changes_until, change_bytes).await?;
        }
        if due.child_runs {
            self.keep(move |change| agent::end_children_until(change, now - BUSY_SILENT_AFTER_MS))
                .await?;
        }
        if due.kept {
            self.keep(move |change| change.tx.purge_trash_until(now - TRASH_MS))
                .await?;
        }
        for project in due.resets {
            for _ in 0..RESET_PARTS_A_SWEEP {
                if !self.settle_reset(&project).await? {
                    break;
                }
            }
        }
        self.sweep_imports().await?;
        let ready = checks_ready && has_listened;
        self.sweep_attention(since, ready).await?;
        self.drop_leftovers().await
    }

    /// Removes leftover rows of projects that are gone for good, in parts between which others
    /// write.
    async fn drop_leftovers(&self) -> Result<()> {
        for _ in 0..LEFTOVERS_PARTS_A_SWEEP {
            let more = self.read(Target::Everything, |rows| rows.has_leftovers());
            if !more.await? {
                break;
            }
            self.keep(|change| {
                let (rows, bytes) = (LEFTOVERS_DROPPED_AT_ONCE, LEFTOVERS_BYTES_AT_ONCE);
                change.tx.drop_leftovers(rows, bytes)
            })
            .await?;
        }
        Ok(())
    }

    /// Drops change records that are too old or too many, in short transactions.
    async fn drop_changes(&self, until: i64, most: u64) -> Result<()> {
        for _ in 0..CHANGES_DROPS_IN_A_ROW {
            let more = self
                .keep(move |change| change.tx.drop_changes(until, most, CHANGES_DROPPED_AT_ONCE));
            if !more.await? {
                break;
            }
        }
        Ok(())
    }

    /// Moves the deadlines of leases and kept answers with a clock that was set back, or forward by
    /// a negative number.
    ///
    /// So they last as long as they would have.
    async fn set_back(&self, millis: i64) -> Result<()> {
        tracing::warn!(back_millis = millis, "the system clock was changed");
        self.keep(move |change| change.tx.set_answers_back(millis))
            .await?;
        let holding = self.read(Target::Everything, |rows| {
            rows.projects_with_leases_until(i64::MAX)
        });
        for project in holding.await? {
            self.write(
                WriteContext::server(),
                Permission::Speak,
                StreamId::project(&project),
                move |change| unless_gone(lease::set_back(change, &project, millis)),
            )
            .await?;
        }
        Ok(())
    }

    /// Sweeps every [`SWEEP_EVERY`], forever: the caller spawns it, and drops it to stop.
    pub async fn run_sweeper(self) {
        let failed = "scheduled work failed";
        let mut unbroken = Unbroken::default();
        let mut ready_checked = i64::MIN;
        every(SWEEP_EVERY, failed, || {
            let now = self.now().unix_millis(0);
            let checks_ready = now.saturating_sub(ready_checked) >= READY_CHECKED_EVERY_MS;
            if checks_ready {
                ready_checked = now;
            }
            self.sweep_after(unbroken.step(now), checks_ready)
        })
        .await;
    }
}

/// Returns true if a project has leases that are over.
fn has_ended_leases(rows: &dyn Read, project: &ProjectId, now: i64) -> Result<bool> {
    let now = Timestamp::from_unix_millis(now);
    let leases = rows.leases(project)?;
    Ok(leases.iter().any(|lease| lease::has_ended(lease, now)))
}

/// Accepts `NotFound`: the project may have been removed since it was found.
pub(super) fn unless_gone(outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(Error::NotFound(_)) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_slept_or_had_the_clock_set_has_listened_since_then_only() {
        let mut unbroken = Unbroken::default();
        let steps = [
            (50_000, 50_000),
            (51_000, 50_000),
            (61_000, 50_000),
            (71_001, 71_001),
            (72_000, 71_001),
            (71_999, 71_999),
            (72_999, 71_999),
        ];
        for (now, since) in steps {
            assert_eq!(unbroken.step(now), since, "at {now}");
        }
    }
}
