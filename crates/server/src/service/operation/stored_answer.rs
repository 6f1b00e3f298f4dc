//! Answers as they are kept under idempotency keys.
//!
//! A small one is kept whole. A large one is kept as a reference to its row, and a repetition gets
//! the row as it is then. Without such a row, the answer is kept with its texts cut and its lists
//! shortened. Every success is kept in some form, so that none has to be executed again.

use std::any::Any;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tasktree_protocol::{Cursor, Project, ProjectId, StreamId, Task};

use crate::domain::read;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::Read;

/// Lengths to which each text and each list of a large answer is cut: the first pair that makes it
/// small enough.
const CUTS: [(usize, usize); 3] = [(200, 20), (40, 2), (0, 0)];

#[derive(Serialize)]
struct Whole<'a, T> {
    value: &'a T,
    cursor: &'a Cursor,
}

#[derive(Serialize)]
struct Reference<'a> {
    row: Row,
    cursor: &'a Cursor,
}

/// Row that an answer consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Row {
    /// Task of that number.
    Task(u64),
    /// The project.
    Project,
}

#[derive(Deserialize)]
struct StoredAnswer<'a> {
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    row: Option<Row>,
    cursor: Cursor,
}

/// Returns the form in which an answer is kept.
pub(super) fn keep<T: Serialize + 'static>(
    value: &T,
    cursor: &Cursor,
    limits: &Limits,
) -> Result<String> {
    let whole = serde_json::to_string(&Whole { value, cursor })?;
    if whole.len() <= limits.answer_bytes {
        return Ok(whole);
    }
    if let Some(row) = row_of(value) {
        return Ok(serde_json::to_string(&Reference { row, cursor })?);
    }
    let mut value = serde_json::to_value(value)?;
    let mut stored = whole;
    for (chars, entries) in CUTS {
        shorten(&mut value, chars, entries);
        let value = &value;
        stored = serde_json::to_string(&Whole { value, cursor })?;
        if stored.len() <= limits.answer_bytes {
            break;
        }
    }
    Ok(stored)
}

/// Returns an answer that was kept, and its position.
///
/// # Errors
/// If its row no longer exists.
pub(super) fn recall<T: DeserializeOwned>(
    stored: &str,
    rows: &dyn Read,
    stream: &StreamId,
) -> Result<(T, Cursor)> {
    let stored: StoredAnswer<'_> = serde_json::from_str(stored)?;
    let project = ProjectId::from(stream.as_str());
    let value = match (stored.row, stored.value) {
        (Some(Row::Task(number)), _) => {
            let task = read::task_even_removed(rows, &project, number)?;
            serde_json::from_value(serde_json::to_value(task)?)?
        }
        (Some(Row::Project), _) => {
            let project = read::project(rows, &project)?;
            serde_json::from_value(serde_json::to_value(project)?)?
        }
        (None, Some(value)) => serde_json::from_str(value.get())?,
        (None, None) => return Err(Error::Internal("A stored answer is empty.".to_owned())),
    };
    Ok((value, stored.cursor))
}

/// Returns the row that an answer consists of.
fn row_of<T: 'static>(value: &T) -> Option<Row> {
    let value: &dyn Any = value;
    if let Some(task) = value.downcast_ref::<Task>() {
        return Some(Row::Task(task.number));
    }
    if value.is::<Project>() {
        return Some(Row::Project);
    }
    // Result of a socket's command: a task, or nothing.
    let task = value.downcast_ref::<Value>()?.as_object()?;
    let has_version = task.contains_key("rev");
    task.get("task_id")?
        .as_u64()
        .filter(|_| has_version)
        .map(Row::Task)
}

fn shorten(value: &mut Value, chars: usize, entries: usize) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(chars) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(list) => {
            list.truncate(entries);
            for entry in list {
                shorten(entry, chars, entries);
            }
        }
        Value::Object(fields) => {
            for field in fields.values_mut() {
                shorten(field, chars, entries);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
