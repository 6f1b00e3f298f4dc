//! Rows of tasks. The identifier is not stored: it consists of the number and the project.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::task::OnHold;
use tasktree_protocol::{AgentId, ProjectId, Status, Task, TaskCard, TaskId, Timestamp};

use super::keys::Space;
use super::rows::{
    Word, in_order, json, json_of, list, maybe_json, maybe_time, maybe_unsigned, maybe_word,
    signed, time, unsigned, word,
};
use super::staging;
use crate::error::Result;
use crate::store::{Each, Source, StoredTask, TaskPlace};

/// Columns of a task, in the order in which [`task`] reads them.
const TASK: &str = "number, title, description, prompt, status, branch, session, dependencies, \
                    priority, owned_files, shared_files, creates_files, merge_order, \
                    exclusive_files, initialization_deps, created_at, updated_at, completed_at, \
                    merged_at, rev, status_changed_at, holder, generation, hold_reason, \
                    hold_since, parent, evidence, verdict, merge_commit, assignee, resets, \
                    deleted_at";

/// Columns that [`stored`] reads after those.
const STORED: &str = "source, source_state";

/// Columns of a card, in the order in which [`card`] reads them.
const CARD: &str = "number, title, status, branch, session, dependencies, priority, updated_at, \
                    status_changed_at, rev, holder, generation, hold_reason, hold_since, parent, \
                    verdict, merge_commit, assignee, resets";

/// Reads a task as a pending reset of all tasks leaves it.
fn task(row: &Row<'_>, space: &Space) -> rusqlite::Result<Task> {
    let (mut task, resets, deleted_at) = with_resets(row, space, &mut in_order())?;
    if let Some(reset) = space.reset_over(resets).filter(|_| deleted_at.is_none()) {
        reset.apply(&mut task);
    }
    Ok(task)
}

/// Reads a task as stored, with its reset count and the time of its removal.
fn with_resets(
    row: &Row<'_>,
    space: &Space,
    next: &mut impl FnMut() -> usize,
) -> rusqlite::Result<(Task, u64, Option<Timestamp>)> {
    let task = task_from(row, &space.id, next)?;
    Ok((task, unsigned(row, next())?, maybe_time(row, next())?))
}

fn task_from(
    row: &Row<'_>,
    project: &ProjectId,
    next: &mut impl FnMut() -> usize,
) -> rusqlite::Result<Task> {
    let number = unsigned(row, next())?;
    Ok(Task {
        id: TaskId::new(number, project),
        number,
        title: row.get(next())?,
        description: row.get(next())?,
        prompt: row.get(next())?,
        status: row.get::<_, Word<_>>(next())?.0,
        branch: row.get(next())?,
        session: row.get(next())?,
        dependencies: list(row, next())?,
        priority: row.get(next())?,
        owned_files: list(row, next())?,
        shared_files: list(row, next())?,
        creates_files: list(row, next())?,
        merge_order: row.get(next())?,
        exclusive_files: list(row, next())?,
        initialization_deps: list(row, next())?,
        created_at: time(row, next())?,
        updated_at: time(row, next())?,
        completed_at: maybe_time(row, next())?,
        merged_at: maybe_time(row, next())?,
        rev: unsigned(row, next())?,
        status_changed_at: maybe_time(row, next())?,
        blocked_by: Vec::new(),
        holder: holder(row, next())?,
        generation: unsigned(row, next())?,
        on_hold: on_hold(row, [next(), next()])?,
        parent: parent(row, next(), project)?,
        evidence: maybe_json(row, next())?,
        verdict: maybe_word(row, next())?,
        merge_commit: row.get(next())?,
        assignee: row.get(next())?,
    })
}

