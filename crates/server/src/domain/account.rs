//! Credentials: made, used, revoked.

use tasktree_protocol::Timestamp;

use super::validate::Checks;
use super::{Work, agent};
use crate::auth::{Digest, NewToken, Role};
use crate::error::{Error, Result};
use crate::store::{CredentialRow, SessionRow};

/// Names that stand for somebody already: who needs no token, who has the one of `--token`, and the server.
const RESERVED: [&str; 3] = ["local", "token", "server"];

pub(crate) fn add(work: &mut Work<'_>, new: NewToken, digest: Digest) -> Result<CredentialRow> {
    check(work, &new)?;
    let row = CredentialRow {
        id: uuid::Uuid::new_v4().simple().to_string(),
        name: new.name,
        role: new.role,
        project: new.project,
        digest,
        made_at: work.now,
        made_by: work.actor().to_string(),
        last_used_at: None,
        revoked_at: None,
    };
    work.tx.put_credential(&row)?;
    if let Some(project) = &row.project {
        agent::give_to_tokens(work, project)?;
    }
    Ok(row)
}

fn check(work: &Work<'_>, new: &NewToken) -> Result<()> {
    let name = new.name.as_str();
    let mut checks = Checks::default();
    checks.line("name", name, work.limits.name_chars);
    // It is part of an actor, and of the name of an agent.
    let legal = |character: char| character.is_alphanumeric() || "._-@".contains(character);
    if !name.chars().all(legal) {
        let message = "may have letters, digits, '.', '_', '-' and '@' only";
        checks.fail("name", "token_name", message, name);
    } else if RESERVED.contains(&name) {
        checks.fail("name", "reserved", "is a name of the server's own", name);
    } else if work.tx.credential_named(name)?.is_some() {
        let message = "is the name of another token; revoke that one first";
        checks.fail("name", "taken", message, name);
    }
    match (new.role, &new.project) {
        (Role::Agent, None) => {
            let message = "is needed: an agent's token is for one project";
            checks.fail("project", "missing", message, serde_json::Value::Null);
        }
        (Role::Admin, Some(project)) => {
            let message = "cannot be given: an administrator is bound to no project";
            checks.fail("project", "not_allowed", message, project.as_str());
        }
        (_, Some(project)) if !work.tx.has_project(project)? => {
            let message = "there is no such project";
            checks.fail("project", "unknown_project", message, project.as_str());
        }
        _ => {}
    }
    checks.finish()
}

pub(crate) fn revoke(work: &mut Work<'_>, id: &str) -> Result<CredentialRow> {
    let mut row = living(work, id)?.ok_or_else(|| {
        Error::NotFound("There is no such token; it may have been revoked already.".to_owned())
    })?;
    row.revoked_at = Some(work.now);
    work.tx.put_credential(&row)?;
    work.tx.delete_sessions_of(id)?;
    Ok(row)
}

pub(crate) fn note_use(work: &mut Work<'_>, id: &str, millis: i64) -> Result<()> {
    if let Some(mut row) = living(work, id)? {
        row.last_used_at = Some(Timestamp::from_unix_millis(millis));
        work.tx.put_credential(&row)?;
    }
    Ok(())
}

pub(crate) fn put_session(work: &mut Work<'_>, session: &SessionRow) -> Result<()> {
    // Its credential may have been revoked since.
    match living(work, &session.credential)? {
        Some(_) => work.tx.put_session(session),
        None => Ok(()),
    }
}

fn living(work: &Work<'_>, id: &str) -> Result<Option<CredentialRow>> {
    let mut rows = work.tx.credentials()?.into_iter();
    Ok(rows.find(|row| row.id == id && row.revoked_at.is_none()))
}
