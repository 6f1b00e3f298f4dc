//! The task that comes next: one that is ready, most urgent first.

use rusqlite::{Connection, OptionalExtension, params};
use tasktree_protocol::{ProjectId, Status};

use crate::error::Result;
use crate::store::NotReady;

/// Condition of a task `t` that can be worked on: every dependency is done or removed, and so is
/// every part of it, at any depth. Ids of tasks begin with their number, which is what the cast
/// reads. The cross join keeps SQLite from going through all tasks for each dependency.
const IS_FREE: &str = "t.hold_reason IS NULL \
    AND NOT EXISTS (SELECT 1 FROM stagings WHERE stagings.project = t.project \
      AND t.number BETWEEN stagings.first AND stagings.last) \
    AND NOT EXISTS (SELECT 1 FROM json_each(t.dependencies) AS d CROSS JOIN tasks AS o \
      ON o.project = t.project AND o.number = CAST(d.value AS INTEGER) \
      WHERE o.deleted_at IS NULL AND o.status NOT IN ('completed', 'merged')) \
    AND NOT EXISTS (WITH RECURSIVE parts (number, status) AS ( \
        SELECT number, status FROM shown_tasks \
          WHERE project = t.project AND parent = t.number AND deleted_at IS NULL \
        UNION SELECT part.number, part.status FROM parts JOIN shown_tasks AS part \
          ON part.project = t.project AND part.parent = parts.number AND part.deleted_at IS NULL) \
      SELECT 1 FROM parts WHERE status NOT IN ('completed', 'merged'))";

/// Looks through the index in the order of the board: tasks to be taken next before unclaimed ones,
/// and within each those with a priority before those without.
pub(super) fn next(connection: &Connection, project: &ProjectId) -> Result<Option<u64>> {
    for status in [Status::UpNext, Status::Unclaimed] {
        for priority in ["t.priority > 0", "t.priority = 0"] {
            let found: Option<i64> = connection
                .prepare_cached(&first(priority))?
                .query_row([project.as_str(), status.as_str()], |row| row.get(0))
                .optional()?;
            if let Some(number) = found {
                return Ok(Some(number.unsigned_abs()));
            }
        }
    }
    Ok(None)
}

/// Returns the query for the first task with a status that is free, of those that `priority` selects.
fn first(priority: &str) -> String {
    format!(
        "SELECT t.number FROM tasks AS t INDEXED BY tasks_status \
         WHERE t.project = ? AND t.status = ? AND {priority} AND t.deleted_at IS NULL AND {IS_FREE} \
         ORDER BY t.priority, t.number LIMIT 1"
    )
}

pub(super) fn count_others(connection: &Connection, project: &ProjectId) -> Result<NotReady> {
    let sql = "SELECT COALESCE(SUM(status = 'in_progress'), 0), \
                 COALESCE(SUM(status IN ('unclaimed', 'up_next') AND hold_reason IS NOT NULL), 0), \
                 COALESCE(SUM(status IN ('unclaimed', 'up_next') AND hold_reason IS NULL), 0) \
               FROM shown_tasks WHERE project = ? AND deleted_at IS NULL \
                 AND status IN ('unclaimed', 'up_next', 'in_progress')";
    Ok(connection
        .prepare_cached(sql)?
        .query_row(params![project.as_str()], |row| {
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
    use crate::store::schema;

    #[test]
    fn a_dependency_is_looked_up_and_not_searched_for() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let plan = format!("EXPLAIN QUERY PLAN {}", first("t.priority > 0"));
        let mut statement = connection.prepare(&plan).unwrap();
        let steps = statement
            .query_map(["alpha", "unclaimed"], |row| row.get("detail"))
            .unwrap();
        let steps: Vec<String> = steps.map(std::result::Result::unwrap).collect();
        let lookup = steps.iter().find(|step| step.starts_with("SEARCH o "));
        assert!(
            lookup.is_some_and(|step| step.contains("(project=? AND number=?)")),
            "{steps:#?}"
        );
    }
}
