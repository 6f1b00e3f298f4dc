//! What small files of both forms become.

use proptest::prelude::*;
use serde_json::json;

use super::links::closing_edges;
use super::*;

fn tag(file: &Value, form: SubtaskForm) -> Tag {
    read(&file.to_string(), form).unwrap().remove(0)
}

fn small() -> Value {
    json!({"tasks": [
        {"id": 1, "title": "Ground", "description": "Lay it", "details": "With\ntwo lines", "testStrategy": "Jump on it",
         "status": "done", "priority": "high", "dependencies": [], "complexity": 4},
        {"id": "2", "title": "Walls", "status": "pending", "priority": "critical", "dependencies": [1, "9"],
         "subtasks": [
            {"id": 1, "title": "North", "status": "done", "details": "Of brick", "parentId": "2"},
            {"id": 2, "title": "South", "status": "deferred", "dependencies": [1]},
         ]},
        {"id": 3, "title": "Roof", "status": "in-progress", "priority": "low", "dependencies": ["2.1"]},
        {"id": 4, "title": "Moat", "status": "cancelled"},
        {"title": "Nameless"},
    ]})
}

#[test]
fn the_old_form_becomes_one_tag_with_texts_status_and_priority_mapped() {
    let tag = tag(&small(), SubtaskForm::Checklist);
    assert_eq!(tag.name, DEFAULT_TAG);
    let [ground, walls, roof, moat] = tag.rows.as_slice() else {
        panic!("{:?}", tag.rows)
    };
    assert_eq!(ground.source, "master/1");
    assert_eq!(ground.status, Status::Completed);
    assert_eq!(ground.priority, 2);
    assert_eq!(ground.description.as_deref(), Some("Lay it"));
    assert_eq!(
        ground.prompt.as_deref(),
        Some("## Details\n\nWith\ntwo lines\n\n## Test strategy\n\nJump on it")
    );
    assert_eq!(walls.priority, 1);
    assert_eq!(walls.dependencies, ["master/1"]);
    assert_eq!(
        walls.prompt.as_deref(),
        Some("## Subtasks\n\n- [x] 2.1 North\n\n  Of brick\n- [ ] 2.2 South (deferred) (after 1)")
    );
    assert_eq!(
        roof.dependencies,
        ["master/2"],
        "to wait for a listed subtask is to wait for its task"
    );
    assert_eq!(
        roof.status,
        Status::UpNext,
        "it waits, so it cannot be in progress"
    );
    assert_eq!(
        (moat.status, moat.on_hold.as_deref()),
        (Status::Unclaimed, Some("Cancelled in Task Master"))
    );
}

#[test]
fn spellings_of_a_status_are_equivalent_and_only_open_work_is_offered() {
    let of = |status: Value| {
        let file = json!({"tasks": [{"id": 1, "title": "One", "status": status}]});
        let row = tag(&file, SubtaskForm::Checklist).rows.remove(0);
        (row.status, row.on_hold)
    };
    let held = |why: &str| (Status::Unclaimed, Some(why.to_owned()));
    for (written, expected) in [
        (json!(null), (Status::Unclaimed, None)),
        (json!("Pending"), (Status::Unclaimed, None)),
        (json!("Done"), (Status::Completed, None)),
        (json!("in_progress"), (Status::InProgress, None)),
        (json!(" In Progress "), (Status::InProgress, None)),
        (json!("deferred"), held("Deferred in Task Master")),
        (json!("canceled"), held("Cancelled in Task Master")),
        (
            json!("wontfix"),
            held("Status 'wontfix' in Task Master, which is unknown here"),
        ),
        (
            json!(7),
            held("Status '7' in Task Master, which is unknown here"),
        ),
    ] {
        assert_eq!(of(written.clone()), expected, "{written}");
    }
}

#[test]
fn what_is_lost_or_left_out_is_counted() {
    let notes = tag(&small(), SubtaskForm::Checklist).notes;
    assert_eq!(notes.skipped_count(), 1);
    assert_eq!(notes.lost_count("task", "complexity"), 1);
    assert_eq!(notes.lost_count("subtask", "parentId"), 1);
    assert_eq!(
        notes.changed_count("dependency on a task that is not imported"),
        1
    );
    let report = notes.to_string();
    assert!(
        report.contains("status    cancelled -> on hold: 1"),
        "{report}"
    );
    assert!(
        report.contains("status    done -> completed: 1"),
        "{report}"
    );
}

