//! Rows of tasks. The identifier is not stored: it is the number and the project.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::task::OnHold;
use tasktree_protocol::{AgentId, ProjectId, Status, Task, TaskCard, TaskId};

use super::keys::Space;
use super::rows::{
    Word, in_order, json, json_of, list, maybe_json, maybe_time, maybe_unsigned, maybe_word,
    signed, time, unsigned, word,
};
use super::staging;
use crate::error::Result;
use crate::store::{Each, Source, StoredTask, TaskPlace};

/// The columns of a task, in the order in which [`task`] reads them.
const TASK: &str = "number, title, description, prompt, status, branch, session, dependencies, \
                    priority, owned_files, shared_files, creates_files, merge_order, \
                    exclusive_files, initialization_deps, created_at, updated_at, completed_at, \
                    merged_at, rev, status_changed_at, holder, generation, hold_reason, \
                    hold_since, parent, evidence, verdict, merge_commit";

/// Those that [`stored`] reads after them.
const STORED: &str = "deleted_at, source, source_state";

/// The columns of a card, in the order in which [`card`] reads them.
const CARD: &str = "number, title, status, branch, session, dependencies, priority, updated_at, \
                    status_changed_at, rev, holder, generation, hold_reason, hold_since, parent, \
                    verdict, merge_commit";

fn task(row: &Row<'_>, project: &ProjectId) -> rusqlite::Result<Task> {
    task_from(row, project, &mut in_order())
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

fn stored(row: &Row<'_>, project: &ProjectId) -> rusqlite::Result<StoredTask> {
    let mut next = in_order();
    Ok(StoredTask {
        task: task_from(row, project, &mut next)?,
        deleted_at: maybe_time(row, next())?,
        source: match (row.get(next())?, row.get::<_, Option<_>>(next())?) {
            (Some(id), state) => Some(Source {
                id,
                state: state.unwrap_or_default(),
            }),
            (None, _) => None,
        },
    })
}

fn card(row: &Row<'_>, project: &ProjectId) -> rusqlite::Result<TaskCard> {
    let mut next = in_order();
    let number = unsigned(row, next())?;
    Ok(TaskCard {
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
    })
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
            stored(row, &space.id)
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
        .query_row([space.rows.as_str(), source], |row| stored(row, &space.id));
    Ok(row.optional()?)
}

pub(super) fn by_status(connection: &Connection, space: &Space) -> Result<Vec<(Status, u64)>> {
    let sql = "SELECT status, COUNT(*) AS count FROM shown_tasks \
               WHERE project = ? AND deleted_at IS NULL GROUP BY status";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| {
        Ok((row.get::<_, Word<_>>("status")?.0, unsigned(row, "count")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn by_session(
    connection: &Connection,
    space: &Space,
) -> Result<Vec<(String, Status, u64)>> {
    // The conditions as the index `tasks_session` has them.
    let sql = "SELECT session, status, COUNT(*) AS count FROM shown_tasks \
               WHERE project = ? AND session IS NOT NULL AND deleted_at IS NULL \
               GROUP BY session, status";
    let mut statement = connection.prepare_cached(sql)?;
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
    let rows = statement.query_map([space.rows.as_str()], |row| task(row, &space.id))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn cards(connection: &Connection, space: &Space) -> Result<Vec<TaskCard>> {
    let sql = format!(
        "SELECT {CARD} FROM shown_tasks WHERE project = ? AND deleted_at IS NULL ORDER BY number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| card(row, &space.id))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn order(connection: &Connection, space: &Space) -> Result<Vec<TaskPlace>> {
    // The condition as the index `tasks_order` has it, which holds all that is read. Hidden ranges are left out here: for each row by
    // itself that would take longer than all the rest.
    let hidden = staging::ranges(connection, &space.rows)?;
    let sql = "SELECT rowid, number, priority, status FROM tasks \
               WHERE project = ? AND deleted_at IS NULL";
    let mut statement = connection.prepare_cached(sql)?;
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
    read: fn(&Row<'_>, &ProjectId) -> rusqlite::Result<T>,
    each: Each<'_, T>,
) -> Result<()> {
    // The row may have gone into another project's meanwhile: what was reset is kept.
    let sql = format!(
        "SELECT {columns} FROM tasks \
         WHERE rowid = ? AND number = ? AND project = ? AND deleted_at IS NULL"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    for place in places {
        let arguments = params![place.row, signed(place.number), space.rows.as_str()];
        let row = statement.query_row(arguments, |row| read(row, &space.id));
        if !each(row.optional()?)? {
            break;
        }
    }
    Ok(())
}

pub(super) fn put(connection: &Connection, space: &Space, stored: &StoredTask) -> Result<()> {
    // Parameter n is column n, so that the list of columns is written once.
    let sql = "INSERT INTO tasks (project, number, title, status, branch, session, dependencies, priority, merge_order, \
                 created_at, updated_at, completed_at, merged_at, status_changed_at, rev, deleted_at, source, owned_files, \
                 shared_files, creates_files, exclusive_files, initialization_deps, description, prompt, source_state, holder, generation, \
                 hold_reason, hold_since, parent, verdict, evidence, merge_commit) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, \
                 ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33) \
               ON CONFLICT (project, number) DO UPDATE SET title = ?3, status = ?4, branch = ?5, session = ?6, \
                 dependencies = ?7, priority = ?8, merge_order = ?9, created_at = ?10, updated_at = ?11, completed_at = ?12, \
                 merged_at = ?13, status_changed_at = ?14, rev = ?15, deleted_at = ?16, source = ?17, owned_files = ?18, \
                 shared_files = ?19, creates_files = ?20, exclusive_files = ?21, initialization_deps = ?22, \
                 description = ?23, prompt = ?24, source_state = ?25, holder = ?26, generation = ?27, hold_reason = ?28, \
                 hold_since = ?29, parent = ?30, verdict = ?31, evidence = ?32, merge_commit = ?33";
    let task = &stored.task;
    let parent = task.parent.as_ref();
    let parent = parent.and_then(|parent| parent.number_in(&space.id));
    connection.prepare_cached(sql)?.execute(params![
        space.rows.as_str(),
        signed(task.number),
        task.title,
        task.status.as_str(),
        task.branch,
        task.session,
        json(&task.dependencies)?,
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
        task.verdict.map(word).transpose()?,
        json_of(task.evidence.as_ref())?,
        task.merge_commit,
    ])?;
    Ok(())
}
