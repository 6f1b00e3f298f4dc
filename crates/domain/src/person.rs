//! People: their visibility to others, and their marks in projects.

use serde_json::{Map, Value};
use tasktree_protocol::ProjectId;
pub use tasktree_protocol::http::{ListedPerson, Mark, PersonPatch};

use super::validate::Checks;
use super::{Change, exists};
use crate::auth::{Person, Scope, SpeaksAs};
use crate::error::{Error, Result};
use crate::store::{CredentialRow, PersonRow, Read, YOU};

/// Reserved names: the caller that needs no token, the owner of the `--token` token, and the
/// server.
const RESERVED: [&str; 4] = ["local", "token", "server", YOU];

/// Returns all people with their tokens, for an administrator.
pub fn all(rows: &dyn Read) -> Result<Vec<ListedPerson>> {
    let credentials = living(rows)?;
    let people = rows.people()?.into_iter();
    Ok(people.map(|row| listed(row, &credentials)).collect())
}

/// Returns a person with the names of their tokens.
fn listed(row: PersonRow, credentials: &[CredentialRow]) -> ListedPerson {
    let own = credentials
        .iter()
        .filter(|credential| credential.person.as_ref() == Some(&row.person));
    ListedPerson {
        tokens: Some(own.map(|credential| credential.name.clone()).collect()),
        made_at: Some(row.made_at),
        disabled_at: row.disabled_at,
        ..named(row.person)
    }
}

/// Returns the names of the people with access to anything within `scope`, who can be assigned
/// work.
///
/// Nothing is revealed about others, not even that they exist.
pub fn within(rows: &dyn Read, scope: &Scope) -> Result<Vec<ListedPerson>> {
    let reaches = |credential: &CredentialRow| match &credential.project {
        None => true,
        Some(project) => scope.has(project),
    };
    let people = rows.people()?;
    let is_disabled = |person: &Person| {
        let mut people = people.iter();
        people.any(|row| row.person == *person && row.disabled_at.is_some())
    };
    let mut people: Vec<Person> = living(rows)?
        .into_iter()
        .filter(reaches)
        .filter_map(|credential| credential.person)
        .filter(|person| !is_disabled(person))
        .collect();
    people.sort_by(|a, b| a.name.cmp(&b.name));
    people.dedup();
    Ok(people.into_iter().map(named).collect())
}

/// Returns a person with the fields that everybody may see.
pub fn named(person: Person) -> ListedPerson {
    ListedPerson {
        id: person.id,
        name: person.name,
        made_at: None,
        disabled_at: None,
        tokens: None,
    }
}

/// Returns true if a person may be assigned work in a project.
///
/// That is anybody [`within`] it or, without accounts, the single local person.
pub(crate) fn reaches(change: &Change<'_>, project: &ProjectId, id: &str) -> Result<bool> {
    if matches!(change.speaks_as(), SpeaksAs::Anyone) && Person::is_of_nobody(id) {
        return Ok(true);
    }
    let people = within(&*change.tx, &Scope::Project(project.clone()))?;
    Ok(people.iter().any(|listed| listed.id == id))
}

/// Renames a person, or disables or enables them. `own` is the caller's own identifier.
pub fn update(
    change: &mut Change<'_>,
    id: &str,
    patch: PersonPatch,
    own: Option<&str>,
) -> Result<ListedPerson> {
    let before = change.tx.person(id)?.ok_or_else(|| {
        Error::NotFound(
            "Person not found. The person 'you', for callers without a token, cannot be changed."
                .to_owned(),
        )
    })?;
    let mut after = before.clone();
    if let Some(name) = patch.name {
        check_new_name(change, id, &name)?;
        after.person.name = name;
    }
    match patch.disabled {
        Some(true) if own == Some(id) => {
            let message = "You cannot disable yourself; ask another administrator.";
            return Err(Error::Refused(message.to_owned()));
        }
        Some(true) => after.disabled_at = before.disabled_at.or(Some(change.now)),
        Some(false) => after.disabled_at = None,
        None => {}
    }
    if after != before {
        change.tx.put_person(&before, &after)?;
    }
    let credentials = living(&*change.tx)?;
    if after.disabled_at.is_some() {
        let own = credentials
            .iter()
            .filter(|credential| credential.person.as_ref() == Some(&after.person));
        for credential in own {
            change.tx.delete_sessions_of(&credential.id)?;
        }
    }
    Ok(listed(after, &credentials))
}

