//! Tokens, people and settings, which belong to no project. Secrets and their digests are in no
//! record.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::{Fields, Recorder};
use super::noted;
use crate::auth::Person;
use crate::error::Result;
use crate::store::{CredentialRow, PersonRow};

impl Recorder<'_> {
    /// Inserts or replaces a token's row. A use of it is a sign of life, and not recorded.
    pub(crate) fn put_credential(
        &mut self,
        before: Option<&CredentialRow>,
        after: &CredentialRow,
    ) -> Result<()> {
        self.rows.put_credential(after)?;
        let fields = credential_fields(before, after)?;
        let kind = match before {
            None => "token_made",
            Some(_) if fields.is_empty() => return Ok(()),
            Some(before) if before.revoked_at != after.revoked_at => "token_revoked",
            Some(_) => "token_updated",
        };
        self.note_of_server(noted(format!("token:{}", after.id), kind, fields));
        Ok(())
    }

    /// Stores a new person.
    pub(crate) fn add_person(&mut self, person: &PersonRow) -> Result<()> {
        self.rows.add_person(person)?;
        let fields = person_fields(None, person)?;
        self.note_of_server(noted(person_subject(person), "person_added", fields));
        Ok(())
    }

    /// Replaces a person's row.
    pub(crate) fn put_person(&mut self, before: &PersonRow, after: &PersonRow) -> Result<()> {
        self.rows.put_person(after)?;
        let fields = person_fields(Some(before), after)?;
        self.note_of_server(noted(person_subject(after), "person_updated", fields));
        Ok(())
    }

    /// Stores a setting: an object or any other JSON.
    pub fn put_setting(&mut self, name: &str, value: &str) -> Result<()> {
        let before = self.rows.setting(name)?;
        self.rows.put_setting(name, value)?;
        let fields = setting_fields(before.as_deref(), value)?;
        if !fields.is_empty() {
            let subject = format!("setting:{name}");
            self.note_of_server(noted(subject, "setting_changed", fields));
        }
        Ok(())
    }
}

fn person_subject(row: &PersonRow) -> String {
    format!("person:{}", row.person.id)
}

fn credential_fields(before: Option<&CredentialRow>, after: &CredentialRow) -> Result<Fields> {
    // No `..`: a new field must be recorded, or listed as one that is not.
    let CredentialRow {
        id: _,
        name: _,
        role: _,
        project: _,
        person: _,
        digest: _,
        made_at: _,
        made_by: _,
        last_used_at: _,
        revoked_at: _,
    } = after;
    let mut fields = Fields::default();
    let person = |row: &CredentialRow| row.person.as_ref().map(|person| person.id.clone());
    fields.note("person", before.map(person).as_ref(), Some(&person(after)))?;
    let after = Some(after);
    compare!(fields, before, after; name, role, project, revoked_at);
    Ok(fields)
}

fn person_fields(before: Option<&PersonRow>, after: &PersonRow) -> Result<Fields> {
    // No `..`, as above.
    let PersonRow {
        person,
        made_at: _,
        disabled_at,
    } = after;
    let Person { id: _, name } = person;
    let mut fields = Fields::default();
    fields.note("name", before.map(|row| &row.person.name), Some(name))?;
    let was_disabled = before.map(|row| &row.disabled_at);
    fields.note("disabled_at", was_disabled, Some(disabled_at))?;
    Ok(fields)
}

/// Returns the fields in which two values of a setting differ; an object is compared member by
/// member.
fn setting_fields(before: Option<&str>, after: &str) -> Result<Fields> {
    let fields_of = |text: Option<&str>| -> Map<String, Value> {
        match text.map(serde_json::from_str) {
            None => Map::new(),
            Some(Ok(Value::Object(fields))) => fields,
            // Text that is not JSON is a value by itself.
            Some(Ok(_) | Err(_)) => {
                let value = Value::from(text.unwrap_or_default());
                Map::from_iter([("value".to_owned(), value)])
            }
        }
    };
    let (before, after) = (fields_of(before), fields_of(Some(after)));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut fields = Fields::default();
    for name in names {
        fields.note(name, before.get(name), after.get(name))?;
    }
    Ok(fields)
}
