//! People: who is listed to whom, and what each has marked in a project.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tasktree_protocol::{ProjectId, Timestamp};

use super::validate::Checks;
use super::{Work, read};
use crate::auth::{Person, Scope, Voice};
use crate::error::{Error, Result};
use crate::store::{CredentialRow, Read};

/// A person in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedPerson {
    /// Identifier and name.
    #[serde(flatten)]
    pub person: Person,
    /// Time at which the person's first token was made; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_at: Option<Timestamp>,
    /// Names of the person's tokens; for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Vec<String>>,
}

/// One mark of a person in a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Name of the mark.
    pub key: String,
    /// Any JSON; null removes the mark.
    pub value: Value,
}

/// Returns all people with their tokens, for an administrator.
pub(crate) fn all(rows: &dyn Read) -> Result<Vec<ListedPerson>> {
    let credentials = living(rows)?;
    let people = rows.people()?.into_iter().map(|row| {
        let own = credentials
            .iter()
            .filter(|credential| credential.person.as_ref() == Some(&row.person));
        ListedPerson {
            tokens: Some(own.map(|credential| credential.name.clone()).collect()),
            made_at: Some(row.made_at),
            person: row.person,
        }
    });
    Ok(people.collect())
}

/// Returns the names of those who reach something that is within `scope`: whom somebody may assign
/// work to. Of others, not even that they are there is known.
pub(crate) fn within(rows: &dyn Read, scope: &Scope) -> Result<Vec<ListedPerson>> {
    let reaches = |credential: &CredentialRow| match &credential.project {
        None => true,
        Some(project) => scope.has(project),
    };
    let mut people: Vec<Person> = living(rows)?
        .into_iter()
        .filter(reaches)
        .filter_map(|credential| credential.person)
        .collect();
    people.sort_by(|a, b| a.name.cmp(&b.name));
    people.dedup();
    Ok(people.into_iter().map(named).collect())
}

/// Returns a person as everybody sees them.
pub(crate) const fn named(person: Person) -> ListedPerson {
    ListedPerson {
        person,
        made_at: None,
        tokens: None,
    }
}

fn living(rows: &dyn Read) -> Result<Vec<CredentialRow>> {
    let mut credentials = rows.credentials()?;
    credentials.retain(|credential| credential.revoked_at.is_none());
    Ok(credentials)
}

/// Returns what a person has marked in a project.
pub(crate) fn marks(
    rows: &dyn Read,
    project: &ProjectId,
    person: &str,
) -> Result<Map<String, Value>> {
    read::require(rows, project)?;
    let marks = rows.marks(person, project)?.into_iter();
    marks
        .map(|(key, value)| Ok((key, serde_json::from_str(&value)?)))
        .collect()
}

/// Stores a mark, or removes it. Nobody else sees it, so no event tells of it.
pub(crate) fn put_mark(
    work: &mut Work<'_>,
    project: &ProjectId,
    person: &str,
    mark: Mark,
) -> Result<Mark> {
    if !matches!(work.voice(), Voice::Anyone | Voice::Person(_)) {
        return Err(no_person());
    }
    work.require(project)?;
    let value = serde_json::to_string(&mark.value)?;
    let mut checks = Checks::default();
    checks.line("key", &mark.key, work.limits.mark_key_chars);
    checks.bytes("value", Some(&value), work.limits.mark_bytes);
    checks.finish()?;
    let value = (!mark.value.is_null()).then_some(value.as_str());
    let most = work.limits.marks_per_person;
    if value.is_some() && work.tx.count_marks(person)? >= most {
        let marks = work.tx.marks(person, project)?;
        if marks.iter().all(|(key, _)| *key != mark.key) {
            return Err(Error::Refused(format!(
                "You have your {most} marks; remove one to make another."
            )));
        }
    }
    let millis = work.millis();
    work.tx
        .put_mark(person, project, &mark.key, value, millis)?;
    Ok(mark)
}

/// Returns the refusal of what only people have.
pub(crate) fn no_person() -> Error {
    Error::Forbidden("Marks are kept for people, and an agent is none.".to_owned())
}
