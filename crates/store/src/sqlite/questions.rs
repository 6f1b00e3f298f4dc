//! Rows of questions and their answers.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::question::{Answer, Question};
use tasktree_protocol::{AgentId, ProjectId, TaskId};

use super::keys::Space;
use super::values::{Word, id, json, list, maybe_time, signed, time, unsigned, word};
use crate::QuestionFilter;
use crate::error::Result;

fn question(row: &Row<'_>, project: &ProjectId) -> rusqlite::Result<Question> {
    let task: Option<i64> = row.get("task")?;
    let generation: Option<i64> = row.get("generation")?;
    let positive = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok(Question {
        id: unsigned(row, "id")?,
        agent: id(row, "agent")?,
        task_id: task.map(|task| TaskId::new(positive(task), project)),
        generation: generation.map(positive),
        kind: row.get::<_, Word<_>>("kind")?.0,
        text: row.get("text")?,
        options: list(row, "options")?,
        request: row.get("request")?,
        asked_at: time(row, "asked_at")?,
        closed_at: maybe_time(row, "closed_at")?,
        outcome: row.get::<_, Option<Word<_>>>("outcome")?.map(|word| word.0),
        answers: Vec::new(),
    })
}

fn answer(row: &Row<'_>) -> rusqlite::Result<Answer> {
    Ok(Answer {
        id: unsigned(row, "id")?,
        question: unsigned(row, "question")?,
        by: row.get("author")?,
        text: Some(row.get("text")?),
        at: time(row, "at")?,
        late: row.get("late")?,
        sent_again_at: maybe_time(row, "sent_again_at")?,
        delivered_at: maybe_time(row, "delivered_at")?,
        read_at: maybe_time(row, "read_at")?,
    })
}

pub(super) fn open_of(
    connection: &Connection,
    space: &Space,
    agent: &AgentId,
) -> Result<Option<Question>> {
    let sql = "SELECT * FROM questions WHERE project = ? AND agent = ? AND closed_at IS NULL";
    let row = connection
        .prepare_cached(sql)?
        .query_row([space.rows.as_str(), agent.as_str()], |row| {
            question(row, &space.id)
        });
    Ok(row.optional()?)
}

pub(super) fn one(connection: &Connection, space: &Space, id: u64) -> Result<Option<Question>> {
    let sql = "SELECT * FROM questions WHERE project = ? AND id = ?";
    let row = connection
        .prepare_cached(sql)?
        .query_row(params![space.rows.as_str(), signed(id)], |row| {
            question(row, &space.id)
        });
    Ok(row.optional()?)
}

