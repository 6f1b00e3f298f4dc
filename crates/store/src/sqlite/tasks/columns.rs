//! Columns of a task's fields, from the protocol's table of fields.
//!
//! A field is stored in a column of its name, in the form that [`Column`] defines for its type. The
//! first arms of each macro are the exceptions.

use rusqlite::Row;
use rusqlite::types::{ToSqlOutput, Value};
use tasktree_protocol::task::{Evidence, OnHold, Verdict};
use tasktree_protocol::{
    AgentId, ProjectId, Status, Task, TaskCard, TaskId, Timestamp, task_card_fields, task_fields,
};

use crate::error::Result;
use crate::sqlite::values::{
    Word, json, json_of, list, maybe_json, maybe_time, maybe_unsigned, maybe_word, signed, time,
    unsigned, word,
};

/// Expands to the columns of a field, each followed by a comma.
macro_rules! columns_of {
    (id) => {
        "number, "
    };
    // Has the column of the identifier.
    (number) => {
        ""
    };
    // Derived from the dependencies.
    (blocked_by) => {
        ""
    };
    (on_hold) => {
        "hold_reason, hold_since, "
    };
    ($name:ident) => {
        concat!(stringify!($name), ", ")
    };
}

macro_rules! columns_of_task {
    ($($name:ident: $type:ty, $($doc:literal)+;)*) => {
        concat!($(columns_of!($name),)* "resets, deleted_at")
    };
}

macro_rules! columns_of_card {
    ($($name:ident: $type:ty, [$($option:tt)*];)*) => {
        concat!($(columns_of!($name),)* "resets")
    };
}

/// Columns of a task, in the order in which [`task`] reads and [`write`] writes them, then those of
/// its reset count and its removal.
pub(super) const TASK: &str = task_fields!(columns_of_task);

/// Columns of a card, in the order in which [`card`] reads them, then that of its reset count.
pub(super) const CARD: &str = task_card_fields!(columns_of_card);

/// Expands to a field, read from the next columns of a row.
macro_rules! read {
    ($row:ident, $next:ident, $number:ident, $project:ident, id: $type:ty) => {
        TaskId::new($number, $project)
    };
    ($row:ident, $next:ident, $number:ident, $project:ident, number: $type:ty) => {
        $number
    };
    ($row:ident, $next:ident, $number:ident, $project:ident, blocked_by: $type:ty) => {
        Vec::new()
    };
    ($row:ident, $next:ident, $number:ident, $project:ident, on_hold: $type:ty) => {
        on_hold($row, [$next(), $next()])?
    };
    ($row:ident, $next:ident, $number:ident, $project:ident, parent: $type:ty) => {
        maybe_unsigned($row, $next())?.map(|number| TaskId::new(number, $project))
    };
    ($row:ident, $next:ident, $number:ident, $project:ident, $name:ident: $type:ty) => {
        <$type as Column>::read($row, $next())?
    };
}

/// Reads a task, without what a pending reset of all tasks changes.
pub(super) fn task(
    row: &Row<'_>,
    project: &ProjectId,
    next: &mut impl FnMut() -> usize,
) -> rusqlite::Result<Task> {
    let number = unsigned(row, next())?;
    macro_rules! all {
        ($($name:ident: $type:ty, $($doc:literal)+;)*) => {
            Task { $($name: read!(row, next, number, project, $name: $type),)* }
        };
    }
    Ok(task_fields!(all))
}

/// Reads a card, without what a pending reset of all tasks changes.
pub(super) fn card(
    row: &Row<'_>,
    project: &ProjectId,
    next: &mut impl FnMut() -> usize,
) -> rusqlite::Result<TaskCard> {
    let number = unsigned(row, next())?;
    macro_rules! all {
        ($($name:ident: $type:ty, [$($option:tt)*];)*) => {
            TaskCard { $($name: read!(row, next, number, project, $name: $type),)* }
        };
    }
    Ok(task_card_fields!(all))
}

fn on_hold(row: &Row<'_>, [reason, since]: [usize; 2]) -> rusqlite::Result<Option<OnHold>> {
    let reason: Option<String> = row.get(reason)?;
    let since = maybe_time(row, since)?;
    Ok(reason
        .zip(since)
        .map(|(reason, since)| OnHold { reason, since }))
}

/// Adds the values of a task's columns.
pub(super) fn write<'a>(
    task: &'a Task,
    project: &ProjectId,
    values: &mut Vec<ToSqlOutput<'a>>,
) -> Result<()> {
    macro_rules! one {
        (id) => {
            values.push(signed(task.number).into())
        };
        (number) => {};
        (blocked_by) => {};
        (on_hold) => {
            let hold = task.on_hold.as_ref();
            values.push(maybe(hold.map(|hold| hold.reason.as_str())));
            values.push(maybe(hold.map(|hold| hold.since.unix_millis(0))))
        };
        (parent) => {
            let parent = task.parent.as_ref();
            let number = parent.and_then(|parent| parent.number_in(project));
            values.push(maybe(number.map(signed)))
        };
        ($name:ident) => {
            values.push(task.$name.write()?)
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty, $($doc:literal)+;)*) => { $(one!($name);)* };
    }
    task_fields!(all);
    Ok(())
}

/// Returns the value of a column that may be null.
pub(super) fn maybe<'a>(value: Option<impl Into<ToSqlOutput<'a>>>) -> ToSqlOutput<'a> {
    value.map_or(ToSqlOutput::Owned(Value::Null), Into::into)
}

/// Type of a field that has one column.
trait Column: Sized {
    /// Reads the field from that column.
    fn read(row: &Row<'_>, column: usize) -> rusqlite::Result<Self>;

    /// Returns the value of the column.
    fn write(&self) -> Result<ToSqlOutput<'_>>;
}

macro_rules! column {
    ($($type:ty, $read:expr, |$field:ident| $write:expr;)*) => {
        $(impl Column for $type {
            fn read(row: &Row<'_>, column: usize) -> rusqlite::Result<Self> {
                $read(row, column)
            }

            fn write(&self) -> Result<ToSqlOutput<'_>> {
                let $field = self;
                Ok($write)
            }
        })*
    };
}

column! {
    String, Row::get, |it| it.as_str().into();
    Option<String>, Row::get, |it| maybe(it.as_deref());
    u32, Row::get, |it| (*it).into();
    Option<u32>, Row::get, |it| maybe(*it);
    i64, Row::get, |it| (*it).into();
    u64, unsigned, |it| signed(*it).into();
    Timestamp, time, |it| it.unix_millis(0).into();
    Option<Timestamp>, maybe_time, |it| maybe(it.map(|at| at.unix_millis(0)));
    Vec<String>, list, |it| json(it)?.into();
    Vec<TaskId>, list, |it| json(it)?.into();
    Status, |row: &Row<'_>, at| Ok(row.get::<_, Word<_>>(at)?.0), |it| it.as_str().into();
    Option<Verdict>, maybe_word, |it| maybe(it.map(word).transpose()?);
    Option<AgentId>, |row: &Row<'_>, at| Ok(row.get::<_, Option<String>>(at)?.map(AgentId::from)),
        |it| maybe(it.as_ref().map(AgentId::as_str));
    Option<Evidence>, maybe_json, |it| maybe(json_of(it.as_ref())?);
}
