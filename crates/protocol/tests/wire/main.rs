//! Round trips of everything on the wire: written values are read back, and arbitrary input does no
//! harm.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what went wrong best by failing where it did"
)]

mod fields;
mod frames;
mod generate;

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tasktree_protocol::agent::AgentMessage;
use tasktree_protocol::frame::{ClientFrame, Incoming};
use tasktree_protocol::{
    Comment, Event, Maybe, Message, ProjectStats, StreamId, Task, TaskCard, TaskPatch, Timestamp,
};

use frames::{client_frame, command, error, message, server_frame};
use generate::{agent, moment, number, patch, project, task, text, value};

/// Checks that a value is unchanged after it is written and read back.
fn is_read_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
) -> Result<String, TestCaseError> {
    let text = serde_json::to_string(value).unwrap();
    let back: T = serde_json::from_str(&text)
        .map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
    prop_assert_eq!(&back, value);
    Ok(text)
}

/// Checks the same for a row, which may also have an unknown field because its server may be newer.
fn survives<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
) -> Result<(), TestCaseError> {
    let text = is_read_back(value)?;
    let mut json: Value = serde_json::from_str(&text).unwrap();
    if let Value::Object(map) = &mut json {
        map.insert("a_field_of_the_future".into(), json!([1, {"x": null}]));
        if let Some(Value::Object(data)) = map.get_mut("data").filter(|_| text.contains("\"sys.")) {
            data.insert("another".into(), json!(1));
        }
    }
    let back: T = serde_json::from_value(json)
        .map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
    prop_assert_eq!(&back, value);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn rows_are_read_back_as_they_were_written(
        task in task(), patch in patch(), agent in agent(), project in project(), command in command(), error in error(),
        count in number(), name in text(), at in moment(),
    ) {
        survives(&TaskCard::from(&task))?;
        survives(&task)?;
        // Requests are followed completely or refused.
        let text = is_read_back(&patch)?;
        let more = text.replacen('{', "{\"a_field_of_the_future\":1,", 1).replace(",}", "}");
        prop_assert!(serde_json::from_str::<TaskPatch>(&more).is_err(), "{}", more);
        survives(&agent)?;
        survives(&project)?;
        survives(&command)?;
        survives(&error)?;
        survives(&at)?;
        survives(&ProjectStats { total_tasks: count, ..ProjectStats::default() })?;
        survives(&Comment {
            id: count, task_id: name.as_str().into(), author: name.clone(), body: name.clone(), made_at: at,
            edited_at: Some(at), deleted_at: None,
        })?;
        survives(&AgentMessage { id: count, from: name.clone(), to: name.as_str().into(), body: name, sent_at: at, read_at: Some(at) })?;
    }

    #[test]
    fn a_card_is_read_from_a_whole_task(task in task()) {
        let card: TaskCard = serde_json::from_value(serde_json::to_value(&task).unwrap()).unwrap();
        prop_assert_eq!(card, TaskCard::from(&task));
    }

    #[test]
    fn messages_are_read_back_as_they_were_written(message in message()) {
        survives(&message)?;
        let text = serde_json::to_string(&message).unwrap();
        prop_assert_eq!(Incoming::parse(&text), Ok(Incoming::Message(Box::new(message))));
    }

    #[test]
    fn an_unknown_type_keeps_its_data_as_it_came(kind in "[a-z_]{1,12}", data in value()) {
        let kind = format!("new_{kind}");
        let text = json!({"type": kind, "project_id": null, "data": data, "timestamp": "2026-11-22T23:00:00Z"}).to_string();
        let message: Message = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(message.event.data(), data);
        prop_assert_eq!(message.event.kind(), kind);
    }

    #[test]
    fn a_known_type_with_other_data_keeps_it_too(kind in prop::sample::select(Event::KINDS), data in value()) {
        let event = Event::from_json(kind, &data.to_string()).unwrap();
        prop_assert_eq!(event.kind(), kind);
        if let Event::Unknown { data: kept, .. } = event {
            prop_assert_eq!(kept, data);
        }
    }

    #[test]
    fn control_frames_are_read_back_as_they_were_written(client in client_frame(), server in server_frame()) {
        survives(&client)?;
        let text = serde_json::to_string(&server).unwrap();
        let mut json: Value = serde_json::from_str(&text).unwrap();
        json["data"]["another"] = json!(1);
        prop_assert_eq!(Incoming::parse(&json.to_string()), Ok(Incoming::Control(server.clone())));
        prop_assert_eq!(Incoming::parse(&text), Ok(Incoming::Control(server)));
    }

    #[test]
    fn arbitrary_json_and_arbitrary_text_do_no_harm(value in value(), text in "\\PC{0,60}", frame in server_frame(), cut: prop::sample::Index) {
        for text in [value.to_string(), text] {
            let _ = Incoming::parse(&text);
            let _ = serde_json::from_str::<ClientFrame>(&text);
            let _ = serde_json::from_str::<Task>(&text);
            let _ = Timestamp::parse(&text);
        }
        let whole = serde_json::to_string(&frame).unwrap();
        let end = (0..=cut.index(whole.len())).rev().find(|end| whole.is_char_boundary(*end)).unwrap_or(0);
        prop_assert!(Incoming::parse(&whole[..end]).is_err());
    }

    #[test]
    fn a_wrong_type_anywhere_in_a_control_frame_makes_it_unknown_not_an_error(frame in server_frame(), data in value()) {
        let mut json = serde_json::to_value(&frame).unwrap();
        json["data"] = data;
        let read = Incoming::parse(&json.to_string());
        prop_assert!(matches!(read, Ok(Incoming::Control(_) | Incoming::UnknownControl { .. })), "{:?}", read);
    }
}