#[test]
fn subtasks_can_become_tasks_that_their_task_waits_for() {
    let tag = tag(&small(), SubtaskForm::Tasks);
    let by_id = |id: &str| tag.rows.iter().find(|row| row.source == id).unwrap();
    assert_eq!(
        by_id("master/2").dependencies,
        ["master/1", "master/2.1", "master/2.2"]
    );
    assert_eq!(by_id("master/2.2").dependencies, ["master/2.1", "master/1"]);
    assert_eq!(by_id("master/2.1").priority, 1);
    assert_eq!(by_id("master/3").dependencies, ["master/2.1"]);
}

#[test]
fn the_tagged_form_keeps_tags_apart() {
    let file = json!({
        "master": {"tasks": [{"id": 1, "title": "A"}], "metadata": {}},
        "loop": {"tasks": [{"id": 1, "title": "B"}]},
        "notes": "ignored",
    });
    let tags = read(&file.to_string(), SubtaskForm::Checklist).unwrap();
    let ids: Vec<_> = tags
        .iter()
        .flat_map(|tag| &tag.rows)
        .map(|row| row.source.as_str())
        .collect();
    assert_eq!(ids, ["master/1", "loop/1"]);
}

#[test]
fn a_circle_loses_one_dependency_and_is_reported() {
    let file = json!({"tasks": [
        {"id": 1, "title": "a", "dependencies": [2]},
        {"id": 2, "title": "b", "dependencies": [3]},
        {"id": 3, "title": "c", "dependencies": [1]},
    ]});
    let tag = tag(&file, SubtaskForm::Checklist);
    assert_eq!(
        tag.rows
            .iter()
            .map(|row| row.dependencies.len())
            .sum::<usize>(),
        2
    );
    assert_eq!(
        tag.notes.changed_count("dependency that closed a circle"),
        1
    );
}

#[test]
fn a_title_that_is_too_long_goes_on_in_the_description() {
    let file = json!({"tasks": [{"id": 1, "title": "x".repeat(600), "description": "rest"}]});
    let tag = tag(&file, SubtaskForm::Checklist);
    let task = &tag.rows[0];
    assert_eq!(task.title.chars().count(), MAX_TITLE_CHARS);
    assert!(task.description.as_ref().unwrap().ends_with("xx\n\nrest"));
}

#[test]
fn what_is_no_task_file_is_refused_in_a_sentence() {
    for text in ["", "[]", "{}", r#"{"tasks": 3}"#] {
        assert!(read(text, SubtaskForm::Checklist).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn without_the_closing_edges_no_circle_is_left(
        edges in (1usize..12).prop_flat_map(|n| prop::collection::vec(prop::collection::vec(0..n, 0..4), n))
    ) {
        let closing: HashSet<_> = closing_edges(&edges).into_iter().collect();
        let open: Vec<Vec<usize>> = edges
            .iter()
            .enumerate()
            .map(|(task, nexts)| nexts.iter().copied().filter(|next| !closing.contains(&(task, *next))).collect())
            .collect();
        prop_assert!(closing_edges(&open).is_empty());
    }

    #[test]
    fn no_file_of_the_right_outline_fails(
        tasks in prop::collection::vec(("[a-z0-9.]{0,3}", "\\PC{0,20}", prop::collection::vec("[0-9.]{1,3}", 0..4)), 0..12),
        as_tasks in any::<bool>(),
    ) {
        let tasks: Vec<Value> = tasks
            .into_iter()
            .map(|(id, title, dependencies)| json!({"id": id, "title": title, "dependencies": dependencies}))
            .collect();
        let form = if as_tasks { SubtaskForm::Tasks } else { SubtaskForm::Checklist };
        let tag = tag(&json!({"tasks": tasks}), form);
        let known: HashSet<_> = tag.rows.iter().map(|row| row.source.clone()).collect();
        prop_assert_eq!(known.len(), tag.rows.len(), "ids are unique");
        prop_assert!(tag.rows.iter().flat_map(|row| &row.dependencies).all(|id| known.contains(id)));
    }
}
