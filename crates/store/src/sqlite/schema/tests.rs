use rusqlite::params;
use tasktree_protocol::{ProjectId, Task};

use super::*;
use crate::sqlite::keys::Space;
use crate::sqlite::tasks;

#[test]
fn a_task_of_the_first_version_is_read_with_all_later_fields_empty() {
    let mut connection = of_version(1).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection
        .execute_batch(
            "INSERT INTO tasks (project, number, title, status, branch, dependencies, priority,
                    merge_order, created_at, updated_at, rev, owned_files, shared_files,
                    creates_files, exclusive_files, initialization_deps)
             VALUES ('alpha', 1, 'First', 'unclaimed', '', '[]', 0, 0, 0, 0, 0, '[]', '[]', '[]',
                    '[]', '[]')",
        )
        .unwrap();
    migrate(&mut connection).unwrap();
    let alpha = ProjectId::from("alpha");
    let space = Space {
        id: alpha.clone(),
        rows: alpha.clone(),
        crew: alpha,
        resets: 0,
        reset: None,
    };
    let read = tasks::one(&connection, &space, 1).map_err(|error| error.to_string());
    let expected = Task {
        id: "1-alpha".into(),
        number: 1,
        title: "First".to_owned(),
        ..Task::default()
    };
    assert_eq!(
        read.map(|stored| stored.map(|stored| stored.task)),
        Ok(Some(expected)),
        "each field of a task needs a column whose default is the field's: append a migration to \
         STEPS in crates/store/src/sqlite/schema.rs"
    );
}