#[test]
fn ten_thousand_levels_are_an_error_not_a_crash() {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let frame =
        format!("{{\"type\":\"x\",\"data\":{deep},\"timestamp\":\"2026-11-22T23:00:00Z\"}}");
    assert!(Incoming::parse(&frame).is_err());
    assert!(Incoming::parse(&frame.replace("\"x\"", "\"sys.x\"")).is_err());
}

#[test]
fn a_member_that_a_client_gives_twice_is_refused_wherever_it_is() {
    let frame = r#"{"type":"sys.cmd","data":{"id":"1","op":"update_task","args":{"project_id":"a","task":"1","patch":{"title":"b"}}}}"#;
    serde_json::from_str::<ClientFrame>(frame).unwrap();
    for member in [
        r#""type":"sys.cmd""#,
        r#""id":"1""#,
        r#""op":"update_task""#,
        r#""project_id":"a""#,
        r#""task":"1""#,
        r#""title":"b""#,
    ] {
        let twice = frame.replacen(member, &format!("{member},{member}"), 1);
        let read = serde_json::from_str::<ClientFrame>(&twice);
        assert!(read.is_err(), "{twice} is read as {read:?}");
    }
}

#[test]
fn frames_of_an_older_backend_are_read() {
    let frames = [
        r#"{"type": "task_created", "project_id": "a", "data": {"id": "1-a", "task_id": 1, "title": "\u00dcber", "description": null, "prompt": null, "status": "unclaimed", "branch": "task-1", "session": null, "dependencies": [], "priority": 0, "owned_files": [], "shared_files": [], "creates_files": [], "merge_order": 0, "exclusive_files": [], "initialization_deps": [], "created_at": "2026-11-22 23:07:05.337429", "updated_at": "2026-11-22 23:07:05.337433", "completed_at": null, "merged_at": null}, "timestamp": "2026-11-22 23:07:05.337658"}"#,
        r#"{"type": "task_updated", "project_id": "a", "data": {"id": "second", "task_id": 2, "title": "t", "status": "up_next", "branch": null, "dependencies": null, "priority": -3, "updated_at": "2024-01-02 03:04:05+00:00"}, "timestamp": "2026-11-22 23:04:39.320565"}"#,
        r#"{"type": "task_merged", "project_id": "a", "data": {"task_id": "third", "branch": "task-33"}, "timestamp": "2026-11-22 23:04:43.225291"}"#,
        r#"{"type": "task_deleted", "project_id": "a", "data": {"task_id": "negative"}, "timestamp": "2026-11-22 23:04:43"}"#,
        r#"{"type": "tasks_reset", "project_id": "a", "data": {"reset_count": 3, "killed_sessions": ["1-a"]}, "timestamp": "2026-11-22 23:07:06.611933"}"#,
        r#"{"type": "project_created", "project_id": "a", "data": {"id": "a", "name": "A", "path": "/srv/a", "description": null, "project_overview": null, "initial_prompt": null, "plan": null, "max_agents": 5, "active": true, "created_at": "2026-11-22 23:07:05.213091", "updated_at": "2024-01-02 03:04:05", "git_remote": null, "is_git_repo": null}, "timestamp": "2026-11-22 23:07:05.213748"}"#,
        r#"{"type": "project_deleted", "project_id": "a", "data": {"project_id": "a", "cleanup_performed": false}, "timestamp": "2026-11-22 23:04:50.223938"}"#,
        r#"{"type": "project_reset", "project_id": "a", "data": {"message": "done"}, "timestamp": "2026-11-22 23:04:49.676060"}"#,
        r#"{"type": "plan_generated", "project_id": "a", "data": {"plan": "P", "tasks_created": 3}, "timestamp": "2026-11-22 23:07:25.903495"}"#,
        r#"{"type": "task_status_changed", "project_id": "a", "data": {"task_id": "first", "status": "up_next"}, "timestamp": "2026-11-22 23:52:38.587945"}"#,
        r#"{"type": "agent_spawned", "project_id": "a", "data": {"task_id": "first", "session": "1-a", "branch": "task-1"}, "timestamp": "2026-11-22 23:52:38.587966"}"#,
        r#"{"type": "coordination_update", "project_id": "a", "data": {"active_agents": 0, "agents": {}}, "timestamp": "2026-11-22 23:52:38.588047"}"#,
        r#"{"type": "file_locks_update", "project_id": "a", "data": {"locks": {}}, "timestamp": "2026-11-22 23:52:38.588061"}"#,
        r#"{"type": "agent_messages", "project_id": "a", "data": {"agent": "1-a", "pending_messages": 1}, "timestamp": "2026-11-22 23:52:38.588073"}"#,
    ];
    for frame in frames {
        let Ok(Incoming::Message(message)) = Incoming::parse(frame) else {
            panic!("{frame}")
        };
        assert!(!matches!(message.event, Event::Unknown { .. }), "{frame}");
        assert_eq!(message.stream(), StreamId::from("a"));
    }
    for frame in [
        r#"{"type": "git_initialized", "project_id": "g", "data": {"message": "m"}, "timestamp": "2026-11-22 23:04:47.832601"}"#,
        r#"{"type": "orchestrator_started", "project_id": null, "data": {"status": "running"}, "timestamp": "2026-11-22 23:52:38.587811"}"#,
        r#"{"type": "agent_spawn_failed", "project_id": "a", "data": {"task_id": "first", "error": "text"}, "timestamp": "2026-11-22 23:52:38.587984"}"#,
        r#"{"type": "task_updated", "project_id": "a", "data": {"id": "x", "status": "archived"}, "timestamp": "2026-11-22 23:52:38.587984", "changed": null}"#,
    ] {
        let Ok(Incoming::Message(message)) = Incoming::parse(frame) else {
            panic!("{frame}")
        };
        assert!(matches!(message.event, Event::Unknown { .. }), "{frame}");
    }
}

