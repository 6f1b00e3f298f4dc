//! The places that a field of a task is in.

use serde_json::{Map, Value, json};
use tasktree_protocol::{
    Task, TaskCard, imported_task_fields, new_task_fields, task_card_fields, task_patch_fields,
};

/// File with the table of fields, which the messages of failures name.
const TABLE: &str = "crates/protocol/src/task/fields.rs";

/// Fields that people set only later: a claim sets the session, and a new task has no assignee.
const NOT_IN_NEW_TASKS: [&str; 2] = ["session", "assignee"];

/// Fields that an import cannot set, because they are about agents, people and the repository here;
/// dependencies and parts are named as at the source.
const NOT_IN_IMPORTS: [&str; 11] = [
    "branch",
    "session",
    "dependencies",
    "owned_files",
    "shared_files",
    "creates_files",
    "merge_order",
    "exclusive_files",
    "initialization_deps",
    "parent",
    "assignee",
];

/// Fields that are too long for the board's list, or that it does not show.
const NOT_ON_CARDS: [&str; 8] = [
    "description",
    "prompt",
    "owned_files",
    "shared_files",
    "creates_files",
    "merge_order",
    "exclusive_files",
    "initialization_deps",
];

/// Fields of a task in the API of the older dashboard, which it always sends.
const OLDER: [&str; 20] = [
    "id",
    "task_id",
    "title",
    "description",
    "prompt",
    "status",
    "branch",
    "session",
    "dependencies",
    "priority",
    "owned_files",
    "shared_files",
    "creates_files",
    "merge_order",
    "exclusive_files",
    "initialization_deps",
    "created_at",
    "updated_at",
    "completed_at",
    "merged_at",
];

/// Fields that every card is sent with.
const ALWAYS_ON_CARDS: [&str; 6] = ["id", "rev", "status", "task_id", "title", "updated_at"];

macro_rules! names {
    ($($name:ident: $type:ty,)*) => { [$(stringify!($name)),*] };
}

macro_rules! names_on_cards {
    ($($name:ident: $type:ty, [$($option:tt)*];)*) => { [$(stringify!($name)),*] };
}

#[test]
fn a_field_that_people_set_is_wherever_tasks_are_made_and_on_cards() {
    let lacks = |fields: &[&str]| {
        let mut set: Vec<_> = task_patch_fields!(names).into();
        set.retain(|name| !fields.contains(name));
        set
    };
    for (place, fields, expected) in [
        ("new", &new_task_fields!(names)[..], &NOT_IN_NEW_TASKS[..]),
        ("import", &imported_task_fields!(names), &NOT_IN_IMPORTS),
        ("card", &task_card_fields!(names_on_cards), &NOT_ON_CARDS),
    ] {
        assert_eq!(
            lacks(fields),
            expected,
            "a field has `patch` but not `{place}`: add it in {TABLE}, or to the exceptions here"
        );
    }
}

fn object(value: impl serde::Serialize) -> Map<String, Value> {
    serde_json::from_value(json!(value)).unwrap()
}

#[test]
fn tasks_of_older_backends_are_read_without_the_fields_that_were_added() {
    let mut row = object(Task::default());
    row.retain(|name, _| OLDER.contains(&name.as_str()));
    let read = serde_json::from_value::<Task>(row.into());
    assert_eq!(
        read.map_err(|error| error.to_string()),
        Ok(Task::default()),
        "give the field `task[default]` in {TABLE}"
    );
}

#[test]
fn an_empty_field_is_not_sent_on_a_card() {
    let row = object(TaskCard::default());
    let mut sent: Vec<_> = row.keys().collect();
    sent.sort();
    assert_eq!(
        sent, ALWAYS_ON_CARDS,
        "give the field `skip_serializing_if = \"is_default\"` in {TABLE}"
    );
    let read = serde_json::from_value::<TaskCard>(row.into());
    assert_eq!(
        read.map_err(|error| error.to_string()),
        Ok(TaskCard::default()),
        "give the field of the card `default` in {TABLE}"
    );
}
