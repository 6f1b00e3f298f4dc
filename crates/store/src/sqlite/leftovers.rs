//! Removal of rows that no project references any more, in small parts between other jobs.
//!
//! Rows left by a crash are removed after the next start.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::keys::Kind;
use super::trash;
use super::values::signed;
use crate::error::Result;

/// A table whose rows belong to a project.
struct Table {
    name: &'static str,
    /// Column that holds the key.
    key: &'static str,
    /// Columns that identify a row.
    row: &'static str,
    /// Approximate bytes of a row, computed from its header.
    bytes: &'static str,
}

const fn table(name: &'static str, row: &'static str, bytes: &'static str) -> Table {
    Table {
        name,
        key: "project",
        row,
        bytes,
    }
}

/// Tables whose rows are under the key of a project's rows.
const ROWS: &[Table] = &[
    table(
        "tasks",
        "rowid",
        "COALESCE(octet_length(description), 0) + COALESCE(octet_length(prompt), 0) \
           + COALESCE(octet_length(source_state), 0) + octet_length(dependencies)",
    ),
    table("stagings", "project, first", "0"),
    table("import_shares", "project", "0"),
    table(
        "import_rows",
        "project, first, position",
        "octet_length(data)",
    ),
    table("attempts", "project, task, generation", "0"),
    table("comments", "rowid", "octet_length(body)"),
    // First, so that the triggers do not count the records while they are removed.
    table("change_totals", "project", "0"),
    table("changes", "project, id", "octet_length(fields)"),
    table("log_lines", "rowid", "octet_length(line)"),
    table("leases", "rowid", "0"),
    table("undos", "rowid", "0"),
    table("resets", "project", "0"),
    table("dismissed", "project, agent", "0"),
    table(
        "person_marks",
        "person, project, key",
        "octet_length(value)",
    ),
    table("questions", "rowid", "octet_length(text)"),
    table("question_answers", "rowid", "octet_length(text)"),
];

/// Tables whose rows are under the key of a project's agents.
const CREW: &[Table] = &[
    table("agents", "rowid", "COALESCE(octet_length(description), 0)"),
    table("runs", "rowid", "0"),
    table("messages", "rowid", "octet_length(body)"),
];

const LOG: &[Table] = &[
    Table {
        name: "events",
        key: "stream",
        row: "stream, seq",
        bytes: "length(message)",
    },
    Table {
        name: "log_totals",
        key: "log",
        row: "log",
        bytes: "0",
    },
];

const UNDO: &[Table] = &[Table {
    name: "undo_tasks",
    key: "undo",
    row: "undo, task",
    bytes: "0",
}];

const fn tables(kind: Kind) -> &'static [Table] {
    match kind {
        Kind::Rows => ROWS,
        Kind::Crew => CREW,
        Kind::Log => LOG,
        Kind::Undo => UNDO,
    }
}

pub(super) fn exist(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM leftovers)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))?)
}

/// Removes at most `rows` rows, and not many more than `bytes` bytes of texts.
///
/// Returns the number of removed rows.
pub(super) fn remove(connection: &Connection, rows: usize, bytes: u64) -> Result<usize> {
    let (mut left, mut bytes_left) = (rows, bytes);
    for kind in Kind::ALL {
        let sql = "SELECT key FROM leftovers WHERE kind = ? LIMIT 1";
        while let Some(key) = connection
            .prepare_cached(sql)?
            .query_row([kind.word()], |row| row.get::<_, String>(0))
            .optional()?
        {
            for table in tables(kind) {
                let removed = remove_of(connection, table, &key, left, &mut bytes_left)?;
                left -= removed;
                if left == 0 || bytes_left == 0 {
                    return Ok(rows - left);
                }
            }
            let sql = "DELETE FROM leftovers WHERE kind = ? AND key = ?";
            connection
                .prepare_cached(sql)?
                .execute([kind.word(), &key])?;
        }
    }
    Ok(rows - left)
}

fn remove_of(
    connection: &Connection,
    table: &Table,
    key: &str,
    rows: usize,
    bytes_left: &mut u64,
) -> Result<usize> {
    let Table {
        name,
        key: column,
        row,
        bytes,
    } = table;
    let columns = row.split(", ").count();
    let is_undo = *name == "undos";
    let undo = if is_undo { "id, crew" } else { "NULL, NULL" };
    let sql = format!("SELECT {bytes}, {undo}, {row} FROM {name} WHERE {column} = ? LIMIT ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query((key, signed(rows as u64)))?;
    let mut doomed: Vec<Vec<Value>> = Vec::new();
    while let Some(row) = found.next()? {
        if is_undo {
            trash::leave_undo(connection, &row.get::<_, String>(1)?, row.get(2)?)?;
        }
        let name = (3..3 + columns).map(|index| row.get(index));
        doomed.push(name.collect::<rusqlite::Result<_>>()?);
        let bytes: i64 = row.get(0)?;
        *bytes_left = bytes_left.saturating_sub(bytes.unsigned_abs());
        if *bytes_left == 0 {
            break;
        }
    }
    let wanted = vec!["?"; columns].join(", ");
    let sql = format!("DELETE FROM {name} WHERE ({row}) = ({wanted})");
    let mut statement = connection.prepare_cached(&sql)?;
    for name in &doomed {
        statement.execute(params_from_iter(name))?;
    }
    Ok(doomed.len())
}
