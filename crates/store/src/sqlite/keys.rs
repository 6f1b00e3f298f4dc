//! Keys under which the rows of a project are stored.
//!
//! A project's row names three keys: that of its rows, that of its agents with their runs and
//! messages, and, in its stream, that of its log. Readers and writers look the keys up by the
//! project's identifier. So to remove, reset or restore a project, however large, only one row
//! changes. Rows whose key is no longer referenced are removed in parts: see [`super::leftovers`].
//!
//! The first key is the identifier itself. A key that is in use, or still has leftovers, is never
//! reused.

use rusqlite::{Connection, OptionalExtension};
use tasktree_protocol::ProjectId;

use super::resets;
use super::values::unsigned;
use crate::PendingReset;
use crate::error::Result;

/// Prefix of the name of each trashed state, and of every key but the first. No project identifier
/// has it.
pub(super) const MARK: char = '~';

/// A project with the keys of its rows. The keys have the type of identifiers but are not
/// identifiers.
#[derive(Clone, Debug)]
pub(super) struct Space {
    /// Identifier of the project, which ids of tasks end with.
    pub(super) id: ProjectId,
    /// Key of all rows except those of `crew`.
    pub(super) rows: ProjectId,
    /// Key of its agents, their runs and their messages.
    pub(super) crew: ProjectId,
    /// Number of resets of all tasks so far.
    pub(super) resets: u64,
    /// Last reset of all tasks, until all rows are written.
    ///
    /// Rows with a lower reset count are read as this reset leaves them.
    pub(super) reset: Option<PendingReset>,
}

impl Space {
    /// Returns the keys of a project; none if the project does not exist.
    pub(super) fn find(connection: &Connection, id: &ProjectId) -> Result<Option<Self>> {
        let sql = "SELECT rows_key, crew_key, resets, pending.* FROM projects \
                   LEFT JOIN resets AS pending ON pending.project = rows_key \
                   WHERE id = ? AND kept_at IS NULL";
        let keys = connection
            .prepare_cached(sql)?
            .query_row([id.as_str()], |row| {
                Ok(Self {
                    id: id.clone(),
                    rows: row.get::<_, String>(0)?.into(),
                    crew: row.get::<_, String>(1)?.into(),
                    resets: unsigned(row, "resets")?,
                    reset: resets::joined(row)?,
                })
            });
        Ok(keys.optional()?)
    }

    /// Returns the keys that the project would get if it were created now.
    ///
    /// Only a test of the store writes under them before that.
    pub(super) fn of_none(connection: &Connection, id: &ProjectId) -> Result<Self> {
        Ok(Self {
            id: id.clone(),
            rows: free(connection, Kind::Rows, id.as_str())?.into(),
            crew: free(connection, Kind::Crew, id.as_str())?.into(),
            resets: 0,
            reset: None,
        })
    }

    /// Returns the pending reset if it is not yet written to a row with that reset count.
    pub(super) fn reset_over(&self, resets: u64) -> Option<&PendingReset> {
        self.reset.as_ref().filter(|_| resets < self.resets)
    }

    /// Returns the SQL expression for a task's status, given the alias of its table in the
    /// statement.
    pub(super) fn status_of(&self, task: &str) -> String {
        match self.reset {
            None => format!("{task}.status"),
            Some(_) => format!(
                "CASE WHEN {task}.resets < {} AND {task}.status <> 'merged' THEN 'unclaimed' \
                 ELSE {task}.status END",
                self.resets
            ),
        }
    }
}

/// Kind of a key: the group of tables that use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All rows of a project except the following.
    Rows,
    /// Agents, their runs and their messages.
    Crew,
    /// Events of a stream.
    Log,
    /// Tasks that an undo puts back.
    Undo,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Rows, Self::Crew, Self::Log, Self::Undo];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Crew => "crew",
            Self::Log => "log",
            Self::Undo => "undo",
        }
    }
}

/// Returns a free key: the wanted one, or a new one.
pub(super) fn free(connection: &Connection, kind: Kind, wanted: &str) -> Result<String> {
    let used = match kind {
        Kind::Rows => "SELECT 1 FROM projects WHERE rows_key = ?1",
        Kind::Crew => {
            "SELECT 1 FROM projects WHERE crew_key = ?1 UNION ALL SELECT 1 FROM undos WHERE crew = ?1"
        }
        Kind::Log => "SELECT 1 FROM streams WHERE log = ?1",
        Kind::Undo => "SELECT 1 FROM undos WHERE id = ?1",
    };
    let sql = format!(
        "SELECT EXISTS ({used}) \
         OR EXISTS (SELECT 1 FROM leftovers WHERE kind = ?2 AND key = ?1)"
    );
    let is_used: bool = connection
        .prepare_cached(&sql)?
        .query_row([wanted, kind.word()], |row| row.get(0))?;
    Ok(if is_used { fresh() } else { wanted.to_owned() })
}

/// Returns a new, unique key.
pub(super) fn fresh() -> String {
    format!("{MARK}{}", uuid::Uuid::new_v4().simple())
}

/// Gives up a key: its rows become unreachable and are removed in parts.
pub(super) fn leave(connection: &Connection, kind: Kind, key: &str) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO leftovers (kind, key) VALUES (?, ?)";
    connection
        .prepare_cached(sql)?
        .execute([kind.word(), key])?;
    Ok(())
}
