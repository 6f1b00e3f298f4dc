//! Queries for ready tasks, and for the next one to claim.

use rusqlite::{Connection, OptionalExtension, params};
use tasktree_protocol::Status;

use super::keys::Space;
use super::values::{signed, time, unsigned};
use crate::error::Result;
use crate::{NotReady, OverdueTask, ReadyPlace};

/// Returns the SQL condition that a task `t` is free: all its dependencies and descendants are done
/// or removed.
///
/// Ids of tasks begin with their number, which is what the cast reads. The cross join keeps SQLite
/// from scanning all tasks for each dependency.
fn is_free(space: &Space) -> String {
    let needed = space.status_of("o");
    let (part, parts) = (space.status_of("part"), space.status_of("shown_tasks"));
    format!(
        "t.hold_reason IS NULL \
         AND NOT EXISTS (SELECT 1 FROM stagings WHERE stagings.project = t.project \
           AND t.number BETWEEN stagings.first AND stagings.last) \
         AND NOT EXISTS (SELECT 1 FROM json_each(t.dependencies) AS d CROSS JOIN tasks AS o \
           ON o.project = t.project AND o.number = CAST(d.value AS INTEGER) \
           WHERE o.deleted_at IS NULL AND {needed} NOT IN ('completed', 'merged')) \
         AND NOT EXISTS (WITH RECURSIVE parts (number, status) AS ( \
             SELECT number, {parts} FROM shown_tasks \
               WHERE project = t.project AND parent = t.number AND deleted_at IS NULL \
             UNION SELECT part.number, {part} FROM parts JOIN shown_tasks AS part \
               ON part.project = t.project AND part.parent = parts.number AND part.deleted_at IS NULL) \
           SELECT 1 FROM parts WHERE status NOT IN ('completed', 'merged'))"
    )
}

