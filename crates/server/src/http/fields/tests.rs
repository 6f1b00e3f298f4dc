//! Tests of values read from objects.

use proptest::prelude::*;
use tasktree_protocol::{Status, TaskId};

use super::*;

fn problems(object: &Value, read: impl Fn(&mut Fields<'_>)) -> Value {
    let mut fields = Fields::of_body(object.as_object().unwrap());
    read(&mut fields);
    json!(fields.problems)
}

#[test]
fn every_fault_of_a_body_is_named_with_its_place() {
    let body =
        json!({"status": "bogus", "dependencies": ["1", {}], "priority": "high", "owned_files": 3});
    let problems = problems(&body, |fields| {
        fields.maybe::<Status>("status");
        fields.maybe::<Vec<TaskId>>("dependencies");
        fields.maybe::<u32>("priority");
        fields.maybe::<Vec<String>>("owned_files");
        fields.required::<String>("title");
    });
    assert_eq!(problems[0]["loc"], json!(["body", "status"]));
    assert_eq!(problems[0]["type"], "enum");
    assert!(
        problems[0]["msg"]
            .as_str()
            .unwrap()
            .ends_with("'completed' or 'merged'")
    );
    assert_eq!(problems[1]["loc"], json!(["body", "dependencies", 1]));
    assert_eq!(problems[1]["input"], json!({}));
    assert_eq!(problems[2]["type"], "int_parsing");
    assert_eq!(problems[3]["msg"], LIST_TYPE);
    assert_eq!(problems[4]["type"], "missing");
}

#[test]
fn a_field_that_nobody_asked_for_is_a_fault_and_names_the_likely_one() {
    let body = json!({"title": "a", "depends_on": [1], "state": "done", "titel": "b", "qq": 1});
    let mut fields = Fields::of_body(body.as_object().unwrap());
    fields.required::<String>("title");
    fields.optional::<Vec<TaskId>>("dependencies");
    fields.optional::<Status>("status");
    let problems = json!(fields.into_problems());
    let all: Vec<_> = problems.as_array().unwrap().iter().collect();
    assert_eq!(all.len(), 4, "{problems}");
    assert!(
        all.iter()
            .all(|problem| problem["type"] == "extra_forbidden")
    );
    assert_eq!(all[0]["loc"], json!(["body", "depends_on"]));
    assert_eq!(all[0]["input"], json!([1]));
    for (problem, meant) in all.iter().zip(["'dependencies'", "'status'", "'title'"]) {
        let msg = problem["msg"].as_str().unwrap();
        assert!(msg.contains(&format!("did you mean {meant}")), "{msg}");
    }
    assert_eq!(
        all[3]["msg"],
        "Unknown field; the known ones are 'title', 'dependencies' and 'status'"
    );
}

#[test]
fn an_unknown_field_of_an_entry_is_a_fault_at_its_place() {
    let body = json!({"tasks": [{"title": "a", "prio": 1}]});
    let problems = problems(&body, |fields| {
        fields.objects("tasks", |task| {
            task.optional::<u32>("priority");
            task.required::<String>("title")
        });
    });
    assert_eq!(problems[0]["loc"], json!(["body", "tasks", 0, "prio"]));
    assert_eq!(
        problems[0]["msg"],
        "Unknown field; did you mean 'priority'?"
    );
}

#[test]
fn a_fault_in_a_list_of_objects_names_the_item() {
    let body = json!({"tasks": [{"title": "a"}, {"title": 1}, 7]});
    let problems = problems(&body, |fields| {
        fields.objects("tasks", |task| task.required::<String>("title"));
    });
    assert_eq!(problems[0]["loc"], json!(["body", "tasks", 1, "title"]));
    assert_eq!(problems[1]["loc"], json!(["body", "tasks", 2]));
}

#[test]
fn a_list_of_faults_is_bounded_and_says_so() {
    let body = json!({"tasks": vec![json!({}); 3 * FAULTS_LISTED]});
    let mut fields = Fields::of_body(body.as_object().unwrap());
    let read = fields.objects("tasks", |task| task.required::<String>("title"));
    assert_eq!(read.len(), FAULTS_LISTED, "the rest is not read");
    let problems = fields.into_problems();
    assert_eq!(problems.len(), FAULTS_LISTED + 1);
    assert_eq!(problems[FAULTS_LISTED].r#type, "too_many_faults");
}

#[test]
fn absent_and_null_are_told_apart() {
    let body = json!({"description": null});
    let mut fields = Fields::of_body(body.as_object().unwrap());
    assert_eq!(fields.maybe::<String>("description"), Maybe::Null);
    assert_eq!(fields.maybe::<String>("prompt"), Maybe::Absent);
    assert!(fields.finish().is_ok());
}

proptest! {
    #[test]
    fn a_number_is_read_the_same_from_json_and_from_a_query(number in any::<i64>()) {
        let from_json = u32::read(&json!(number)).ok();
        let from_query = u32::read(&json!(number.to_string())).ok();
        prop_assert_eq!(from_json, u32::try_from(number).ok());
        prop_assert_eq!(from_query, from_json);
    }
}
