//! Fields of a row before and after a change.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::diff;
use crate::error::Result;
use crate::hex::hex;
use crate::limits::RECORDED_VALUE_BYTES;
use crate::store::{FieldChange, TextEdit};

/// Fields that differ.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<FieldChange>);

impl Fields {
    /// Adds a field if its values differ or, for a new or removed row, if it is not empty.
    pub(crate) fn note<T: Serialize + PartialEq + ?Sized>(
        &mut self,
        field: &str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<()> {
        if before == after {
            return Ok(());
        }
        let (was, is) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
        let is_missing = |row: Option<&T>, other: &Value| row.is_none() && is_empty(other);
        if is_missing(before, &is) || is_missing(after, &was) {
            return Ok(());
        }
        let diff = edits_back(&was, &is)?;
        self.0.push(FieldChange {
            field: field.to_owned(),
            before: recorded(was)?,
            after: recorded(is)?,
            diff,
        });
        Ok(())
    }

    /// Adds a field of a new row, or one that is recorded without its earlier value.
    pub(super) fn with<T: Serialize + PartialEq>(mut self, field: &str, after: &T) -> Result<Self> {
        self.note(field, None, Some(after))?;
        Ok(self)
    }

    /// Returns true if nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the fields of another part of the row.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns the fields.
    pub(crate) fn into_inner(self) -> Vec<FieldChange> {
        self.0
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}

/// Returns a value in its recorded form: one over [`RECORDED_VALUE_BYTES`] by length and digest.
fn recorded(value: Value) -> Result<Value> {
    let Some(text) = long_text(&value)? else {
        return Ok(value);
    };
    let digest = hex(&Sha256::digest(text.as_bytes()));
    Ok(json!({ "bytes": text.len(), "sha256": digest }))
}

/// Returns the edits that lead back to a value that is not recorded in full.
fn edits_back(before: &Value, after: &Value) -> Result<Vec<TextEdit>> {
    let Some(before) = long_text(before)? else {
        return Ok(Vec::new());
    };
    let after = text_of(after)?.unwrap_or_default();
    Ok(diff::back(&before, &after))
}

/// Returns the text of a value that is too long to be recorded in full.
fn long_text(value: &Value) -> Result<Option<Cow<'_, str>>> {
    let text = text_of(value)?;
    Ok(text.filter(|text| text.len() > RECORDED_VALUE_BYTES))
}

/// Returns a text unchanged, and a list or an object as JSON.
fn text_of(value: &Value) -> Result<Option<Cow<'_, str>>> {
    Ok(match value {
        Value::String(text) => Some(text.into()),
        Value::Array(_) | Value::Object(_) => Some(serde_json::to_string(value)?.into()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    })
}
