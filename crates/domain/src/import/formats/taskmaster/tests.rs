//! Outcomes of small files of all forms.

use serde_json::{Value, json};
use tasktree_protocol::Status;

use super::super::{List, Tally};
use super::*;

fn read(file: &Value, form: Subtasks) -> Reading {
    let limits = Limits::default();
    let bytes = file.to_string().into_bytes();
    TaskMaster.read(&bytes, form, &limits).unwrap()
}

fn list(file: &Value, form: Subtasks) -> List {
    read(file, form).lists.remove(0)
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

/// Asserts that every entry is a task, a checklist line, or left out.
#[track_caller]
fn check_tally(list: &List) {
    let tally = &list.tally;
    let accounted = list.tasks.len() + tally.subtasks_listed + tally.left_out;
    assert_eq!(tally.entries + tally.subtasks, accounted, "{tally:?}");
}

#[test]
fn the_old_form_becomes_one_list_with_texts_status_and_priority_mapped() {
    let list = list(&small(), Subtasks::Checklist);
    assert_eq!((list.name.as_str(), list.is_default), (DEFAULT_TAG, true));
    check_tally(&list);
    let [ground, walls, roof, moat, nameless] = &*list.tasks else {
        panic!("{:?}", list.tasks)
    };
    assert_eq!(ground.source, "master/1");
    assert_eq!((ground.status, ground.priority), (Status::Completed, 2));
    assert_eq!(ground.description.as_deref(), Some("Lay it"));
    assert_eq!(
        ground.prompt.as_deref(),
        Some(
            "## Details\n\nWith\ntwo lines\n\n## Test strategy\n\nJump on it\n\n\
             ## More from Task Master\n\n```json\n{\n  \"complexity\": 4\n}\n```"
        )
    );
    assert_eq!(walls.priority, 1);
    assert_eq!(walls.dependencies, ["master/1", "master/9"]);
    let checklist =
        "## Subtasks\n\n- [x] 2.1 North\n\n  Of brick\n- [ ] 2.2 South (deferred) (after 1)";
    let prompt = walls.prompt.as_deref().unwrap();
    assert!(prompt.starts_with(checklist), "{prompt}");
    assert!(prompt.contains("\"parentId\": \"2\""), "{prompt}");
    assert_eq!(
        roof.dependencies,
        ["master/2"],
        "to wait for a listed subtask is to wait for its task"
    );
    assert_eq!(
        (moat.status, moat.on_hold.as_deref()),
        (Status::Unclaimed, Some("Cancelled in Task Master"))
    );
    assert_eq!(nameless.source, "master/~Nameless");
}

#[test]
fn spellings_of_a_status_are_equivalent_and_only_open_work_is_offered() {
    let of = |status: &Value| {
        let file = json!({"tasks": [{"id": 1, "title": "One", "status": status}]});
        let list = list(&file, Subtasks::Checklist);
        (list.tasks[0].status, list.tasks[0].on_hold.clone())
    };
    let held = |why: &str| (Status::Unclaimed, Some(why.to_owned()));
    let plain = |status| (status, None);
    for (written, expected) in [
        (json!(null), plain(Status::Unclaimed)),
        (json!("Pending"), plain(Status::Unclaimed)),
        (json!("to-do"), plain(Status::Unclaimed)),
        (json!("Done"), plain(Status::Completed)),
        (json!("Complete"), plain(Status::Completed)),
        (json!("in_progress"), plain(Status::InProgress)),
        (json!(" In Progress "), plain(Status::InProgress)),
        (json!("inprogress"), plain(Status::InProgress)),
        (json!("DEFERRED"), held("Deferred in Task Master")),
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
        assert_eq!(of(&written), expected, "{written}");
    }
}

#[test]
fn spellings_of_a_priority_are_equivalent_and_an_unknown_one_is_kept() {
    for (written, expected) in [
        ("HIGH", 2),
        (" Medium", 3),
        ("7", 7),
        ("9999999", 0),
        ("odd", 0),
    ] {
        let file = json!({"tasks": [{"id": 1, "title": "One", "priority": written}]});
        let list = list(&file, Subtasks::Checklist);
        assert_eq!(list.tasks[0].priority, expected, "{written}");
        let kept = list.tasks[0].prompt.is_some();
        assert_eq!(kept, expected == 0, "{written}");
        assert_eq!(list.notes.is_empty(), expected != 0, "{written}");
    }
}

#[test]
fn lists_at_the_root_and_in_tags_are_all_read() {
    let file = json!({
        "tasks": [{"id": 1, "title": "Root"}],
        "master": {"tasks": [{"id": 1, "title": "A"}], "metadata": {"description": "of A"}},
        "loop": {"tasks": {"7": {"title": "B"}}},
        "none": {"tasks": []},
        "version": "2",
    });
    let read = read(&file, Subtasks::Checklist);
    let mut sources: Vec<_> = read
        .lists
        .iter()
        .flat_map(|list| list.tasks.iter())
        .collect();
    sources.sort_by(|one, other| one.source.cmp(&other.source));
    let sources: Vec<_> = sources.iter().map(|task| task.source.as_str()).collect();
    assert_eq!(sources, ["loop/7", "master/1", "root/1"]);
    let notes = format!("{:?}", read.notes);
    for said in ["of A", "version", "'none' has no tasks", "list 'root'"] {
        assert!(notes.contains(said), "{said}: {notes}");
    }
}

#[test]
fn values_of_other_types_are_kept() {
    let file = json!({"tasks": [
        {"id": 1, "title": 2048, "details": ["first", "second"], "testStrategy": {"unit": "cargo test"}},
        {"id": 2.0, "title": "Two", "dependencies": "1"},
        {"id": 3, "title": "Three", "dependencies": [{"taskId": 1}, {"id": 2, "type": "blocks"}, null, 2]},
        {"id": 4, "title": "Four", "subtasks": ["write it", null, 7]},
        {"id": 5, "title": "Five", "subtasks": {"1": {"title": "one"}, "2": {"id": 2, "title": "two"}}},
        null,
        {"id": true, "title": "True", "status": null, "subtasks": null},
        "only words",
        {"id": [1], "title": {"en": "Listed"}},
    ]});
    let list = list(&file, Subtasks::Checklist);
    check_tally(&list);
    let tally = Tally {
        entries: 9,
        subtasks: 5,
        subtasks_listed: 4,
        subtasks_made: 0,
        left_out: 2,
    };
    assert_eq!(list.tally, tally);
    let of = |id: &str| {
        let found = list
            .tasks
            .iter()
            .find(|task| task.source == format!("master/{id}"));
        found.unwrap_or_else(|| panic!("{id}: {:?}", list.tasks))
    };
    let prompt = |id: &str| of(id).prompt.clone().unwrap();
    assert_eq!(of("1").title, "2048");
    assert!(prompt("1").contains("- first\n- second"));
    assert!(prompt("1").contains("\"unit\": \"cargo test\""));
    assert_eq!(of("2").dependencies, ["master/1"]);
    assert_eq!(of("3").dependencies, ["master/1", "master/2"]);
    assert!(prompt("3").contains("\"type\": \"blocks\""));
    assert!(
        prompt("4").contains("- [ ] write it\n- [ ] 7"),
        "{}",
        prompt("4")
    );
    assert!(
        prompt("5").contains("- [ ] 5.1 one\n- [ ] 5.2 two"),
        "{}",
        prompt("5")
    );
    assert_eq!(of("true").title, "True");
    assert_eq!(of("~only words").title, "only words");
    let listed = list.tasks.last().unwrap().prompt.as_deref().unwrap();
    assert!(listed.contains("\"en\": \"Listed\""), "{listed}");
}

#[test]
fn doubles_and_levels_are_all_kept_and_counted() {
    let file = json!({"tasks": [
        {"id": 1, "title": "Parent", "subtasks": [
            {"id": 1, "title": "first"}, {"id": 1, "title": "second"},
            {"id": 2, "title": "after both", "dependencies": [1], "subtasks": [
                {"id": 1, "title": "deep", "subtasks": [{"id": 1, "title": "deeper"}]},
            ]},
        ]},
        {"id": "1.2", "title": "Dotted"},
        {"id": 2, "title": "Waits", "dependencies": ["1.2"]},
        {"id": 2, "title": "Again"},
    ]});
    let listed = list(&file, Subtasks::Checklist);
    check_tally(&listed);
    assert_eq!((listed.tasks.len(), listed.tally.subtasks_listed), (4, 5));
    assert_eq!(listed.tasks[2].dependencies, ["master/1", "master/1.2"]);
    assert_eq!(listed.tasks[3].source, "master/2~2");
    let prompt = listed.tasks[0].prompt.as_deref().unwrap();
    assert!(prompt.contains("\n    - [ ] 1.2.1.1 deeper"), "{prompt}");

    let made = list(&file, Subtasks::Tasks);
    check_tally(&made);
    assert_eq!((made.tasks.len(), made.tally.subtasks_made), (9, 5));
    let of = |title: &str| made.tasks.iter().find(|task| task.title == title).unwrap();
    assert_eq!(of("after both").source, "master/1.2~2");
    assert_eq!(
        of("after both").dependencies,
        ["master/1.1", "master/1.1~2", "master/1.2.1"]
    );
    assert_eq!(of("Waits").dependencies, ["master/1.2~2", "master/1.2"]);
}

#[test]
fn subtasks_can_become_tasks_that_their_task_waits_for() {
    let list = list(&small(), Subtasks::Tasks);
    let by_id = |id: &str| list.tasks.iter().find(|row| row.source == id).unwrap();
    assert_eq!(
        by_id("master/2").dependencies,
        ["master/1", "master/2.1", "master/2.2", "master/9"]
    );
    assert_eq!(by_id("master/2.2").dependencies, ["master/2.1", "master/1"]);
    assert_eq!(by_id("master/2.1").priority, 1);
    assert_eq!(by_id("master/3").dependencies, ["master/2.1"]);
}

#[test]
fn long_texts_go_on_elsewhere_and_the_rest_of_them_is_noted() {
    let limits = Limits::default();
    let title = "字".repeat(600);
    let description = "d".repeat(limits.description_bytes + 10);
    let details = format!("{}END OF IT", "x".repeat(limits.prompt_bytes));
    let file = json!({"tasks": [
        {"id": 1, "title": title, "description": description},
        {"id": 2, "title": "Full", "details": details, "owner": "ada"},
    ]});
    let list = list(&file, Subtasks::Checklist);
    let [long, full] = &*list.tasks else {
        panic!("{:?}", list.notes)
    };
    assert_eq!(long.title.chars().count(), limits.title_chars);
    let whole = format!("{title}\n\n{description}");
    let kept = long.description.as_deref().unwrap();
    assert_eq!(kept, &whole[..kept.len()]);
    assert!(
        long.prompt
            .as_deref()
            .unwrap()
            .ends_with(&whole[kept.len()..])
    );
    assert_eq!(full.prompt.as_deref().unwrap().len(), limits.prompt_bytes);
    let notes = format!("{:?}", list.notes);
    assert!(
        notes.contains("END OF IT") && notes.contains("ada"),
        "{notes}"
    );
}

#[test]
fn titles_are_what_can_be_seen_and_one_broken_text_costs_that_text() {
    let text = r#"{"tasks": [
        {"id": 1, "title": "a\u001b[31m\tred\u001b[0m"}, {"id": 2, "title": "\u200b"},
        {"id": 3, "title": "half \ud800 done"}, {"id": "x\u0007y", "title": "Bell"}, {"id": 5, "title": "Plain"}]}"#;
    let limits = Limits::default();
    let read = TaskMaster.read(text.as_bytes(), Subtasks::Checklist, &limits);
    let list = read.unwrap().lists.remove(0);
    let titles: Vec<_> = list.tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!(
        titles,
        ["a red", "Task 2", "half \u{fffd} done", "Bell", "Plain"]
    );
    let noted: Vec<_> = list.notes.iter().map(|note| note.task.as_str()).collect();
    assert_eq!(noted[1..], ["master/1", "master/2", "master/3"]);
    assert!(noted[0].starts_with("master/xy~"), "{noted:?}");
    assert!(
        list.tasks[0]
            .prompt
            .as_deref()
            .unwrap()
            .contains("\\u001b[31m")
    );
}

#[test]
fn what_is_no_task_list_is_refused_with_its_place() {
    let limits = Limits::default();
    for (file, refusal) in [
        (
            "{\n\"tasks\": [1,]}",
            "line 2, column 13: expected a value, at: ]}",
        ),
        ("[]", "is not a JSON object"),
        ("{\"tasks\": 1}", "has no list of tasks"),
    ] {
        let refused = TaskMaster.read(file.as_bytes(), Subtasks::Checklist, &limits);
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(refusal), "{refused}");
    }
}
