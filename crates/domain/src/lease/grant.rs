//! Grants of leases.

use tasktree_protocol::ProjectId;
use tasktree_protocol::agent::Lease;

use super::request::{LeaseRequest, SOFT_TTL_SECONDS, check};
use super::{after, emit_leases, end_where, spelling};
use crate::error::{Error, Result};
use crate::store::{Signs, StoredAgent};
use crate::{Change, agent};

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
