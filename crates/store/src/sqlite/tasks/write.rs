//! Statements that write a row.

use std::sync::LazyLock;

use rusqlite::{Connection, params_from_iter};

use super::STORED;
use super::columns::{self, TASK, maybe};
use crate::StoredTask;
use crate::error::Result;
use crate::sqlite::keys::Space;
use crate::sqlite::values::signed;

/// Columns of the primary key.
const KEY: [&str; 2] = ["project", "number"];

/// Other columns that have an index.
const INDEXED: [&str; 7] = [
    "status",
    "session",
    "dependencies",
    "priority",
    "parent",
    "deleted_at",
    "source",
];

/// Returns the columns that [`put`] writes, with the number of the parameter of each.
fn parameters() -> impl Iterator<Item = (&'static str, usize)> {
    let others = STORED.split(", ").chain(["project"]);
    TASK.split(", ").chain(others).zip(1..)
}

/// Statement that replaces a row without changing an indexed column.
///
/// If those columns were named, SQLite would write all indexes again.
static PUT_UNINDEXED: LazyLock<String> = LazyLock::new(|| {
    let (mut set, mut same) = (Vec::new(), Vec::new());
    for (column, parameter) in parameters() {
        if KEY.contains(&column) {
            same.push(format!("{column} = ?{parameter}"));
        } else if INDEXED.contains(&column) {
            same.push(format!("{column} IS ?{parameter}"));
        } else {
            set.push(format!("{column} = ?{parameter}"));
        }
    }
    format!(
        "UPDATE tasks SET {} WHERE {}",
        set.join(", "),
        same.join(" AND ")
    )
});

/// Statement that adds or replaces a row.
static PUT: LazyLock<String> = LazyLock::new(|| {
    let (mut names, mut values, mut set) = (Vec::new(), Vec::new(), Vec::new());
    for (column, parameter) in parameters() {
        names.push(column);
        values.push(format!("?{parameter}"));
        if !KEY.contains(&column) {
            set.push(format!("{column} = ?{parameter}"));
        }
    }
    format!(
        "INSERT INTO tasks ({}) VALUES ({}) ON CONFLICT (project, number) DO UPDATE SET {}",
        names.join(", "),
        values.join(", "),
        set.join(", ")
    )
});

pub(in crate::sqlite) fn put(
    connection: &Connection,
    space: &Space,
    stored: &StoredTask,
) -> Result<()> {
    let StoredTask {
        task,
        deleted_at,
        source,
    } = stored;
    // In the order of `parameters`.
    let mut values = Vec::new();
    columns::write(task, &space.id, &mut values)?;
    values.extend([
        signed(space.resets).into(),
        maybe(deleted_at.map(|at| at.unix_millis(0))),
        maybe(source.as_ref().map(|source| source.id.as_str())),
        maybe(source.as_ref().map(|source| source.state.as_str())),
        space.rows.as_str().into(),
    ]);
    // A new row has version 1.
    if task.rev > 1 {
        let mut statement = connection.prepare_cached(&PUT_UNINDEXED)?;
        if statement.execute(params_from_iter(&values))? > 0 {
            return Ok(());
        }
    }
    connection
        .prepare_cached(&PUT)?
        .execute(params_from_iter(&values))?;
    Ok(())
}
