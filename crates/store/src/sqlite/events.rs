//! Streams and their logs.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::Value};
use tasktree_protocol::{Epoch, StreamId};

use super::keys::{self, Kind, MARK};
use super::values::{id, signed, unsigned};
use crate::error::{Error, Result};
use crate::limits::{
    EVENTS_BYTES_KEPT, EVENTS_BYTES_TRIMMED, EVENTS_KEPT, EVENTS_TRIM_EVERY, EVENTS_TRIMMED,
    PAGE_BYTES,
};
use crate::sqlite::schema;
use crate::{EventRow, StreamRow};

pub(super) fn stream(connection: &Connection, name: &StreamId) -> Result<Option<StreamRow>> {
    if name.as_str().starts_with(MARK) {
        return Ok(None);
    }
    // If trimming went past the start of the epoch, the first remaining event counts.
    let sql = "SELECT epoch, streams.seq AS seq, MAX(epoch_after, COALESCE( \
                 (SELECT seq FROM events WHERE stream = streams.log ORDER BY seq LIMIT 1) - 1, 0)) AS kept_after \
               FROM streams WHERE id = ?1";
    let row = connection
        .prepare_cached(sql)?
        .query_row([name.as_str()], |row| {
            Ok(StreamRow {
                epoch: id(row, "epoch")?,
                seq: unsigned(row, "seq")?,
                kept_after: unsigned(row, "kept_after")?,
            })
        });
    Ok(row.optional()?)
}

pub(super) fn start(connection: &Connection, name: &StreamId) -> Result<Epoch> {
    let epoch = schema::new_name();
    let sql = "SELECT log FROM streams WHERE id = ?";
    let former: Option<String> = connection
        .prepare_cached(sql)?
        .query_row([name.as_str()], |row| row.get(0))
        .optional()?;
    let log = keys::free(connection, Kind::Log, name.as_str())?;
    let sql = "INSERT INTO streams (id, epoch, seq, epoch_after, log) VALUES (?1, ?2, 0, 0, ?3) \
               ON CONFLICT (id) DO UPDATE SET epoch = ?2, seq = 0, epoch_after = 0, log = ?3";
    connection
        .prepare_cached(sql)?
        .execute([name.as_str(), &epoch, &log])?;
    if let Some(former) = former {
        keys::leave(connection, Kind::Log, &former)?;
    }
    Ok(epoch.into())
}

pub(super) fn renew(connection: &Connection, name: &StreamId) -> Result<()> {
    // Positions continue, so that events stay readable as history.
    connection
        .prepare_cached("UPDATE streams SET epoch = ?, epoch_after = seq WHERE id = ?")?
        .execute([&schema::new_name(), name.as_str()])?;
    Ok(())
}

pub(super) fn advance(connection: &Connection, name: &StreamId) -> Result<StreamRow> {
    let sql = "UPDATE streams SET seq = seq + 1 WHERE id = ? RETURNING epoch, seq, epoch_after";
    let row = connection
        .prepare_cached(sql)?
        .query_row([name.as_str()], |row| {
            Ok(StreamRow {
                epoch: id(row, "epoch")?,
                seq: unsigned(row, "seq")?,
                kept_after: unsigned(row, "epoch_after")?,
            })
        });
    row.optional()?
        .ok_or_else(|| Error::Internal(format!("Stream '{name}' not found.")))
}

pub(super) fn add(connection: &Connection, event: &EventRow) -> Result<()> {
    let sql = "INSERT INTO events (stream, seq, kind, message) \
               SELECT log, ?2, ?3, ?4 FROM streams WHERE id = ?1 RETURNING stream";
    let log: String = connection.prepare_cached(sql)?.query_row(
        params![
            event.stream.as_str(),
            signed(event.seq),
            event.kind,
            &event.message[..],
        ],
        |row| row.get(0),
    )?;
    let size = event.message.len() as u64;
    let total = count(connection, &log, signed(size))?;
    let most = Excess {
        events: event.seq.saturating_sub(EVENTS_KEPT),
        bytes: total.saturating_sub(EVENTS_BYTES_KEPT),
    };
    if most.bytes > 0 || (most.events > 0 && event.seq.is_multiple_of(EVENTS_TRIM_EVERY)) {
        trim(connection, &log, &most, size)?;
    }
    Ok(())
}