#[test]
fn both_forms_of_a_moment_are_read_and_only_the_one_without_a_zone_is_moved() {
    let zoned = Timestamp::parse("2026-11-22T23:00:00.123Z").unwrap();
    assert_eq!(zoned.unix_millis(480), 1_795_388_400_123);
    assert_eq!(
        Timestamp::parse("2026-11-23T07:00:00.123+08:00").unwrap(),
        zoned
    );
    assert_eq!(zoned.to_string(), "2026-11-22T23:00:00.123Z");
    let naive = Timestamp::parse("2026-11-23 07:00:00.123456").unwrap();
    assert_eq!(naive.unix_millis(480), 1_795_388_400_123);
    assert_eq!(naive.to_string(), "2026-11-23T07:00:00.123");
    for wrong in ["", "now", "2026-13-01T00:00:00Z", "1795388400"] {
        assert!(Timestamp::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_absent_field_of_a_patch_differs_from_null() {
    let patch: TaskPatch =
        serde_json::from_value(json!({"description": null, "title": "t"})).unwrap();
    assert_eq!(patch.description, Maybe::Null);
    assert_eq!(patch.title, Maybe::Value("t".into()));
    assert_eq!(patch.prompt, Maybe::Absent);
    assert_eq!(
        serde_json::to_value(&patch).unwrap(),
        json!({"description": null, "title": "t"})
    );
}