fn holder(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<AgentId>> {
    Ok(row.get::<_, Option<String>>(column)?.map(AgentId::from))
}

fn on_hold(row: &Row<'_>, [reason, since]: [usize; 2]) -> rusqlite::Result<Option<OnHold>> {
    let reason: Option<String> = row.get(reason)?;
    let since = maybe_time(row, since)?;
    Ok(reason
        .zip(since)
        .map(|(reason, since)| OnHold { reason, since }))
}

fn parent(row: &Row<'_>, column: usize, project: &ProjectId) -> rusqlite::Result<Option<TaskId>> {
    Ok(maybe_unsigned(row, column)?.map(|number| TaskId::new(number, project)))
}

/// Reads a row as a pending reset of all tasks leaves it.
fn stored(row: &Row<'_>, space: &Space) -> rusqlite::Result<StoredTask> {
    let (mut stored, resets) = as_stored(row, space)?;
    let reset = space.reset_over(resets);
    if let Some(reset) = reset.filter(|_| stored.deleted_at.is_none()) {
        reset.apply(&mut stored.task);
    }
    Ok(stored)
}

/// Reads a row as stored, with its reset count.
fn as_stored(row: &Row<'_>, space: &Space) -> rusqlite::Result<(StoredTask, u64)> {
    let mut next = in_order();
    let (task, resets, deleted_at) = with_resets(row, space, &mut next)?;
    let stored = StoredTask {
        task,
        deleted_at,
        source: match (row.get(next())?, row.get::<_, Option<_>>(next())?) {
            (Some(id), state) => Some(Source {
                id,
                state: state.unwrap_or_default(),
            }),
            (None, _) => None,
        },
    };
    Ok((stored, resets))
}

fn card(row: &Row<'_>, space: &Space) -> rusqlite::Result<TaskCard> {
    let (project, mut next) = (&space.id, in_order());
    let number = unsigned(row, next())?;
    let mut card = TaskCard {
        id: TaskId::new(number, project),
        number,
        title: row.get(next())?,
        status: row.get::<_, Word<_>>(next())?.0,
        branch: row.get(next())?,
        session: row.get(next())?,
        dependencies: list(row, next())?,
        priority: row.get(next())?,
        updated_at: time(row, next())?,
        status_changed_at: maybe_time(row, next())?,
        rev: unsigned(row, next())?,
        holder: holder(row, next())?,
        generation: unsigned(row, next())?,
        on_hold: on_hold(row, [next(), next()])?,
        parent: parent(row, next(), project)?,
        verdict: maybe_word(row, next())?,
        merge_commit: row.get(next())?,
        assignee: row.get(next())?,
    };
    // Removed tasks have no card.
    if let Some(reset) = space.reset_over(unsigned(row, next())?) {
        reset.apply_to_card(&mut card);
    }
    Ok(card)
}

pub(super) fn one(
    connection: &Connection,
    space: &Space,
    number: u64,
) -> Result<Option<StoredTask>> {
    let sql = format!("SELECT {TASK}, {STORED} FROM shown_tasks WHERE project = ? AND number = ?");
    let row = connection
        .prepare_cached(&sql)?
        .query_row(params![space.rows.as_str(), signed(number)], |row| {
            stored(row, space)
        });
    Ok(row.optional()?)
}

pub(super) fn by_source(
    connection: &Connection,
    space: &Space,
    source: &str,
) -> Result<Option<StoredTask>> {
    let sql = format!("SELECT {TASK}, {STORED} FROM shown_tasks WHERE project = ? AND source = ?");
    let row = connection
        .prepare_cached(&sql)?
        .query_row([space.rows.as_str(), source], |row| stored(row, space));
    Ok(row.optional()?)
}

pub(super) fn by_status(connection: &Connection, space: &Space) -> Result<Vec<(Status, u64)>> {
    let sql = format!(
        "SELECT {} AS status, COUNT(*) AS count FROM shown_tasks \
         WHERE project = ? AND deleted_at IS NULL GROUP BY 1",
        space.status_of("shown_tasks")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| {
        Ok((row.get::<_, Word<_>>("status")?.0, unsigned(row, "count")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns the SQL condition that selects a session's rows, without those that a reset of all tasks
/// has cleared.
fn with_session(space: &Space) -> String {
    match space.reset {
        None => String::new(),
        Some(_) => format!("AND (status = 'merged' OR resets >= {})", space.resets),
    }
}

pub(super) fn by_session(
    connection: &Connection,
    space: &Space,
) -> Result<Vec<(String, Status, u64)>> {
    // The conditions match the index `tasks_session`.
    let sql = "SELECT session, status, COUNT(*) AS count FROM shown_tasks \
               WHERE project = ? AND session IS NOT NULL AND deleted_at IS NULL";
    let sql = format!("{sql} {} GROUP BY session, status", with_session(space));
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| {
        let status = row.get::<_, Word<_>>("status")?.0;
        Ok((row.get("session")?, status, unsigned(row, "count")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn numbers_by_source(
    connection: &Connection,
    space: &Space,
    sources: &[&str],
) -> Result<Vec<(String, u64)>> {
    let sql = "SELECT source, number FROM shown_tasks WHERE project = ?1 AND deleted_at IS NULL \
               AND source IN (SELECT value FROM json_each(?2))";
    let mut statement = connection.prepare_cached(sql)?;
    let arguments = params![space.rows.as_str(), json(sources)?];
    let rows = statement.query_map(arguments, |row| {
        Ok((row.get("source")?, unsigned(row, "number")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn all(connection: &Connection, space: &Space) -> Result<Vec<Task>> {
    let sql = format!(
        "SELECT {TASK} FROM shown_tasks WHERE project = ? AND deleted_at IS NULL ORDER BY number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| task(row, space))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn cards(connection: &Connection, space: &Space) -> Result<Vec<TaskCard>> {
    let sql = format!(
        "SELECT {CARD} FROM shown_tasks WHERE project = ? AND deleted_at IS NULL ORDER BY number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| card(row, space))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// SQL condition of a task that a reset of all tasks changes.
const IS_RESET: &str =
    "deleted_at IS NULL AND status <> 'merged' AND (status <> 'unclaimed' OR session IS NOT NULL)";

pub(super) fn count_to_reset(connection: &Connection, space: &Space) -> Result<u64> {
    // Each part uses an index that has all columns, without the rows of the other part.
    let sql = "SELECT (SELECT COUNT(*) FROM tasks INDEXED BY tasks_order \
                 WHERE project = ?1 AND deleted_at IS NULL AND status NOT IN ('merged', 'unclaimed')) \
               + (SELECT COUNT(*) FROM tasks INDEXED BY tasks_session WHERE project = ?1 \
                 AND session IS NOT NULL AND deleted_at IS NULL AND status = 'unclaimed') AS count";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([space.rows.as_str()], |row| unsigned(row, "count"))?)
}

pub(super) fn numbers_to_reset(connection: &Connection, space: &Space) -> Result<Vec<u64>> {
    let sql = "SELECT number FROM tasks INDEXED BY tasks_order \
                 WHERE project = ?1 AND deleted_at IS NULL AND status NOT IN ('merged', 'unclaimed') \
               UNION ALL SELECT number FROM tasks INDEXED BY tasks_session WHERE project = ?1 \
                 AND session IS NOT NULL AND deleted_at IS NULL AND status = 'unclaimed' \
               ORDER BY 1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| unsigned(row, "number"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn unsettled(
    connection: &Connection,
    space: &Space,
    first: u64,
    last: u64,
) -> Result<Vec<StoredTask>> {
    let sql = format!(
        "SELECT {TASK}, {STORED} FROM shown_tasks WHERE project = ? AND number BETWEEN ? AND ? AND resets < ? \
         AND {IS_RESET} ORDER BY number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let (first, last) = (signed(first), signed(last));
    let arguments = params![space.rows.as_str(), first, last, signed(space.resets)];
    let rows = statement.query_map(arguments, |row| {
        as_stored(row, space).map(|(stored, _)| stored)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn order(connection: &Connection, space: &Space) -> Result<Vec<TaskPlace>> {
    // The condition matches the index `tasks_order`, which covers all columns that are read. Hidden
    // ranges are filtered here: a check per row in SQL would take longer than all the rest.
    let hidden = staging::ranges(connection, &space.rows)?;
    let sql = format!(
        "SELECT rowid, number, priority, {} FROM tasks WHERE project = ? AND deleted_at IS NULL",
        space.status_of("tasks")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| {
        Ok(TaskPlace {
            row: row.get(0)?,
            number: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
            priority: row.get(2)?,
            status: row.get::<_, Word<_>>(3)?.0,
        })
    })?;
    let mut places = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    if !hidden.is_empty() {
        let is_hidden = |number| {
            let mut ranges = hidden.iter();
            ranges.any(|(first, last)| (*first..=*last).contains(&number))
        };
        places.retain(|place| !is_hidden(place.number));
    }
    Ok(places)
}

pub(super) fn of_session(
    connection: &Connection,
    space: &Space,
    session: &AgentId,
) -> Result<Vec<u64>> {
    let sql = format!(
        "SELECT number FROM shown_tasks \
         WHERE project = ? AND session = ? AND deleted_at IS NULL {}",
        with_session(space)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let arguments = params![space.rows.as_str(), session.as_str()];
    let numbers = statement.query_map(arguments, |row| unsigned(row, "number"))?;
    Ok(numbers.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn tasks_at(
    connection: &Connection,
    space: &Space,
    places: &[TaskPlace],
    each: Each<'_, Task>,
) -> Result<()> {
    at(connection, space, places, TASK, task, each)
}

pub(super) fn cards_at(
    connection: &Connection,
    space: &Space,
    places: &[TaskPlace],
    each: Each<'_, TaskCard>,
) -> Result<()> {
    at(connection, space, places, CARD, card, each)
}

fn at<T>(
    connection: &Connection,
    space: &Space,
    places: &[TaskPlace],
    columns: &str,
    read: fn(&Row<'_>, &Space) -> rusqlite::Result<T>,
    each: Each<'_, T>,
) -> Result<()> {
    // The row may have moved to another project meanwhile: a reset moves rows to the trash.
    let sql = format!(
        "SELECT {columns} FROM tasks \
         WHERE rowid = ? AND number = ? AND project = ? AND deleted_at IS NULL"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    for place in places {
        let arguments = params![place.row, signed(place.number), space.rows.as_str()];
        let row = statement.query_row(arguments, |row| read(row, space));
        if !each(row.optional()?)? {
            break;
        }
    }
    Ok(())
}

/// Statement that replaces a row without changing an indexed column, with the parameters of
/// [`put`].
///
/// If those columns were named, SQLite would write all indexes again.
const PUT_UNINDEXED: &str = "UPDATE tasks SET title = ?3, branch = ?5, merge_order = ?9, created_at = ?10, updated_at = ?11, \
      completed_at = ?12, merged_at = ?13, status_changed_at = ?14, rev = ?15, owned_files = ?18, shared_files = ?19, \
      creates_files = ?20, exclusive_files = ?21, initialization_deps = ?22, description = ?23, prompt = ?24, \
      source_state = ?25, holder = ?26, generation = ?27, hold_reason = ?28, hold_since = ?29, verdict = ?31, \
      evidence = ?32, merge_commit = ?33, resets = ?34, assignee = ?35 \
    WHERE project = ?1 AND number = ?2 AND status = ?4 AND session IS ?6 AND dependencies = ?7 AND priority = ?8 \
      AND deleted_at IS ?16 AND source IS ?17 AND parent IS ?30";

pub(super) fn put(connection: &Connection, space: &Space, stored: &StoredTask) -> Result<()> {
    // Parameter n is column n, so that the column list is written only once.
    let sql = "INSERT INTO tasks (project, number, title, status, branch, session, dependencies, priority, merge_order, \
                 created_at, updated_at, completed_at, merged_at, status_changed_at, rev, deleted_at, source, owned_files, \
                 shared_files, creates_files, exclusive_files, initialization_deps, description, prompt, source_state, holder, generation, \
                 hold_reason, hold_since, parent, verdict, evidence, merge_commit, resets, assignee) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, \
                 ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35) \
               ON CONFLICT (project, number) DO UPDATE SET title = ?3, status = ?4, branch = ?5, session = ?6, \
                 dependencies = ?7, priority = ?8, merge_order = ?9, created_at = ?10, updated_at = ?11, completed_at = ?12, \
                 merged_at = ?13, status_changed_at = ?14, rev = ?15, deleted_at = ?16, source = ?17, owned_files = ?18, \
                 shared_files = ?19, creates_files = ?20, exclusive_files = ?21, initialization_deps = ?22, \
                 description = ?23, prompt = ?24, source_state = ?25, holder = ?26, generation = ?27, hold_reason = ?28, \
                 hold_since = ?29, parent = ?30, verdict = ?31, evidence = ?32, merge_commit = ?33, resets = ?34, \
                 assignee = ?35";
    let task = &stored.task;
    let parent = task.parent.as_ref();
    let parent = parent.and_then(|parent| parent.number_in(&space.id));
    let (dependencies, verdict) = (
        json(&task.dependencies)?,
        task.verdict.map(word).transpose()?,
    );
    let values = params![
        space.rows.as_str(),
        signed(task.number),
        task.title,
        task.status.as_str(),
        task.branch,
        task.session,
        dependencies,
        task.priority,
        task.merge_order,
        task.created_at.unix_millis(0),
        task.updated_at.unix_millis(0),
        task.completed_at.map(|at| at.unix_millis(0)),
        task.merged_at.map(|at| at.unix_millis(0)),
        task.status_changed_at.map(|at| at.unix_millis(0)),
        signed(task.rev),
        stored.deleted_at.map(|at| at.unix_millis(0)),
        stored.source.as_ref().map(|source| &source.id),
        json(&task.owned_files)?,
        json(&task.shared_files)?,
        json(&task.creates_files)?,
        json(&task.exclusive_files)?,
        json(&task.initialization_deps)?,
        task.description,
        task.prompt,
        stored.source.as_ref().map(|source| &source.state),
        task.holder.as_ref().map(AgentId::as_str),
        signed(task.generation),
        task.on_hold.as_ref().map(|hold| &hold.reason),
        task.on_hold.as_ref().map(|hold| hold.since.unix_millis(0)),
        parent.map(signed),
        verdict,
        json_of(task.evidence.as_ref())?,
        task.merge_commit,
        signed(space.resets),
        task.assignee,
    ];
    // A new row has version 1.
    if task.rev > 1 && connection.prepare_cached(PUT_UNINDEXED)?.execute(values)? > 0 {
        return Ok(());
    }
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}