/// Part of a log to trim.
struct Excess {
    /// Position of the last event to remove; 0 for none.
    events: u64,
    bytes: u64,
}

/// Adds to the byte count of a log; returns the new count.
fn count(connection: &Connection, log: &str, more: i64) -> Result<u64> {
    let sql = "INSERT INTO log_totals (log, bytes) VALUES (?1, ?2) \
               ON CONFLICT (log) DO UPDATE SET bytes = bytes + ?2 RETURNING bytes";
    Ok(connection
        .prepare_cached(sql)?
        .query_row(params![log, more], |row| unsigned(row, "bytes"))?)
}

/// Removes excess events from the oldest on, a few at a time.
///
/// A log of small events that become large thus shrinks to its limit within some more events.
fn trim(connection: &Connection, log: &str, most: &Excess, added: u64) -> Result<()> {
    let sql =
        "SELECT seq, length(message) AS size FROM events WHERE stream = ? ORDER BY seq LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![log, signed(EVENTS_TRIMMED)])?;
    let at_once = EVENTS_BYTES_TRIMMED.max(2 * added);
    let (mut last, mut removed) = (None, 0);
    while let Some(row) = rows.next()? {
        let (seq, size) = (unsigned(row, "seq")?, unsigned(row, "size")?);
        if seq > most.events && removed >= most.bytes.min(at_once) {
            break;
        }
        last = Some(seq);
        removed += size;
    }
    let Some(last) = last else {
        return Ok(());
    };
    let sql = "DELETE FROM events WHERE stream = ? AND seq <= ?";
    connection
        .prepare_cached(sql)?
        .execute(params![log, signed(last)])?;
    count(connection, log, -signed(removed)).map(drop)
}

fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        stream: id(row, "id")?,
        seq: unsigned(row, "seq")?,
        kind: row.get("kind")?,
        message: Bytes::from(row.get::<_, Vec<u8>>("message")?),
    })
}

pub(super) fn after(
    connection: &Connection,
    stream: &StreamId,
    after: u64,
    limit: usize,
) -> Result<Vec<EventRow>> {
    let sql = "SELECT id, events.seq AS seq, kind, message FROM streams JOIN events ON events.stream = streams.log \
               WHERE id = ?1 AND events.seq > MAX(?2, epoch_after) ORDER BY events.seq LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let arguments = params![stream.as_str(), signed(after), signed(limit as u64)];
    let rows = statement.query_map(arguments, event)?;
    within_a_page(rows, |event| event.message.len())
}

/// Returns as many rows as fit into one page, at least one.
pub(super) fn within_a_page<T>(
    rows: impl Iterator<Item = rusqlite::Result<T>>,
    size: impl Fn(&T) -> usize,
) -> Result<Vec<T>> {
    let mut page = Vec::new();
    let mut bytes = 0;
    for row in rows {
        let row = row?;
        bytes += size(&row);
        if bytes > PAGE_BYTES && !page.is_empty() {
            break;
        }
        page.push(row);
    }
    Ok(page)
}

pub(super) fn of_kinds(
    connection: &Connection,
    stream: &StreamId,
    kinds: &[&str],
    limit: usize,
) -> Result<Vec<EventRow>> {
    let sql = format!(
        "SELECT id, events.seq AS seq, kind, message FROM streams JOIN events ON events.stream = streams.log \
         WHERE id = ? AND kind IN ({}) ORDER BY events.seq DESC LIMIT ?",
        vec!["?"; kinds.len()].join(", ")
    );
    let arguments = std::iter::once(Value::Text(stream.as_str().to_owned()))
        .chain(kinds.iter().map(|kind| Value::Text((*kind).to_owned())))
        .chain([Value::Integer(signed(limit as u64))]);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(arguments), event)?;
    within_a_page(rows, |event| event.message.len())
}
