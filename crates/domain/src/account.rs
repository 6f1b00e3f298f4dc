//! Credentials: creation, use, revocation.

use tasktree_protocol::Timestamp;
pub use tasktree_protocol::http::NewToken;

use super::person::check_name;
use super::validate::Checks;
use super::{Change, agent};
use crate::error::{Error, Result};
use crate::store::{CredentialRow, Digest, Person, PersonRow, Role, SessionRow};

/// Creates a credential, and its person if missing.
pub fn add(change: &mut Change<'_>, new: NewToken, digest: Digest) -> Result<CredentialRow> {
    check(change, &new)?;
    let person = match new.role {
        Role::Agent => None,
        _ => Some(person(change, person_of(&new))?),
    };
    let row = CredentialRow {
        id: uuid::Uuid::new_v4().simple().to_string(),
        name: new.name,
        role: new.role,
        project: new.project,
        person,
        digest,
        made_at: change.now,
        made_by: change.actor().to_string(),
        last_used_at: None,
        revoked_at: None,
    };
    change.tx.put_credential(None, &row)?;
    if let Some(project) = &row.project {
        agent::give_to_tokens(change, project)?;
    }
    Ok(row)
}

/// Returns the name of the person for whom a token is to be created.
fn person_of(new: &NewToken) -> &str {
    new.person.as_deref().unwrap_or(&new.name)
}

/// Returns the person with that name, creating them if missing.
fn person(change: &mut Change<'_>, name: &str) -> Result<Person> {
    if let Some(row) = change.tx.person_named(name)? {
        return Ok(row.person);
    }
    let row = PersonRow {
        person: Person {
            id: uuid::Uuid::new_v4().simple().to_string(),
            name: name.to_owned(),
        },
        made_at: change.now,
        disabled_at: None,
    };
    change.tx.add_person(&row)?;
    Ok(row.person)
}

fn check(change: &Change<'_>, new: &NewToken) -> Result<()> {
    let name = new.name.as_str();
    let mut checks = Checks::default();
    check_name(&mut checks, "name", name, change.limits.name_chars);
    if change.tx.credential_named(name)?.is_some() {
        let message = "is already the name of a token; revoke that token first";
        checks.fail("name", "taken", message, name);
    }
    let others = change.tx.credential_names()?;
    checks.distinct("name", "token", name, others.iter().map(String::as_str));
    if let Some(person) = &new.person {
        check_name(&mut checks, "person", person, change.limits.name_chars);
        if new.role == Role::Agent {
            let message = "is not allowed: an agent's token has no owner";
            checks.fail("person", "not_allowed", message, person.as_str());
        }
    }
    if new.role != Role::Agent {
        check_person(change, &mut checks, person_of(new))?;
    }
    match (new.role, &new.project) {
        (Role::Agent, None) => {
            let message = "is required: an agent's token is bound to one project";
            checks.fail("project", "missing", message, serde_json::Value::Null);
        }
        (Role::Admin, Some(project)) => {
            let message = "is not allowed: an administrator's token is not bound to a project";
            checks.fail("project", "not_allowed", message, project.as_str());
        }
        (_, Some(project)) if !change.tx.has_project(project)? => {
            let message = "does not exist";
            checks.fail("project", "unknown_project", message, project.as_str());
        }
        _ => {}
    }
    checks.finish()
}

/// Refuses a token for a disabled person, or under the former name of another person.
fn check_person(change: &Change<'_>, checks: &mut Checks, name: &str) -> Result<()> {
    match change.tx.person_named(name)? {
        Some(row) if row.disabled_at.is_some() => {
            let message = "is disabled: enable the person first";
            checks.fail("person", "disabled", message, name);
        }
        None if change.tx.person_ever_named(name)?.is_some() => {
            let message = "is the former name of a person; use the current name";
            checks.fail("person", "former_name", message, name);
        }
        Some(_) | None => {}
    }
    Ok(())
}

/// Ends a credential and its sign-ins.
pub fn revoke(change: &mut Change<'_>, id: &str) -> Result<CredentialRow> {
    let mut row = living(change, id)?
        .ok_or_else(|| Error::NotFound("Token not found; it may already be revoked.".to_owned()))?;
    let before = row.clone();
    row.revoked_at = Some(change.now);
    change.tx.put_credential(Some(&before), &row)?;
    change.tx.delete_sessions_of(id)?;
    agent::end_token(change, &row)?;
    Ok(row)
}

/// Records the last use of a credential.
pub fn note_use(change: &mut Change<'_>, id: &str, millis: i64) -> Result<()> {
    if let Some(mut row) = living(change, id)? {
        let before = row.clone();
        row.last_used_at = Some(Timestamp::from_unix_millis(millis));
        change.tx.put_credential(Some(&before), &row)?;
    }
    Ok(())
}

/// Stores a sign-in, unless its credential has ended.
pub fn put_session(change: &mut Change<'_>, session: &SessionRow) -> Result<()> {
    // The credential may have been revoked meanwhile.
    match living(change, &session.credential)? {
        Some(_) => change.tx.put_session(session),
        None => Ok(()),
    }
}

fn living(change: &Change<'_>, id: &str) -> Result<Option<CredentialRow>> {
    let row = change.tx.credential(id)?;
    Ok(row.filter(|row| row.revoked_at.is_none()))
}
