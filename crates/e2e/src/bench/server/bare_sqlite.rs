//! The baseline of writing: SQLite by itself, on the same disk and as durable as the server's.

use anyhow::Result;
use rusqlite::Connection;
use tempfile::TempDir;

/// Size of a row, in bytes: that of a log entry of a changed task.
const ROW_BYTES: usize = 430;

/// A database without a server.
pub(super) struct BareSqlite {
    connection: Connection,
    row: String,
    _folder: TempDir,
}

impl BareSqlite {
    pub(super) fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let connection = Connection::open(folder.path().join("bare.db"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute("CREATE TABLE rows (row TEXT NOT NULL)", [])?;
        Ok(Self {
            connection,
            row: "x".repeat(ROW_BYTES),
            _folder: folder,
        })
    }

    /// Commits a row.
    pub(super) fn commit(&self) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO rows (row) VALUES (?1)")?
            .execute([&self.row])?;
        Ok(())
    }
}
