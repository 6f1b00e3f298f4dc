//! Conversions between columns and the values of rows.

use rusqlite::RowIndex;
use rusqlite::types::{FromSql, FromSqlError, Type};
use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use tasktree_protocol::Timestamp;

use crate::error::Result;

/// Converts to SQLite's signed integers; our numbers stay far below 2^63.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(row: &rusqlite::Row<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

/// Returns the column numbers of a statement, one per call.
///
/// Looking columns up by name would take longer than reading them, if rows are wide and many.
pub(super) fn in_order() -> impl FnMut() -> usize {
    let mut columns = 0..;
    move || columns.next().unwrap_or_default()
}

pub(super) fn maybe_unsigned(
    row: &rusqlite::Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<Option<u64>> {
    let number: Option<i64> = row.get(column)?;
    Ok(number.map(|number| u64::try_from(number).unwrap_or(0)))
}

pub(super) fn time(row: &rusqlite::Row<'_>, column: impl RowIndex) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_unix_millis)
}

pub(super) fn maybe_time(
    row: &rusqlite::Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row
        .get::<_, Option<i64>>(column)?
        .map(Timestamp::from_unix_millis))
}

/// Reads an id, which is a short string.
pub(super) fn id<T: From<String>>(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<T> {
    row.get::<_, String>(column).map(T::from)
}

/// Reads a list that is stored as JSON.
pub(super) fn list<T: DeserializeOwned>(
    row: &rusqlite::Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<Vec<T>> {
    let index = column.idx(row.as_ref())?;
    let text = row
        .get_ref(index)?
        .as_str()
        .map_err(rusqlite::Error::from)?;
    if text == "[]" {
        return Ok(Vec::new());
    }
    value_of(text, index)
}

/// Reads a value that is stored as JSON.
pub(super) fn value<T: DeserializeOwned>(
    row: &rusqlite::Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<T> {
    let index = column.idx(row.as_ref())?;
    let text = row
        .get_ref(index)?
        .as_str()
        .map_err(rusqlite::Error::from)?;
    value_of(text, index)
}

fn value_of<T: DeserializeOwned>(text: &str, index: usize) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error))
    })
}

pub(super) fn json<T: Serialize>(list: &[T]) -> Result<String> {
    Ok(serde_json::to_string(list)?)
}

/// Reads an optional value that is stored as JSON.
pub(super) fn maybe_json<T: DeserializeOwned>(
    row: &rusqlite::Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<Option<T>> {
    let index = column.idx(row.as_ref())?;
    let text: Option<String> = row.get(index)?;
    text.map(|text| {
        serde_json::from_str(&text).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error))
        })
    })
    .transpose()
}

/// Writes an optional value as JSON.
pub(super) fn json_of<T: Serialize>(value: Option<&T>) -> Result<Option<String>> {
    Ok(value.map(serde_json::to_string).transpose()?)
}

/// Reads an optional word.
pub(super) fn maybe_word<T: DeserializeOwned>(
    row: &rusqlite::Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<Option<T>> {
    Ok(row.get::<_, Option<Word<T>>>(column)?.map(|word| word.0))
}

type WordError = serde::de::value::Error;

/// A value that the wire represents as one word: a status, a level.
pub(super) struct Word<T>(pub(super) T);

impl<T: DeserializeOwned> FromSql for Word<T> {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        let word: StrDeserializer<'_, WordError> = value.as_str()?.into_deserializer();
        T::deserialize(word)
            .map(Self)
            .map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

pub(super) fn word<T: Serialize>(value: T) -> Result<String> {
    Ok(serde_json::to_value(value)?
        .as_str()
        .unwrap_or_default()
        .to_owned())
}
