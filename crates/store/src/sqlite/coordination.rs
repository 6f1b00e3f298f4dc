//! Rows of messages, leases and log lines.

use rusqlite::{Connection, Row, params};
use tasktree_protocol::agent::{AgentMessage, Lease};
use tasktree_protocol::{AgentId, ProjectId};

use super::events::within_a_page;
use super::values::{Word, id, maybe_time, maybe_unsigned, signed, time, unsigned, word};
use crate::error::Result;
use crate::{Inbox, LogEntry};

/// Approximate bytes of an entry besides its text.
const ENTRY_BYTES: usize = 128;

pub(super) fn messages(
    connection: &Connection,
    project: &ProjectId,
    to: &AgentId,
    of: Inbox,
) -> Result<Vec<AgentMessage>> {
    let unread = of == Inbox::Unread;
    let sql = "SELECT * FROM messages WHERE project = ? AND recipient = ? \
               AND (read_at IS NULL OR NOT ?) AND (closed_at IS NULL OR ?) ORDER BY id";
    // Unread messages are read from the oldest on and then marked; of all messages the newest
    // matter.
    let sql = if unread {
        sql.to_owned()
    } else {
        format!("{sql} DESC")
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let arguments = params![project.as_str(), to.as_str(), unread, of == Inbox::All];
    let rows = statement.query_map(arguments, |row| {
        Ok(AgentMessage {
            id: unsigned(row, "id")?,
            from: row.get("sender")?,
            to: id(row, "recipient")?,
            body: row.get("body")?,
            sent_at: time(row, "sent_at")?,
            read_at: maybe_time(row, "read_at")?,
        })
    })?;
    let mut messages = within_a_page(rows, |message| ENTRY_BYTES + message.body.len())?;
    messages.sort_unstable_by_key(|message| message.id);
    Ok(messages)
}

pub(super) fn unread(connection: &Connection, project: &ProjectId, to: &AgentId) -> Result<u64> {
    let sql = "SELECT COUNT(*) AS number FROM messages WHERE project = ? AND recipient = ? \
               AND read_at IS NULL AND closed_at IS NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let key = [project.as_str(), to.as_str()];
    Ok(statement.query_row(key, |row| unsigned(row, "number"))?)
}

pub(super) fn correspondents(
    connection: &Connection,
    project: &ProjectId,
) -> Result<Vec<(String, AgentId)>> {
    let sql = "SELECT DISTINCT sender, recipient FROM messages WHERE project = ? \
               ORDER BY sender, recipient";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str()], |row| {
        Ok((row.get("sender")?, id(row, "recipient")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn add_message(
    connection: &Connection,
    project: &ProjectId,
    message: &AgentMessage,
    keep: u64,
) -> Result<u64> {
    let sql = "INSERT INTO messages (project, sender, recipient, sent_at, body) \
               VALUES (?, ?, ?, ?, ?) RETURNING id";
    let number = connection.prepare_cached(sql)?.query_row(
        params![
            project.as_str(),
            message.from,
            message.to.as_str(),
            message.sent_at.unix_millis(0),
            message.body
        ],
        |row| unsigned(row, "id"),
    )?;
    let trim = "DELETE FROM messages WHERE project = ?1 AND recipient = ?2 AND id <= \
                (SELECT id FROM messages WHERE project = ?1 AND recipient = ?2 \
                 ORDER BY id DESC LIMIT 1 OFFSET ?3)";
    connection.prepare_cached(trim)?.execute(params![
        project.as_str(),
        message.to.as_str(),
        signed(keep)
    ])?;
    Ok(number)
}

pub(super) fn mark_read(
    connection: &Connection,
    project: &ProjectId,
    to: &AgentId,
    up_to: u64,
    millis: i64,
) -> Result<bool> {
    let sql = "UPDATE messages SET read_at = ? WHERE project = ? AND recipient = ? AND id <= ? \
               AND read_at IS NULL AND closed_at IS NULL";
    let arguments = params![millis, project.as_str(), to.as_str(), signed(up_to)];
    Ok(connection.prepare_cached(sql)?.execute(arguments)? > 0)
}

pub(super) fn close_messages(
    connection: &Connection,
    project: &ProjectId,
    to: &AgentId,
    millis: i64,
) -> Result<bool> {
    let is_pending = unread(connection, project, to)? > 0;
    let sql = "UPDATE messages SET closed_at = ? WHERE project = ? AND recipient = ? \
               AND closed_at IS NULL";
    let arguments = params![millis, project.as_str(), to.as_str()];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(is_pending)
}

fn lease(row: &Row<'_>) -> rusqlite::Result<Lease> {
    Ok(Lease {
        id: unsigned(row, "id")?,
        agent: id(row, "agent")?,
        path: row.get("path")?,
        exclusive: row.get("exclusive")?,
        reason: row.get("reason")?,
        granted_at: time(row, "granted_at")?,
        expires_at: time(row, "expires_at")?,
        conflicts: Vec::new(),
        soft: row.get("soft")?,
        run: maybe_unsigned(row, "run")?,
    })
}

pub(super) fn leases(connection: &Connection, project: &ProjectId) -> Result<Vec<Lease>> {
    let sql = "SELECT * FROM leases WHERE project = ? ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str()], lease)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn leases_until(connection: &Connection, millis: i64) -> Result<Vec<ProjectId>> {
    let sql = "SELECT DISTINCT projects.id AS id FROM leases JOIN projects ON projects.rows_key = leases.project \
               WHERE expires_at <= ? AND kept_at IS NULL ORDER BY projects.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([millis], |row| id(row, "id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn add_lease(
    connection: &Connection,
    project: &ProjectId,
    lease: &Lease,
) -> Result<u64> {
    let sql = "INSERT INTO leases (project, agent, path, exclusive, reason, granted_at, expires_at, soft, run) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let arguments = params![
        project.as_str(),
        lease.agent.as_str(),
        lease.path,
        lease.exclusive,
        lease.reason,
        lease.granted_at.unix_millis(0),
        lease.expires_at.unix_millis(0),
        lease.soft,
        lease.run.map(signed),
    ];
    let number = connection
        .prepare_cached(sql)?
        .query_row(arguments, |row| unsigned(row, "id"))?;
    Ok(number)
}

pub(super) fn put_lease(connection: &Connection, project: &ProjectId, lease: &Lease) -> Result<()> {
    let sql = "UPDATE leases SET agent = ?3, path = ?4, exclusive = ?5, reason = ?6, \
                 granted_at = ?7, expires_at = ?8, soft = ?9, run = ?10 WHERE project = ?1 AND id = ?2";
    connection.prepare_cached(sql)?.execute(params![
        project.as_str(),
        signed(lease.id),
        lease.agent.as_str(),
        lease.path,
        lease.exclusive,
        lease.reason,
        lease.granted_at.unix_millis(0),
        lease.expires_at.unix_millis(0),
        lease.soft,
        lease.run.map(signed),
    ])?;
    Ok(())
}

pub(super) fn delete_lease(connection: &Connection, project: &ProjectId, id: u64) -> Result<()> {
    let sql = "DELETE FROM leases WHERE project = ? AND id = ?";
    connection
        .prepare_cached(sql)?
        .execute(params![project.as_str(), signed(id)])?;
    Ok(())
}

pub(super) fn log_lines(
    connection: &Connection,
    project: &ProjectId,
    agent: Option<&AgentId>,
    limit: usize,
) -> Result<Vec<LogEntry>> {
    let condition = if agent.is_some() {
        "AND agent = ?3"
    } else {
        "AND ?3 IS NULL"
    };
    let sql =
        format!("SELECT * FROM log_lines WHERE project = ?1 {condition} ORDER BY id DESC LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let arguments = params![
        project.as_str(),
        signed(limit as u64),
        agent.map(AgentId::as_str)
    ];
    let rows = statement.query_map(arguments, |row| {
        let agent: String = row.get("agent")?;
        let task: Option<String> = row.get("task")?;
        Ok(LogEntry {
            at: time(row, "at")?,
            agent: (!agent.is_empty()).then(|| agent.into()),
            task_id: task.map(Into::into),
            level: row.get::<_, Word<_>>("level")?.0,
            line: row.get("line")?,
        })
    })?;
    let mut lines = within_a_page(rows, |entry| ENTRY_BYTES + entry.line.len())?;
    lines.reverse();
    Ok(lines)
}

pub(super) fn add_log_lines(
    connection: &Connection,
    project: &ProjectId,
    lines: &[LogEntry],
    keep: u64,
) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO log_lines (project, agent, task, level, at, line) VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    let writer = |entry: &LogEntry| entry.agent.as_ref().map_or("", AgentId::as_str).to_owned();
    for entry in lines {
        insert.execute(params![
            project.as_str(),
            writer(entry),
            entry.task_id.as_ref().map(|task| task.as_str()),
            word(entry.level)?,
            entry.at.unix_millis(0),
            entry.line,
        ])?;
    }
    let mut writers: Vec<_> = lines.iter().map(writer).collect();
    writers.dedup();
    let mut trim = connection.prepare_cached(
        "DELETE FROM log_lines WHERE project = ?1 AND agent = ?2 AND id <= \
         (SELECT id FROM log_lines WHERE project = ?1 AND agent = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)",
    )?;
    for writer in writers {
        trim.execute(params![project.as_str(), writer, signed(keep)])?;
    }
    Ok(())
}

pub(super) fn delete_log_lines(
    connection: &Connection,
    project: &ProjectId,
    agent: &AgentId,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM log_lines WHERE project = ? AND agent = ?")?
        .execute([project.as_str(), agent.as_str()])?;
    Ok(())
}
