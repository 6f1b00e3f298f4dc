//! Leases on files: claims for a limited time. They are advisory: an overlap is granted and
//! reported.

mod grant;
mod overlap;
mod request;
pub(super) mod spelling;

use tasktree_protocol::agent::{FileLocks, Lease};
use tasktree_protocol::{AgentId, Event, ProjectId, Timestamp};

use super::change::EventContext;
use super::{Change, agent};
use crate::error::{Error, Result};
use crate::limits::{CLOCK_SLACK_MS, LEASE_DEPTH, Limits};
use crate::record::{Clashes, TouchedLeases};
use crate::store::Read;
pub use grant::grant;
use request::check_ttl;
pub use request::{DEFAULT_TTL_SECONDS, LeaseRequest, SOFT_TTL_SECONDS};

/// Returns an absolute path relative to the project's folder; none if it is not in it, or is too
/// long for a lease.
pub(super) fn path_inside(path: &str, folder: &str, limits: &Limits) -> Option<String> {
    spelling::depth(path, folder)?;
    let inside = spelling::relative(path, folder).ok()?;
    let fits = inside.chars().count() <= limits.list_entry_chars
        && path.chars().count() <= limits.list_entry_chars
        && inside.split('/').count() <= LEASE_DEPTH;
    (fits && inside != ".").then_some(inside)
}

/// Extends a lease from now on.
pub fn renew(
    change: &mut Change<'_>,
    project: &ProjectId,
    id: u64,
    ttl_seconds: u64,
) -> Result<Lease> {
    change.require(project)?;
    check_ttl(ttl_seconds, change.limits)?;
    let mut lease = find(change, project, id)?;
    require_voice_of_holder(change, project, &lease)?;
    let before = lease.clone();
    lease.expires_at = after(change.now, ttl_seconds);
    change.tx.put_lease(project, &before, &lease)?;
    let all = emit_leases(change, project)?;
    all.into_iter()
        .find(|lease| lease.id == id)
        .ok_or_else(|| no_lease(id))
}

/// Ends a lease.
pub fn release(change: &mut Change<'_>, project: &ProjectId, id: u64) -> Result<()> {
    change.require(project)?;
    let lease = find(change, project, id)?;
    require_voice_of_holder(change, project, &lease)?;
    change.tx.delete_lease(project, &lease)?;
    emit_leases(change, project).map(drop)
}

/// Ends the leases of an agent.
pub(super) fn release_of(
    change: &mut Change<'_>,
    project: &ProjectId,
    agent: &AgentId,
) -> Result<()> {
    release_where(change, project, |lease| lease.agent == *agent)
}

/// Ends the soft leases of a run.
pub(super) fn release_of_run(change: &mut Change<'_>, project: &ProjectId, run: u64) -> Result<()> {
    release_where(change, project, |lease| {
        lease.soft && lease.run == Some(run)
    })
}

/// Ends all leases of a project.
pub(super) fn release_all(change: &mut Change<'_>, project: &ProjectId) -> Result<()> {
    release_where(change, project, |_| true)
}

/// Ends the expired leases.
pub fn expire(change: &mut Change<'_>, project: &ProjectId) -> Result<()> {
    let now = change.now;
    release_where(change, project, |lease| has_ended(lease, now))
}

/// Shifts all leases after the clock was set back by `millis`, or forward if negative.
///
/// Each lasts as long as it would have.
pub fn set_back(change: &mut Change<'_>, project: &ProjectId, millis: i64) -> Result<()> {
    change.require(project)?;
    let earlier = |at: Timestamp| Timestamp::from_unix_millis(at.unix_millis(0) - millis);
    for mut lease in change.tx.leases(project)? {
        let before = lease.clone();
        lease.granted_at = earlier(lease.granted_at);
        lease.expires_at = earlier(lease.expires_at);
        change.tx.put_lease(project, &before, &lease)?;
    }
    expire(change, project)?;
    emit_leases(change, project).map(drop)
}

fn release_where(
    change: &mut Change<'_>,
    project: &ProjectId,
    ends: impl Fn(&Lease) -> bool,
) -> Result<()> {
    let mut leases = change.tx.leases(project)?;
    if end_where(change, project, &mut leases, ends)? {
        emit_leases(change, project).map(drop)
    } else {
        Ok(())
    }
}

/// Removes the matching leases without emitting an event; returns true if there were any.
fn end_where(
    change: &mut Change<'_>,
    project: &ProjectId,
    leases: &mut Vec<Lease>,
    ends: impl Fn(&Lease) -> bool,
) -> Result<bool> {
    let (ended, rest) = std::mem::take(leases).into_iter().partition(|it| ends(it));
    *leases = rest;
    let ended: Vec<Lease> = ended;
    for lease in &ended {
        change.tx.delete_lease(project, lease)?;
    }
    Ok(!ended.is_empty())
}

/// Returns the leases that have not expired, with their conflicts.
pub(super) fn held(rows: &dyn Read, project: &ProjectId, now: Timestamp) -> Result<Vec<Lease>> {
    Ok(compared(rows, project, now)?.0)
}

/// Returns the pairs of agents with conflicting leases.
pub(super) fn clashes(rows: &dyn Read, project: &ProjectId, now: Timestamp) -> Result<Clashes> {
    Ok(compared(rows, project, now)?.1)
}

fn compared(rows: &dyn Read, project: &ProjectId, now: Timestamp) -> Result<(Vec<Lease>, Clashes)> {
    let mut leases = rows.leases(project)?;
    leases.retain(|lease| !has_ended(lease, now));
    let clashes = overlap::fill_conflicts(&mut leases);
    Ok((leases, clashes))
}

/// Emits the list of leases with their holders, and returns it.
fn emit_leases(change: &mut Change<'_>, project: &ProjectId) -> Result<Vec<Lease>> {
    let (leases, clashes) = compared(&*change.tx, project, change.now)?;
    change.tx.touch(project).leases = TouchedLeases::Compared(clashes);
    let holder = |lease: &Lease| (lease.path.clone(), lease.agent.to_string());
    let locks = FileLocks {
        locks: leases.iter().map(holder).collect(),
        leases: leases.clone(),
    };
    change.emit(
        Some(project),
        Event::FileLocksUpdate(locks),
        EventContext::default(),
    )?;
    Ok(leases)
}

fn find(change: &Change<'_>, project: &ProjectId, id: u64) -> Result<Lease> {
    let mut leases = change.tx.leases(project)?.into_iter();
    leases
        .find(|lease| lease.id == id && !has_ended(lease, change.now))
        .ok_or_else(|| no_lease(id))
}

fn require_voice_of_holder(change: &Change<'_>, project: &ProjectId, lease: &Lease) -> Result<()> {
    match change.tx.agent(project, &lease.agent)? {
        Some(holder) => agent::require_voice_of(change, &holder),
        // Leases end with their agents.
        None => Ok(()),
    }
}

fn no_lease(id: u64) -> Error {
    Error::NotFound(format!(
        "Lease {id} not found: it was released or has expired"
    ))
}

/// Returns true if a lease has expired.
///
/// One granted in the future comes from a clock that was set back unnoticed: its intended duration
/// is unknown.
pub fn has_ended(lease: &Lease, now: Timestamp) -> bool {
    let now = now.unix_millis(0);
    let is_from_the_future = lease.granted_at.unix_millis(0) > now + CLOCK_SLACK_MS;
    lease.expires_at.unix_millis(0) <= now || is_from_the_future
}

fn after(now: Timestamp, seconds: u64) -> Timestamp {
    let millis = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
    Timestamp::from_unix_millis(now.unix_millis(0).saturating_add(millis))
}
