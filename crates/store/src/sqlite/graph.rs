//! Dependencies of tasks: only the columns that a check of them needs.

use rusqlite::{Connection, OptionalExtension, params};
use tasktree_protocol::ProjectId;

use super::keys::Space;
use super::values::{Word, json, signed, unsigned};
use crate::error::{Error, Result};
use crate::{DependencyCount, Graph, TaskState};

pub(super) fn states(
    connection: &Connection,
    space: &Space,
    numbers: &[u64],
) -> Result<Vec<TaskState>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<i64> = numbers.iter().copied().map(signed).collect();
    let sql = format!(
        "SELECT number, {} AS status, deleted_at IS NOT NULL AS removed, \
           dependencies <> '[]' AS depends FROM shown_tasks \
         WHERE project = ?1 AND number IN (SELECT value FROM json_each(?2))",
        space.status_of("shown_tasks")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let arguments = params![space.rows.as_str(), json(&numbers)?];
    let rows = statement.query_map(arguments, |row| {
        Ok(TaskState {
            number: unsigned(row, "number")?,
            status: row.get::<_, Word<_>>("status")?.0,
            removed: row.get("removed")?,
            depends: row.get("depends")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn all(connection: &Connection, project: &ProjectId) -> Result<Graph> {
    // The condition matches the index `tasks_graph`, which covers all columns that are read.
    let sql = "SELECT number, dependencies FROM tasks \
               WHERE project = ? AND dependencies <> '[]' ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([project.as_str()])?;
    let mut graph = Graph::default();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        graph.begin(number.unsigned_abs());
        let ids = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        add_numbers(ids, &mut graph).ok_or_else(|| {
            Error::Internal(format!("Cannot read the dependencies of task #{number}."))
        })?;
    }
    Ok(graph)
}

/// Adds the numbers at the start of each identifier in a JSON list.
///
/// The rest of the identifiers is skipped: a large project has 200,000 of them.
fn add_numbers(list: &str, graph: &mut Graph) -> Option<()> {
    let mut rest = list.as_bytes();
    while let Some(start) = rest.iter().position(|byte| *byte == b'"') {
        rest = rest.get(start + 1..)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
        let length = digits.clone().count();
        let number = digits.fold(0_u64, |number, digit| {
            number
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0'))
        });
        if length == 0 || length > 18 {
            return None;
        }
        graph.push(number);
        loop {
            let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            let escaped = rest.get(end) == Some(&b'\\');
            rest = rest.get(end + 1 + usize::from(escaped)..)?;
            if !escaped {
                break;
            }
        }
    }
    Some(())
}

/// Query for a task's ancestors over a covering index. In the row, the parent comes after the long
/// texts.
const AND_ABOVE: &str = "WITH RECURSIVE above (number, depth) AS (VALUES (?2, 1) UNION ALL \
       SELECT tasks.parent, depth + 1 FROM above CROSS JOIN tasks INDEXED BY tasks_above \
         ON tasks.project = ?1 AND tasks.number = above.number AND tasks.parent IS NOT NULL \
       WHERE depth < ?3) \
     SELECT number FROM above ORDER BY depth";

pub(super) fn and_above(
    connection: &Connection,
    project: &ProjectId,
    number: u64,
    limit: usize,
) -> Result<Vec<u64>> {
    let mut statement = connection.prepare_cached(AND_ABOVE)?;
    let arguments = params![project.as_str(), signed(number), signed(limit as u64)];
    let rows = statement.query_map(arguments, |row| unsigned(row, "number"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn count(connection: &Connection, project: &ProjectId) -> Result<DependencyCount> {
    let sql = "SELECT dependency_count, dependency_version FROM projects WHERE id = ?";
    let row = connection
        .prepare_cached(sql)?
        .query_row([project.as_str()], |row| {
            Ok(DependencyCount {
                count: unsigned(row, "dependency_count")?,
                version: unsigned(row, "dependency_version")?,
            })
        });
    Ok(row.optional()?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tasktree_protocol::TaskId;

    use super::*;
    use crate::sqlite::schema;

    fn read(list: &str) -> Option<Graph> {
        let mut graph = Graph::default();
        graph.begin(1);
        add_numbers(list, &mut graph).map(|()| graph)
    }

    proptest! {
        #[test]
        fn numbers_are_read_whatever_follows_them(
            numbers in prop::collection::vec(1_u64..1_000_000, 0..6),
            project in "[-a-z0-9\"\\\\\u{e4}\n\\[\\],]{1,12}",
        ) {
            let project = ProjectId::from(project);
            let ids: Vec<_> = numbers.iter().map(|number| TaskId::new(*number, &project)).collect();
            let graph = read(&serde_json::to_string(&ids).unwrap()).unwrap();
            prop_assert_eq!(graph.of(1), &numbers[..]);
        }
    }

    #[test]
    fn what_a_task_is_a_part_of_is_read_without_its_row() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let plan = format!("EXPLAIN QUERY PLAN {AND_ABOVE}");
        let mut statement = connection.prepare(&plan).unwrap();
        let steps = statement.query_map(params!["alpha", 7, 16], |row| row.get("detail"));
        let steps: Vec<String> = steps.unwrap().map(std::result::Result::unwrap).collect();
        let reads = |step: &String| step.contains("COVERING INDEX tasks_above");
        assert!(steps.iter().any(reads), "{steps:#?}");
    }

    #[test]
    fn what_is_no_list_of_tasks_is_refused() {
        for list in ["[\"alpha\"]", "[\"1-alpha]", "[\"1-alpha\\"] {
            assert_eq!(read(list), None, "{list}");
        }
    }
}
