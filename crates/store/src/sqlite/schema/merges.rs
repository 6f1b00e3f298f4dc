//! Migration for merges.

use rusqlite::{Connection, params};
use serde_json::Value;

use crate::error::Result;
use crate::remote::without_credentials;

/// Commit that contains a merged task's work, and the branch that a project merges into.
///
/// [`hide_credentials`] belongs to the same step.
pub(super) const COLUMNS: &str = "
    ALTER TABLE tasks ADD COLUMN merge_commit TEXT;
    ALTER TABLE projects ADD COLUMN main_branch TEXT;
    DELETE FROM answers WHERE answer LIKE '%\"git_remote\":\"%';
";

/// Removes user names and passwords from stored remote URLs and from their copies in the log.
pub(super) fn hide_credentials(connection: &Connection) -> Result<()> {
    let mut statement =
        connection.prepare("SELECT id, git_remote FROM projects WHERE git_remote IS NOT NULL")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (id, remote) in rows.collect::<rusqlite::Result<Vec<(String, String)>>>()? {
        let sql = "UPDATE projects SET git_remote = ? WHERE id = ?";
        connection.execute(sql, [without_credentials(&remote), id])?;
    }
    let mut statement = connection.prepare(
        "SELECT stream, seq, message FROM events WHERE kind IN ('project_created', 'project_updated')",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (stream, seq, message) in rows.collect::<rusqlite::Result<Vec<(String, i64, Vec<u8>)>>>()? {
        let mut said: Value = serde_json::from_slice(&message)?;
        if let Some(remote) = said.pointer_mut("/data/git_remote")
            && let Some(text) = remote.as_str()
        {
            *remote = without_credentials(text).into();
            let sql = "UPDATE events SET message = ? WHERE stream = ? AND seq = ?";
            connection.execute(sql, params![serde_json::to_vec(&said)?, stream, seq])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{STEPS, migrate};
    use super::*;

    #[test]
    fn credentials_of_remotes_are_gone_from_an_older_file() {
        let mut connection = Connection::open_in_memory().unwrap();
        let before = STEPS.iter().position(|step| *step == COLUMNS).unwrap();
        for step in &STEPS[..before] {
            connection.execute_batch(step).unwrap();
        }
        connection
            .pragma_update(None, "user_version", before as i64)
            .unwrap();
        let sql = "INSERT INTO projects (id, ordinal, name, path, max_agents, active, demo, created_at, updated_at, \
                     git_remote, last_number, agents_registered) \
                   VALUES ('a', 1, 'A', '', 1, 1, 0, 0, 0, 'https://u:SECRET@host/a', 0, 0)";
        connection.execute(sql, []).unwrap();
        let message = br#"{"type":"project_updated","data":{"id":"a","git_remote":"https://SECRET@host/a"},"seq":1}"#;
        let sql =
            "INSERT INTO events (stream, seq, kind, message) VALUES ('*', 1, 'project_updated', ?)";
        connection.execute(sql, [message.to_vec()]).unwrap();
        let answer = r#"{"value":{"git_remote":"https://SECRET@host/a"}}"#;
        let sql =
            "INSERT INTO answers (id, fingerprint, expires_at, answer) VALUES ('k', 'f', 1, ?)";
        connection.execute(sql, [answer]).unwrap();
        migrate(&mut connection).unwrap();
        let text = |sql: &str| {
            let row = connection.query_row(sql, [], |row| row.get::<_, String>(0));
            row.unwrap_or_default()
        };
        assert_eq!(text("SELECT git_remote FROM projects"), "https://host/a");
        assert_eq!(
            text("SELECT CAST(message AS TEXT) FROM events"),
            r#"{"type":"project_updated","data":{"id":"a","git_remote":"https://host/a"},"seq":1}"#
        );
        assert_eq!(text("SELECT answer FROM answers"), "");
    }
}
