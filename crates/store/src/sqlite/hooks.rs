//! Rows of the last events of harnesses.

use rusqlite::{Connection, Row, params};
use tasktree_protocol::ProjectId;
use tasktree_protocol::agent::Source;
use tasktree_protocol::http::HookSeen;

use super::values::{signed, time, unsigned};
use crate::SeenIn;
use crate::error::Result;

fn seen(row: &Row<'_>) -> rusqlite::Result<Option<SeenIn>> {
    let project: String = row.get("project")?;
    let source: String = row.get("source")?;
    // A later version may have stored a harness that this one does not know.
    let Some(source) = Source::of_name(&source) else {
        return Ok(None);
    };
    Ok(Some(SeenIn {
        project: (!project.is_empty()).then(|| project.into()),
        seen: HookSeen {
            source,
            last_event: row.get("last_event")?,
            last_at: time(row, "last_at")?,
            events: unsigned(row, "events")?,
        },
    }))
}

pub(super) fn all(connection: &Connection) -> Result<Vec<SeenIn>> {
    let sql = "SELECT * FROM hooks_seen ORDER BY project, source";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], seen)?;
    let rows: Vec<Option<SeenIn>> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(rows.into_iter().flatten().collect())
}

pub(super) fn put(
    connection: &Connection,
    project: Option<&ProjectId>,
    seen: &HookSeen,
) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO hooks_seen (project, source, last_event, last_at, events) \
               VALUES (?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        project.map_or("", ProjectId::as_str),
        seen.source.as_str(),
        seen.last_event,
        seen.last_at.unix_millis(0),
        signed(seen.events),
    ])?;
    Ok(())
}

pub(super) fn forget_others(connection: &Connection) -> Result<()> {
    let sql = "DELETE FROM hooks_seen WHERE project <> '' \
               AND project NOT IN (SELECT id FROM projects)";
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}