pub(super) fn ids(
    connection: &Connection,
    space: &Space,
    filter: &QuestionFilter,
    limit: usize,
) -> Result<Vec<u64>> {
    let sql = "SELECT id FROM questions WHERE project = ?1 \
               AND (?2 IS NULL OR (closed_at IS NULL) = ?2) AND (?3 IS NULL OR agent = ?3) \
               AND (?4 IS NULL OR task = ?4) ORDER BY id DESC LIMIT ?5";
    let mut statement = connection.prepare_cached(sql)?;
    let arguments = params![
        space.rows.as_str(),
        filter.open,
        filter.agent.as_ref().map(AgentId::as_str),
        filter.task.map(signed),
        signed(limit as u64),
    ];
    let rows = statement.query_map(arguments, |row| unsigned(row, "id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn add(
    connection: &Connection,
    space: &Space,
    task: Option<u64>,
    question: &Question,
) -> Result<u64> {
    let sql = "INSERT INTO questions (project, agent, task, generation, kind, options, request, asked_at, text) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let arguments = params![
        space.rows.as_str(),
        question.agent.as_str(),
        task.map(signed),
        question.generation.map(signed),
        word(question.kind)?,
        json(&question.options)?,
        question.request,
        question.asked_at.unix_millis(0),
        question.text,
    ];
    let number = connection
        .prepare_cached(sql)?
        .query_row(arguments, |row| unsigned(row, "id"))?;
    Ok(number)
}

pub(super) fn close(connection: &Connection, space: &Space, question: &Question) -> Result<()> {
    let sql = "UPDATE questions SET closed_at = ?3, outcome = ?4 WHERE project = ?1 AND id = ?2";
    connection.prepare_cached(sql)?.execute(params![
        space.rows.as_str(),
        signed(question.id),
        question.closed_at.map(|at| at.unix_millis(0)),
        question.outcome.map(word).transpose()?,
    ])?;
    Ok(())
}

pub(super) fn close_all_of(connection: &Connection, space: &Space, agent: &AgentId) -> Result<()> {
    let sql = "UPDATE questions SET former = 1 WHERE project = ? AND agent = ? AND NOT former";
    let arguments = [space.rows.as_str(), agent.as_str()];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}

pub(super) fn is_of_former(connection: &Connection, space: &Space, id: u64) -> Result<bool> {
    let sql = "SELECT former FROM questions WHERE project = ? AND id = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let former = statement.query_row(params![space.rows.as_str(), signed(id)], |row| row.get(0));
    Ok(former.optional()?.unwrap_or_default())
}

pub(super) fn trim(connection: &Connection, space: &Space, keep: u64) -> Result<()> {
    let sql = "DELETE FROM questions WHERE project = ?1 AND closed_at IS NOT NULL AND id <= \
                 (SELECT id FROM questions WHERE project = ?1 AND closed_at IS NOT NULL \
                  ORDER BY id DESC LIMIT 1 OFFSET ?2) RETURNING id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![space.rows.as_str(), signed(keep)], |row| {
        row.get::<_, i64>("id")
    })?;
    let gone: Vec<i64> = rows.collect::<rusqlite::Result<_>>()?;
    let mut answers = connection
        .prepare_cached("DELETE FROM question_answers WHERE project = ? AND question = ?")?;
    for question in gone {
        answers.execute(params![space.rows.as_str(), question])?;
    }
    Ok(())
}

pub(super) fn answers(
    connection: &Connection,
    space: &Space,
    question: u64,
) -> Result<Vec<Answer>> {
    let sql = "SELECT * FROM question_answers WHERE project = ? AND question = ? ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![space.rows.as_str(), signed(question)], answer)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn unread(
    connection: &Connection,
    space: &Space,
    agent: &AgentId,
) -> Result<Vec<Answer>> {
    let sql = "SELECT question_answers.* FROM questions JOIN question_answers \
                 ON question_answers.project = questions.project AND question_answers.question = questions.id \
               WHERE questions.project = ? AND questions.agent = ? AND NOT late AND NOT former \
                 AND delivered_at IS NOT NULL AND read_at IS NULL ORDER BY question_answers.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([space.rows.as_str(), agent.as_str()], answer)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn add_answer(connection: &Connection, space: &Space, answer: &Answer) -> Result<u64> {
    let sql = "INSERT INTO question_answers (project, question, author, at, late, text) \
               VALUES (?, ?, ?, ?, ?, ?) RETURNING id";
    let arguments = params![
        space.rows.as_str(),
        signed(answer.question),
        answer.by,
        answer.at.unix_millis(0),
        answer.late,
        answer.text.as_deref().unwrap_or_default(),
    ];
    let number = connection
        .prepare_cached(sql)?
        .query_row(arguments, |row| unsigned(row, "id"))?;
    Ok(number)
}

pub(super) fn put_answer(connection: &Connection, space: &Space, answer: &Answer) -> Result<()> {
    let sql = "UPDATE question_answers SET late = ?3, sent_again_at = ?4, delivered_at = ?5, read_at = ?6 \
               WHERE project = ?1 AND id = ?2";
    connection.prepare_cached(sql)?.execute(params![
        space.rows.as_str(),
        signed(answer.id),
        answer.late,
        answer.sent_again_at.map(|at| at.unix_millis(0)),
        answer.delivered_at.map(|at| at.unix_millis(0)),
        answer.read_at.map(|at| at.unix_millis(0)),
    ])?;
    Ok(())
}