#[test]
fn what_the_log_of_an_older_file_has_of_a_task_becomes_its_history() {
    let mut connection = Connection::open_in_memory().unwrap();
    for step in &STEPS[..3] {
        connection.execute_batch(step).unwrap();
    }
    connection.pragma_update(None, "user_version", 3).unwrap();
    let at = "2026-11-28T10:00:00.250Z";
    let events = [
        (
            "task_created",
            Some(1),
            format!(
                r#"{{"timestamp":"{at}","actor":"human:local","data":{{"status":"unclaimed"}}}}"#
            ),
        ),
        ("agents_update", None, "{}".to_owned()),
        (
            "task_updated",
            Some(2),
            format!(r#"{{"timestamp":"{at}","changed":["title"],"data":{{"status":"up_next"}}}}"#),
        ),
        (
            "tasks_reset",
            None,
            format!(
                r#"{{"timestamp":"{at}","data":{{"tasks":[{{"task_id":1,"status":"unclaimed"}},{{"task_id":2,"status":"unclaimed"}}]}}}}"#
            ),
        ),
        (
            "task_deleted",
            Some(1),
            format!(r#"{{"timestamp":"{at}","data":{{"task_id":"1-alpha"}}}}"#),
        ),
    ];
    for (seq, (kind, task, message)) in (1..).zip(events) {
        let row: (i64, _, Option<i64>, _) = (seq, kind, task, message.into_bytes());
        let sql =
            "INSERT INTO events (stream, seq, kind, task, message) VALUES ('alpha', ?, ?, ?, ?)";
        connection
            .execute(sql, params![row.0, row.1, row.2, row.3])
            .unwrap();
    }
    assert!(!migrate(&mut connection).unwrap());
    let sql = "SELECT CAST(substr(subject, 6) AS INTEGER) AS task, seq, kind, status, actor, changed, at \
             FROM changes ORDER BY task, id";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        let (task, seq, kind): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (status, actor): (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
        let (changed, at): (String, i64) = (row.get(5)?, row.get(6)?);
        let (status, actor) = (status.unwrap_or_default(), actor.unwrap_or_default());
        Ok(format!(
            "{task} {seq} {kind} {status} {actor} {changed} {at}"
        ))
    });
    let rows: Vec<String> = rows.unwrap().map(std::result::Result::unwrap).collect();
    let at = 1_795_860_000_250_i64;
    assert_eq!(
        rows,
        [
            format!("1 1 task_created unclaimed human:local [] {at}"),
            format!("1 4 tasks_reset unclaimed  [] {at}"),
            format!("1 5 task_deleted   [] {at}"),
            format!("2 3 task_updated up_next  [\"title\"] {at}"),
            format!("2 4 tasks_reset unclaimed  [] {at}"),
        ]
    );
}

#[test]
fn texts_of_messages_leave_the_log_and_agents_go_to_credentials() {
    let mut connection = Connection::open_in_memory().unwrap();
    for step in &STEPS[..4] {
        connection.execute_batch(step).unwrap();
    }
    connection.pragma_update(None, "user_version", 4).unwrap();
    let message = br#"{"type":"agent_messages","data":{"agent":"ada","preview":"SECRET","from":"ann"},"seq":1}"#;
    connection
            .execute(
                "INSERT INTO events (stream, seq, kind, message) VALUES ('alpha', 1, 'agent_messages', ?)",
                [&message[..]],
            )
            .unwrap();
    connection
            .execute_batch(
                "INSERT INTO credentials (id, name, role, project, digest, made_at, made_by, revoked_at) VALUES
                    ('c1', 'one', 'agent', 'alpha', x'01', 1, 'human:local', NULL),
                    ('c2', 'again', 'agent', 'alpha', x'02', 1, 'human:local', 5),
                    ('c3', 'again', 'agent', 'alpha', x'03', 9, 'human:local', NULL),
                    ('c4', 'ada', 'agent', 'alpha', x'04', 9, 'human:local', NULL);
                 INSERT INTO agents (project, id, branch, status, progress, started_at, silent, registered_by) VALUES
                    ('alpha', 'helper', '', 'running', 0, 1, 0, 'agent:one'),
                    ('alpha', 'inherited', '', 'running', 0, 1, 0, 'agent:again'),
                    ('alpha', 'ada', '', 'running', 0, 1, 0, 'agent:one'),
                    ('alpha', 'ours', '', 'running', 0, 1, 0, 'human:ann');",
            )
            .unwrap();
    migrate(&mut connection).unwrap();
    let text: Vec<u8> = connection
        .query_row("SELECT message FROM events", [], |row| row.get(0))
        .unwrap();
    let event: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(
        event["data"],
        serde_json::json!({"agent": "ada", "from": "ann"})
    );
    let mut statement = connection
        .prepare("SELECT id || ' ' || COALESCE(registered_by, '-') FROM agents ORDER BY id")
        .unwrap();
    let owners: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(std::result::Result::unwrap)
        .collect();
    let expected = [
        "ada credential:c4",
        "helper credential:c1",
        "inherited -",
        "ours human:ann",
    ];
    assert_eq!(owners, expected);
}

#[test]
fn every_token_of_an_older_file_becomes_one_of_a_person_of_its_name_but_for_agents() {
    let mut connection = Connection::open_in_memory().unwrap();
    for step in &STEPS[..4] {
        connection.execute_batch(step).unwrap();
    }
    connection.pragma_update(None, "user_version", 4).unwrap();
    let tokens = [
        ("1", "ann", "editor", Some(5)),
        ("2", "ann", "admin", None),
        ("3", "bob", "viewer", None),
        ("4", "builder", "agent", None),
    ];
    for (id, name, role, revoked_at) in tokens {
        let sql = "INSERT INTO credentials (id, name, role, digest, made_at, made_by, revoked_at) \
                       VALUES (?1, ?2, ?3, ?1, 1, 'human:local', ?4)";
        connection
            .execute(sql, params![id, name, role, revoked_at])
            .unwrap();
    }
    assert!(!migrate(&mut connection).unwrap());
    let sql = "SELECT credentials.id || ' ' || COALESCE(people.name, '-') FROM credentials \
                   LEFT JOIN people ON people.id = credentials.person ORDER BY 1";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    let rows: Vec<String> = rows.map(std::result::Result::unwrap).collect();
    assert_eq!(rows, ["1 ann", "2 ann", "3 bob", "4 -"]);
    let people: i64 = connection
        .query_row("SELECT COUNT(DISTINCT id) FROM people", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(people, 2);
}