/// Refuses an invalid name, and one that another person has or had: their past actions are recorded
/// under it.
fn check_new_name(change: &Change<'_>, id: &str, name: &str) -> Result<()> {
    let mut checks = Checks::default();
    check_name(&mut checks, "name", name, change.limits.name_chars);
    if let Some(other) = change
        .tx
        .person_ever_named(name)?
        .filter(|other| other != id)
    {
        let message = match change.tx.person_named(name)? {
            Some(row) if row.person.id == other => "is already the name of another person",
            _ => "is a former name of another person, and stays reserved for them",
        };
        checks.fail("name", "taken", message, name);
    }
    checks.finish()
}

/// Checks a name that becomes part of an actor: that of a token or a person.
pub(super) fn check_name(checks: &mut Checks, field: &str, name: &str, max_chars: usize) {
    checks.name(field, name, max_chars);
    let legal = |character: char| character.is_alphanumeric() || "._-@".contains(character);
    if !name.chars().all(legal) {
        let message = "may contain only letters, digits, '.', '_', '-' and '@'";
        checks.fail(field, "token_name", message, name);
    } else if RESERVED.contains(&name) {
        checks.fail(field, "reserved", "is a reserved name", name);
    }
}

/// Returns true if two actors are the same person: a former name still belongs to its person.
pub(super) fn is_same(change: &Change<'_>, one: &str, other: &str) -> Result<bool> {
    if one == other {
        return Ok(true);
    }
    let person = |actor: &str| match actor.strip_prefix("human:") {
        Some(name) => change.tx.person_ever_named(name),
        None => Ok(None),
    };
    Ok(match (person(one)?, person(other)?) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    })
}

pub(super) fn living(rows: &dyn Read) -> Result<Vec<CredentialRow>> {
    let mut credentials = rows.credentials()?;
    credentials.retain(|credential| credential.revoked_at.is_none());
    Ok(credentials)
}

/// Returns a person's marks in a project.
pub fn marks(rows: &dyn Read, project: &ProjectId, person: &str) -> Result<Map<String, Value>> {
    exists::require(rows, project)?;
    let marks = rows.marks(person, project)?.into_iter();
    marks
        .map(|(key, value)| Ok((key, serde_json::from_str(&value)?)))
        .collect()
}

/// Stores or removes a mark. It is private, so it emits no event.
pub fn put_mark(
    change: &mut Change<'_>,
    project: &ProjectId,
    person: &str,
    mark: Mark,
) -> Result<Mark> {
    if !matches!(change.speaks_as(), SpeaksAs::Anyone | SpeaksAs::Person(_)) {
        return Err(no_person());
    }
    change.require(project)?;
    let value = serde_json::to_string(&mark.value)?;
    let mut checks = Checks::default();
    checks.line("key", &mark.key, change.limits.mark_key_chars);
    checks.bytes("value", Some(&value), change.limits.mark_bytes);
    checks.finish()?;
    let value = (!mark.value.is_null()).then_some(value.as_str());
    let most = change.limits.marks_per_person;
    if value.is_some() && change.tx.count_marks(person)? >= most {
        let marks = change.tx.marks(person, project)?;
        if marks.iter().all(|(key, _)| *key != mark.key) {
            return Err(Error::Refused(format!(
                "You have reached the maximum number of marks ({most}). Remove one to add another."
            )));
        }
    }
    let millis = change.millis();
    change
        .tx
        .put_mark(person, project, &mark.key, value, millis)?;
    Ok(mark)
}

/// Returns the refusal of a feature that only people have.
pub fn no_person() -> Error {
    Error::Forbidden("Only people have marks; the caller is an agent.".to_owned())
}
