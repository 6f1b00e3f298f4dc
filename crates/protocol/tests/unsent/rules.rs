//! Fates of a change, case by case.

use serde_json::json;
use tasktree_protocol::unsent::{Caller, Entry, Fate, Now, REMEMBERED_MS, has_become};
use tasktree_protocol::{
    Bound, Command, Maybe, NewTask, ProjectId, Status, TaskId, TaskPatch, WireError,
};

fn caller(credential: &str, person: Option<&str>) -> Caller {
    Caller {
        credential: credential.to_owned(),
        person: person.map(str::to_owned),
    }
}

fn at(ms: i64) -> Now {
    Now {
        earliest_ms: ms,
        latest_ms: ms,
    }
}

fn entry(if_rev: Option<u64>, is_new: bool, sent_ms: Option<i64>) -> Entry {
    let (project_id, bound) = ("p".into(), None);
    let command = if is_new {
        Command::CreateTask {
            project_id,
            task: NewTask::default(),
            bound,
        }
    } else {
        Command::UpdateTask {
            project_id,
            task: "1-p".into(),
            patch: TaskPatch::default(),
            if_rev,
            take: None,
            bound,
        }
    };
    Entry {
        intent: "i".to_owned(),
        id: "i".to_owned(),
        command,
        caller: caller("c1", Some("ann")),
        asked_ms: 0,
        sent_ms,
        refused: None,
    }
}

#[test]
fn what_was_never_sent_is_sent_however_old_it_is() {
    let ann = caller("c1", Some("ann"));
    assert_eq!(entry(None, true, None).fate(at(i64::MAX), &ann), Fate::Send);
}

#[test]
fn what_may_have_been_made_is_sent_again_only_while_the_server_remembers_it() {
    let ann = caller("c1", Some("ann"));
    let sent = entry(None, true, Some(1_000));
    assert_eq!(sent.fate(at(1_000 + REMEMBERED_MS - 1), &ann), Fate::Send);
    assert_eq!(sent.fate(at(1_000 + REMEMBERED_MS), &ann), Fate::Uncertain);
    assert_eq!(
        sent.fate(at(999), &ann),
        Fate::Uncertain,
        "the clock was set"
    );
    let unsure = Now {
        earliest_ms: 1_000,
        latest_ms: 1_000 + REMEMBERED_MS,
    };
    assert_eq!(sent.fate(unsure, &ann), Fate::Uncertain, "it may be late");
    // The server remembers by credential.
    let again = caller("c2", Some("ann"));
    assert_eq!(sent.fate(at(1_001), &again), Fate::Uncertain);
    // A version is used up by the first effect.
    let versioned = entry(Some(3), false, Some(1_000));
    assert_eq!(versioned.fate(at(i64::MAX), &again), Fate::Send);
    let unversioned = entry(None, false, Some(1_000));
    assert_eq!(unversioned.fate(at(i64::MAX), &ann), Fate::Uncertain);
}

#[test]
fn somebody_elses_change_is_left_alone() {
    let change = entry(None, true, None);
    assert_eq!(change.fate(at(1), &caller("c1", Some("ben"))), Fate::Leave);
    assert_eq!(change.fate(at(1), &caller("c2", None)), Fate::Leave);
    assert_eq!(change.fate(at(1), &caller("c2", Some("ann"))), Fate::Send);
}

#[test]
fn a_row_that_has_all_that_was_asked_for_needs_nothing() {
    let patch = TaskPatch {
        title: Maybe::Value("One".to_owned()),
        status: Maybe::Value(Status::UpNext),
        ..TaskPatch::default()
    };
    let row = |title: &str| json!({ "title": title, "status": "up_next", "rev": 4 });
    assert!(has_become(&row("One"), &patch));
    assert!(!has_become(&row("Two"), &patch));
}

#[test]
fn an_entry_is_read_as_it_was_stored() {
    let (project_id, task) = (ProjectId::from("p"), TaskId::from("1-p"));
    let bound = Some(Bound {
        epoch: Some("e1".into()),
        caller: Some("c1".to_owned()),
    });
    let commands = [
        Command::CreateTask {
            project_id: project_id.clone(),
            task: NewTask {
                title: "One".to_owned(),
                dependencies: vec![task.clone()],
                ..NewTask::default()
            },
            bound: bound.clone(),
        },
        Command::UpdateTask {
            project_id: project_id.clone(),
            task: task.clone(),
            patch: TaskPatch {
                title: Maybe::Value("Two".to_owned()),
                session: Maybe::Null,
                ..TaskPatch::default()
            },
            if_rev: Some(3),
            take: Some("ada".into()),
            bound: bound.clone(),
        },
        Command::DeleteTask {
            project_id: project_id.clone(),
            task: task.clone(),
            bound: None,
        },
        Command::RestoreTask {
            project_id,
            task,
            bound,
        },
    ];
    for command in commands {
        let entry = Entry {
            command,
            refused: Some(WireError::new("replaced", "It was replaced.")),
            ..entry(None, true, Some(7))
        };
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
    }
    let unknown = r#"{"intent":"i","id":"i","command":{"op":"x","args":{"project_id":"p","task":"1-p"}},"caller":{"credential":"-"},"asked_ms":1}"#;
    assert!(serde_json::from_str::<Entry>(unknown).is_err());
}
