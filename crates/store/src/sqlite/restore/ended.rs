//! Access that ended in the replaced database, and stays ended in the restored one.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, params};

use crate::Digest;
use crate::error::Result;
use crate::sqlite::backup::open;

/// Tokens, people and sign-ins that ended in a database, and the sign-ins that did not.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// Digests of revoked tokens, with the times of their revocation.
    tokens: Vec<(Digest, i64)>,
    /// Valid sign-ins, with the times at which they end.
    sign_ins: HashMap<Digest, i64>,
    /// Disabled people, with the times at which they were disabled.
    people: Vec<(String, i64)>,
}

impl Ended {
    /// Reads a database, of this version or an older one.
    pub(super) fn of(database: &Path) -> Result<Self> {
        let connection = open(database)?;
        let mut ended = Self::default();
        // A file of an older version has none of these tables yet.
        let has = |table: &str| -> rusqlite::Result<bool> {
            let sql =
                "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?)";
            connection.query_row(sql, [table], |row| row.get(0))
        };
        if has("credentials")? {
            let sql = "SELECT digest, revoked_at FROM credentials WHERE revoked_at IS NOT NULL";
            ended.tokens.extend(pairs(&connection, sql)?);
        }
        if has("revocations")? {
            let sql = "SELECT digest, revoked_at FROM revocations";
            ended.tokens.extend(pairs(&connection, sql)?);
        }
        if has("sessions")? {
            let sql = "SELECT digest, expires_at FROM sessions";
            ended.sign_ins.extend(pairs(&connection, sql)?);
        }
        if has("former_names")? {
            let sql = "SELECT id, disabled_at FROM people WHERE disabled_at IS NOT NULL";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            ended.people = rows.collect::<rusqlite::Result<_>>()?;
        }
        Ok(ended)
    }

    /// Ends in a copy what had ended in the database; returns the number of revoked tokens.
    pub(super) fn carry_over(&self, copy: &mut Connection) -> Result<usize> {
        let transaction = copy.transaction()?;
        for (digest, at) in &self.tokens {
            let sql = "INSERT OR IGNORE INTO revocations (digest, revoked_at) VALUES (?, ?)";
            transaction.execute(sql, params![digest, at])?;
        }
        for (person, at) in &self.people {
            let sql = "UPDATE people SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL";
            transaction.execute(sql, params![at, person])?;
        }
        let sql = "UPDATE credentials SET revoked_at = \
                     (SELECT revoked_at FROM revocations WHERE digest = credentials.digest) \
                   WHERE revoked_at IS NULL AND digest IN (SELECT digest FROM revocations)";
        let revoked = transaction.execute(sql, [])?;
        for (digest, expires_at) in pairs(&transaction, "SELECT digest, expires_at FROM sessions")?
        {
            match self.sign_ins.get(&digest) {
                Some(now) => transaction.execute(
                    "UPDATE sessions SET expires_at = ? WHERE digest = ?",
                    params![expires_at.min(*now), digest],
                )?,
                None => transaction.execute("DELETE FROM sessions WHERE digest = ?", [digest])?,
            };
        }
        transaction.execute(
            "DELETE FROM sessions WHERE credential NOT IN \
               (SELECT id FROM credentials WHERE revoked_at IS NULL AND person IS NULL \
                OR revoked_at IS NULL AND person NOT IN \
                  (SELECT id FROM people WHERE disabled_at IS NOT NULL))",
            [],
        )?;
        transaction.commit()?;
        Ok(revoked)
    }
}

fn pairs(connection: &Connection, sql: &str) -> Result<Vec<(Digest, i64)>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