/// Finds the next ready task by index, in the order of the board.
///
/// Tasks marked as next come before unclaimed ones, and within each, those with a priority before
/// those without.
pub(super) fn next(
    connection: &Connection,
    space: &Space,
    from: Option<&ReadyPlace>,
) -> Result<Option<ReadyPlace>> {
    let group = |place: &ReadyPlace| (place.status != Status::UpNext, place.priority == 0);
    for status in [Status::UpNext, Status::Unclaimed] {
        for (priority, is_none) in [("t.priority > 0", false), ("t.priority = 0", true)] {
            let this = (status != Status::UpNext, is_none);
            let (rest, priority_from, number_from) = match from {
                Some(from) if group(from) > this => continue,
                Some(from) if group(from) == this => (
                    "AND (t.priority, t.number) >= (?3, ?4)",
                    from.priority,
                    from.number,
                ),
                _ => (FROM_THE_START, 0, 0),
            };
            let sql = first(space, priority, rest);
            let arguments = params![
                space.rows.as_str(),
                status.as_str(),
                priority_from,
                signed(number_from)
            ];
            let found = connection
                .prepare_cached(&sql)?
                .query_row(arguments, |row| {
                    Ok(ReadyPlace {
                        status,
                        priority: row.get("priority")?,
                        number: unsigned(row, "number")?,
                    })
                })
                .optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

/// Returns the numbers of all tasks that are free.
pub(super) fn all(connection: &Connection, space: &Space) -> Result<Vec<u64>> {
    let sql = format!(
        "SELECT t.number FROM tasks AS t \
         WHERE t.project = ? AND {} IN ('unclaimed', 'up_next') AND t.deleted_at IS NULL AND {}",
        space.status_of("t"),
        is_free(space)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let numbers = statement.query_map([space.rows.as_str()], |row| unsigned(row, "number"))?;
    Ok(numbers.collect::<rusqlite::Result<_>>()?)
}

/// Returns true if a task is free and could be claimed.
pub(super) fn is(connection: &Connection, space: &Space, number: u64) -> Result<bool> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM tasks AS t WHERE t.project = ? AND t.number = ? \
           AND {} IN ('unclaimed', 'up_next') AND t.deleted_at IS NULL AND {})",
        space.status_of("t"),
        is_free(space)
    );
    let arguments = params![space.rows.as_str(), signed(number)];
    Ok(connection
        .prepare_cached(&sql)?
        .query_row(arguments, |row| row.get(0))?)
}

/// Returns the most urgent task that has been free, and was not changed, since `until` or longer.
///
/// A task became free when the last of its dependencies and parts was done.
pub(super) fn overdue(
    connection: &Connection,
    space: &Space,
    until: i64,
) -> Result<Option<OverdueTask>> {
    let since = "MAX(t.updated_at, \
       COALESCE((SELECT MAX(COALESCE(o.status_changed_at, o.updated_at)) FROM json_each(t.dependencies) AS d \
         CROSS JOIN tasks AS o ON o.project = t.project AND o.number = CAST(d.value AS INTEGER)), 0), \
       COALESCE((SELECT MAX(COALESCE(part.status_changed_at, part.updated_at)) FROM tasks AS part \
         WHERE part.project = t.project AND part.parent = t.number), 0))";
    let (index, status, is_free) = (index(space), space.status_of("t"), is_free(space));
    for wanted in ["up_next", "unclaimed"] {
        for priority in ["t.priority > 0", "t.priority = 0"] {
            let sql = format!(
                "SELECT t.number, {since} AS since FROM tasks AS t INDEXED BY {index} \
                 WHERE t.project = ?1 AND {status} = ?2 AND {priority} AND t.deleted_at IS NULL \
                   AND t.updated_at <= ?3 AND {is_free} AND {since} <= ?3 \
                 ORDER BY t.priority, t.number LIMIT 1"
            );
            let arguments = params![space.rows.as_str(), wanted, until];
            let found = connection
                .prepare_cached(&sql)?
                .query_row(arguments, |row| {
                    Ok(OverdueTask {
                        number: unsigned(row, "number")?,
                        since: time(row, "since")?,
                    })
                })
                .optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

/// Returns the index for a search by status.
///
/// That of statuses only if the rows have their real status: see `resets`.
const fn index(space: &Space) -> &'static str {
    match space.reset {
        None => "tasks_status",
        Some(_) => "tasks_order",
    }
}

/// Condition that applies without a starting place.
const FROM_THE_START: &str = "AND ?3 = 0 AND ?4 = 0";

/// Returns the query for the first free task with a status, among those that `priority` and `rest`
/// select.
fn first(space: &Space, priority: &str, rest: &str) -> String {
    let (index, of, is_free) = (index(space), space.status_of("t"), is_free(space));
    format!(
        "SELECT t.priority, t.number FROM tasks AS t INDEXED BY {index} \
         WHERE t.project = ?1 AND {of} = ?2 AND {priority} AND t.deleted_at IS NULL {rest} AND {is_free} \
         ORDER BY t.priority, t.number LIMIT 1"
    )
}

pub(super) fn count_others(connection: &Connection, space: &Space) -> Result<NotReady> {
    let status = space.status_of("shown_tasks");
    let sql = format!(
        "SELECT COALESCE(SUM({status} = 'in_progress'), 0), \
                 COALESCE(SUM({status} IN ('unclaimed', 'up_next') AND hold_reason IS NOT NULL), 0), \
                 COALESCE(SUM({status} IN ('unclaimed', 'up_next') AND hold_reason IS NULL), 0) \
               FROM shown_tasks WHERE project = ? AND deleted_at IS NULL \
                 AND {status} IN ('unclaimed', 'up_next', 'in_progress')"
    );
    Ok(connection
        .prepare_cached(&sql)?
        .query_row(params![space.rows.as_str()], |row| {
            let count = |index| Ok::<_, rusqlite::Error>(row.get::<_, i64>(index)?.unsigned_abs());
            Ok(NotReady {
                in_progress: count(0)?,
                on_hold: count(1)?,
                blocked: count(2)?,
            })
        })?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    #[test]
    fn a_dependency_is_looked_up_and_not_searched_for() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let space = Space::of_none(&connection, &"alpha".into()).unwrap();
        let first = first(&space, "t.priority > 0", FROM_THE_START);
        let plan = format!("EXPLAIN QUERY PLAN {first}");
        let mut statement = connection.prepare(&plan).unwrap();
        let steps = statement
            .query_map(params!["alpha", "unclaimed", 0, 0], |row| row.get("detail"))
            .unwrap();
        let steps: Vec<String> = steps.map(std::result::Result::unwrap).collect();
        let lookup = steps.iter().find(|step| step.starts_with("SEARCH o "));
        assert!(
            lookup.is_some_and(|step| step.contains("(project=? AND number=?)")),
            "{steps:#?}"
        );
    }
}
