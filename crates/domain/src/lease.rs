//! Leases on files: claims for a limited time. They are advisory: an overlap is granted and
//! reported.

mod overlap;
mod spelling;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tasktree_protocol::agent::{FileLocks, Lease};
use tasktree_protocol::{AgentId, Event, ProjectId, Timestamp};

use super::change::EventContext;
use super::validate::Checks;
use super::{Change, agent};
use crate::error::{Error, Result};
use crate::limits::{CLOCK_SLACK_MS, LEASE_DEPTH, Limits};
use crate::store::{Read, Signs, StoredAgent};

/// Duration of a lease if the request names none, in seconds.
pub const DEFAULT_TTL_SECONDS: u64 = 15 * 60;

/// Maximum duration of a soft lease, in seconds.
pub const SOFT_TTL_SECONDS: u64 = 15 * 60;

/// Leases to be granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NewLeases)]
pub struct LeaseRequest {
    /// Holder of the leases; it must be registered.
    pub agent: AgentId,
    /// Paths or glob patterns.
    pub paths: Vec<String>,
    /// True if other agents should stay away.
    #[serde(default = "exclusive_by_default")]
    #[schema(value_type = Option<bool>)]
    pub exclusive: bool,
    /// Duration of the leases.
    #[serde(default = "default_ttl")]
    #[schema(value_type = Option<u64>)]
    pub ttl_seconds: u64,
    /// Reason, in the agent's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// True for soft leases, which a hook takes while an agent edits.
    ///
    /// Each is of one run and path, for at most 15 minutes. They have their own limit,
    /// beyond which the one that ends first is dropped.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub soft: bool,
    /// Run of the agent that takes soft leases; its current one if left out.
    #[serde(default)]
    pub run: Option<u64>,
}

fn exclusive_by_default() -> bool {
    true
}

fn default_ttl() -> u64 {
    DEFAULT_TTL_SECONDS
}

/// Grants leases on paths.
pub fn grant(
    change: &mut Change<'_>,
    project: &ProjectId,
    request: &LeaseRequest,
) -> Result<Vec<Lease>> {
    let folder = change.project(project)?.path;
    let paths = check(request, &folder, change.limits)?;
    let mut holder = change.agent(project, &request.agent)?;
    agent::require_voice_of(change, &holder)?;
    let run = run_of(change, project, request, &holder)?;
    holder.signs = holder.signs.with(Signs::LEASE);
    agent::mark_heard(change, project, &mut holder)?;
    let ttl_seconds = match request.soft {
        true => request.ttl_seconds.min(SOFT_TTL_SECONDS),
        false => request.ttl_seconds,
    };
    let expires_at = after(change.now, ttl_seconds);
    let mut all = change.tx.leases(project)?;
    let mut granted = Vec::new();
    for path in paths {
        let own = |held: &Lease| {
            held.agent == request.agent && spelling::fold(&held.path) == spelling::fold(&path)
        };
        if let Some(firm) = all
            .iter()
            .find(|held| request.soft && !held.soft && own(held))
        {
            // The agent asked for this lease itself, with its own duration.
            granted.push(firm.id);
            continue;
        }
        let is_same = |held: &Lease| own(held) && (held.soft, held.run) == (request.soft, run);
        if let Some(held) = all.iter_mut().find(|held| is_same(held)) {
            let before = held.clone();
            held.expires_at = expires_at;
            held.exclusive = request.exclusive;
            held.reason.clone_from(&request.reason);
            change.tx.put_lease(project, &before, held)?;
            granted.push(held.id);
            continue;
        }
        if !request.soft {
            end_where(change, project, &mut all, |held| held.soft && own(held))?;
        }
        make_room(change, project, &mut all, request.soft)?;
        let mut lease = Lease {
            id: 0,
            agent: request.agent.clone(),
            path,
            exclusive: request.exclusive,
            reason: request.reason.clone(),
            granted_at: change.now,
            expires_at,
            conflicts: Vec::new(),
            soft: request.soft,
            run,
        };
        lease.id = change.tx.add_lease(project, &lease)?;
        granted.push(lease.id);
        all.push(lease);
    }
    let mut all = emit_leases(change, project)?;
    all.retain(|lease| granted.contains(&lease.id));
    Ok(all)
}

/// Returns the run that takes soft leases.
fn run_of(
    change: &Change<'_>,
    project: &ProjectId,
    request: &LeaseRequest,
    holder: &StoredAgent,
) -> Result<Option<u64>> {
    match request.run.filter(|_| request.soft) {
        None if request.soft => Ok(holder.agent.run.as_ref().map(|run| run.id)),
        None => Ok(None),
        Some(run) => match change.tx.run(project, &request.agent, run)? {
            Some(found) => Ok(Some(found.id)),
            None => Err(Error::invalid(
                "run",
                "unknown_run",
                "is not a run of this agent",
                run,
            )),
        },
    }
}

/// Makes room for one more lease: drops the soft one that ends first, but refuses a further firm
/// one.
fn make_room(
    change: &mut Change<'_>,
    project: &ProjectId,
    all: &mut Vec<Lease>,
    soft: bool,
) -> Result<()> {
    let alike = all.iter().filter(|lease| lease.soft == soft);
    let most = match soft {
        true => change.limits.soft_leases_per_project,
        false => change.limits.leases_per_project,
    };
    if alike.clone().count() < most {
        return Ok(());
    }
    if !soft {
        return Err(Error::Refused(format!(
            "The project has reached the maximum number of leases ({most})."
        )));
    }
    let first = alike.min_by_key(|lease| (lease.expires_at.unix_millis(0), lease.id));
    match first.map(|lease| lease.id) {
        Some(first) => end_where(change, project, all, |lease| lease.id == first).map(drop),
        None => Ok(()),
    }
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
    let mut leases = rows.leases(project)?;
    leases.retain(|lease| !has_ended(lease, now));
    overlap::fill_conflicts(&mut leases);
    Ok(leases)
}

/// Emits the list of leases with their holders, and returns it.
fn emit_leases(change: &mut Change<'_>, project: &ProjectId) -> Result<Vec<Lease>> {
    let leases = held(&*change.tx, project, change.now)?;
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

/// Checks a request; returns its paths relative to the project's folder.
fn check(request: &LeaseRequest, folder: &str, limits: &Limits) -> Result<Vec<String>> {
    let mut checks = Checks::default();
    if request.paths.is_empty() {
        checks.fail(
            "paths",
            "too_short",
            "must have at least one entry",
            Value::Null,
        );
    }
    checks.count("paths", request.paths.len(), limits.list_entries);
    let mut paths = Vec::new();
    for (index, path) in request.paths.iter().take(limits.list_entries).enumerate() {
        let field = format!("paths.{index}");
        checks.line(&field, path, limits.list_entry_chars);
        match spelling::relative(path, folder) {
            Ok(path) => {
                // All leases are compared with each other, directory by directory.
                checks.count(&field, path.split('/').count(), LEASE_DEPTH);
                paths.push(path);
            }
            Err(fault) => checks.fail(field, "path", fault, path.as_str()),
        }
    }
    checks.bytes("reason", request.reason.as_deref(), limits.message_bytes);
    checks.finish()?;
    check_ttl(request.ttl_seconds, limits)?;
    Ok(paths)
}

fn check_ttl(seconds: u64, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    if seconds == 0 {
        checks.fail("ttl_seconds", "greater_than", "must be at least 1", seconds);
    }
    checks.at_most("ttl_seconds", seconds, limits.lease_ttl_seconds);
    checks.finish()
}
