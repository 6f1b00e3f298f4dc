//! The records of a history.
//!
//! The values before a change are those that the previous record left, and the last record has the
//! present values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tasktree_server::store::{ChangeQuery, ChangeRecord};

use super::snapshot::State;
use super::world::World;

/// Maximum number of records of a history.
const ALL: usize = 1_000;

/// Fields that signs of life change too, which leave no record.
const MOVING: [&str; 1] = ["expires_at"];

/// Fields that identify the subject of a change: an answer, the state of a project in the trash,
/// the last message that was read.
const NAMING: [&str; 3] = ["answer", "kept", "up_to"];

/// Fields of a task that its records contain.
const OF_TASKS: [&str; 9] = [
    "title",
    "status",
    "session",
    "priority",
    "on_hold",
    "evidence",
    "verdict",
    "merge_commit",
    "dependencies",
];

/// Fields of an agent that its records contain.
const OF_AGENTS: [&str; 8] = [
    "status",
    "task_id",
    "generation",
    "waiting_for",
    "reason",
    "description",
    "progress",
    "last_activity",
];

/// Values of the fields of each subject after the records so far.
type Values = BTreeMap<(String, String), Value>;

/// Compares the records of a history with one another and with the rows.
pub(super) async fn check(world: &World, state: &State) {
    if !state.is_there() {
        return;
    }
    let query = ChangeQuery {
        limit: ALL,
        ..ChangeQuery::default()
    };
    let core = &world.core;
    let page = core
        .service
        .changes(&core.project, query)
        .await
        .unwrap()
        .value;
    assert_eq!(page.next, None, "all of it is read");
    let mut values = Values::new();
    for change in page.changes.iter().rev() {
        follow(&mut values, change);
    }
    let known = |subject: String, field: &str| {
        let value = values.get(&(subject, field.to_owned()));
        value.cloned().unwrap_or_default()
    };
    for task in state.tasks() {
        let row = object(serde_json::to_value(task).unwrap());
        for field in OF_TASKS {
            let recorded = known(format!("task:{}", task.number), field);
            assert!(
                same(&recorded, &row[field]),
                "{field}: {recorded} but {task:?}"
            );
        }
        assert_eq!(
            known(format!("task:{}", task.number), "deleted_at"),
            Value::Null
        );
    }
    for agent in state.agents() {
        let row = object(serde_json::to_value(agent).unwrap());
        for field in OF_AGENTS {
            let recorded = known(format!("agent:{}", agent.id), field);
            let present = row.get(field).cloned().unwrap_or_default();
            assert!(
                same(&recorded, &present),
                "{field}: {recorded} but {agent:?}"
            );
        }
    }
    for lease in state.leases() {
        let recorded = known(format!("lease:{}", lease.id), "agent");
        assert_eq!(recorded, lease.agent.as_str());
    }
}

/// Follows one record.
fn follow(values: &mut Values, change: &ChangeRecord) {
    // Subject of the change, if its row has several of them.
    let part = change.entry.fields.iter().find_map(|field| {
        let of = match field.field.as_str() {
            "answer" => Some(&field.after),
            "run" => [&field.before, &field.after]
                .into_iter()
                .find_map(|run| run.get("id")),
            _ => None,
        };
        of.map(|of| format!("/{of}"))
    });
    let subject = format!("{}{}", change.subject, part.unwrap_or_default());
    for field in &change.entry.fields {
        assert_ne!(field.before, field.after, "nothing changes: {change:?}");
        let key = (subject.clone(), field.field.clone());
        let known = values.insert(key, field.after.clone());
        let is_moving = MOVING.contains(&field.field.as_str());
        if NAMING.contains(&field.field.as_str()) || is_moving {
            continue;
        }
        let known = match known {
            Some(known) => known,
            // The record of a project begins again with each reset.
            None if change.subject == "project" => continue,
            None => Value::Null,
        };
        assert!(
            same(&known, &field.before),
            "{known} was there before {change:?}"
        );
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other}"),
    }
}

/// Compares two values; of a row that is added or removed, empty ones are not recorded.
fn same(a: &Value, b: &Value) -> bool {
    a == b || (is_empty(a) && is_empty(b))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}
