use serde_json::{Value, json};
use tasktree_protocol::agent::Source;

use super::memory::LATE_MS;
use super::*;

/// Bodies of the harnesses, by harness.
const BODIES: [(Source, &str); 7] = [
    (
        Source::ClaudeCode,
        include_str!("../../fixtures/hooks/claude-code.json"),
    ),
    (
        Source::Codex,
        include_str!("../../fixtures/hooks/codex.json"),
    ),
    (
        Source::OpenCode,
        include_str!("../../fixtures/hooks/opencode.json"),
    ),
    (
        Source::Gemini,
        include_str!("../../fixtures/hooks/gemini.json"),
    ),
    (
        Source::Cursor,
        include_str!("../../fixtures/hooks/cursor.json"),
    ),
    (
        Source::Copilot,
        include_str!("../../fixtures/hooks/copilot.json"),
    ),
    (
        Source::VsCode,
        include_str!("../../fixtures/hooks/vscode.json"),
    ),
];

/// Returns all bodies with their harness and name.
fn bodies() -> Vec<(Source, String, Value)> {
    let mut all = Vec::new();
    for (source, text) in BODIES {
        let bodies: serde_json::Map<String, Value> = serde_json::from_str(text).unwrap();
        all.extend(bodies.into_iter().map(|(name, body)| (source, name, body)));
    }
    all
}

const NOW: i64 = 1_795_969_200_000;

fn hook(body: &Value) -> Hook {
    read(body, None, NOW).unwrap()
}

/// Returns an event of Claude Code.
fn event(name: &str, more: &Value) -> Hook {
    let mut body = json!({"session_id": "s", "cwd": "/w", "hook_event_name": name});
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    hook(&body)
}

#[test]
fn the_shape_of_a_body_tells_its_harness_whatever_the_address_says() {
    let all = bodies();
    assert_eq!(all.len(), 72);
    for (source, name, body) in all {
        // Nothing in these bodies is special: the address decides.
        let is_plain =
            source == Source::ClaudeCode || (source == Source::Codex && name == "SessionEnd");
        let hints: Vec<_> = match is_plain {
            true => vec![Some(source)],
            false => Source::ALL.into_iter().map(Some).chain([None]).collect(),
        };
        for hint in hints {
            assert_eq!(detect(&body, hint), source, "{name} {hint:?}");
        }
    }
    let plain = json!({"session_id": "s", "hook_event_name": "Stop"});
    assert_eq!(detect(&plain, Some(Source::Copilot)), Source::Copilot);
    assert_eq!(detect(&plain, None), Source::ClaudeCode);
}

#[test]
fn every_body_is_read_and_long_or_secret_texts_do_not_stay() {
    for (source, name, mut body) in bodies() {
        spoil(&mut body, "password=hunter2 ");
        let read = read(&body, Some(source), NOW);
        let shown = format!("{read:?}");
        assert!(read.is_some(), "{name}");
        assert!(!shown.contains("hunter2"), "{name}: {shown}");
        assert!(shown.len() < 4000, "{name}: {}", shown.len());
    }
}

/// Puts a secret and much text before each text that says what an agent does.
fn spoil(value: &mut Value, secret: &str) {
    const SAYING: [&str; 10] = [
        "prompt",
        "command",
        "description",
        "message",
        "last_assistant_message",
        "prompt_response",
        "error_details",
        "task_subject",
        "content",
        "title",
    ];
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if SAYING.contains(&name.as_str()) => {
                        *text = format!("{secret}{}{text}", "x ".repeat(3000));
                    }
                    field => spoil(field, secret),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|entry| spoil(entry, secret)),
        _ => {}
    }
}

#[test]
fn anything_that_is_json_is_read_without_a_fault() {
    for body in [
        json!(null),
        json!([1, 2]),
        json!("text"),
        json!({}),
        json!({"session_id": ""}),
        json!({"session_id": {"a": 1}}),
        json!({"event": {}, "directory": 7}),
        json!({"hook": 5}),
        json!({"cursor_version": null}),
        json!({"event": {"type": "session.status", "properties": {"sessionID": "s"}}}),
    ] {
        assert_eq!(read(&body, None, NOW), None, "{body}");
    }
    for body in [
        json!({"session_id": 7, "hook_event_name": {"a": 1}}),
        json!({"session_id": "s", "hook_event_name": "PreToolUse"}),
        json!({"session_id": "s", "hook_event_name": "PreToolUse", "tool_input": [1]}),
        json!({"session_id": "s", "hook_event_name": "PostToolBatch", "tool_calls": 3}),
        json!({"session_id": "s", "hook_event_name": "Notification"}),
        json!({"sessionId": "s", "timestamp": 1e300}),
        json!({"sessionId": "s", "timestamp": 5, "error": [1]}),
    ] {
        assert!(read(&body, None, NOW).is_some(), "{body}");
    }
}

#[test]
fn calls_are_summarized_in_one_line() {
    for (tool, input, expected) in [
        ("Edit", json!({"file_path": "/w/a.rs"}), "Edit /w/a.rs"),
        ("Bash", json!({"command": "a\n  b"}), "Bash: a b"),
        ("shell", json!({"command": ["ls", "-l"]}), "shell: ls -l"),
        ("Grep", json!({"pattern": "x"}), "Grep: x"),
        ("mcp__tt__next", json!({}), "tt: next"),
        (
            "editFiles",
            json!({"files": ["a", "b"]}),
            "editFiles a and 1 more",
        ),
        (
            "apply_patch",
            json!({"command": "*** Begin Patch\n*** Add File: a.rs\n+x\n*** Delete File: b.rs\n"}),
            "apply_patch a.rs and 1 more",
        ),
        (
            "Bash",
            json!({"command": "A_TOKEN=x1 run"}),
            "Bash: A_TOKEN=[secret] run",
        ),
    ] {
        assert_eq!(summary::of_call(tool, &input), expected);
    }
    let long = summary::of_call("Bash", &json!({"command": "é".repeat(9000)}));
    assert_eq!(long.chars().count(), SUMMARY_CHARS);
    assert!(long.ends_with('…'));
}

#[test]
fn edited_files_are_those_of_tools_that_edit() {
    for (tool, input, expected) in [
        ("Read", json!({"file_path": "a"}), vec![]),
        ("write_file", json!({"file_path": "a"}), vec!["a"]),
        (
            "str_replace_editor",
            json!({"command": "view", "path": "a"}),
            vec![],
        ),
        (
            "str_replace_editor",
            json!({"command": "create", "path": "a"}),
            vec!["a"],
        ),
        (
            "multi_replace_string_in_file",
            json!({"replacements": [{"filePath": "a"}, {"filePath": "b"}, {"filePath": "a"}]}),
            vec!["a", "b"],
        ),
    ] {
        assert_eq!(patch::files(tool, &input), expected, "{tool}");
    }
}

#[test]
fn work_in_a_row_becomes_one_event_and_other_events_stay_apart() {
    let edit = |file: &str| {
        event(
            "PostToolUse",
            &json!({"tool_name": "Edit", "tool_input": {"file_path": file}}),
        )
    };
    let mut first = event("SomethingNew", &json!({}));
    first.fold(edit("/w/a.rs")).unwrap();
    first.fold(edit("/w/b.rs")).unwrap();
    first.fold(event("SomethingNew", &json!({}))).unwrap();
    let Deed::Work(work) = &first.deed else {
        panic!("{first:?}")
    };
    assert_eq!(work.paths, ["/w/a.rs", "/w/b.rs"]);
    assert_eq!(work.activity.as_deref(), Some("Edit /w/b.rs"));
    for other in [
        "Stop",
        "SessionStart",
        "SessionEnd",
        "PermissionRequest",
        "UserPromptSubmit",
    ] {
        assert!(first.fold(event(other, &json!({}))).is_err(), "{other}");
    }
    let of_child = event("PreToolUse", &json!({"agent_id": "c"}));
    assert!(first.fold(of_child).is_err());
}

/// Returns whether each event is late, in the order of arrival, with the time of each in ms.
fn late(events: &[(&str, Value, i64)]) -> Vec<bool> {
    let mut memory = Memory::default();
    let events = events.iter();
    events
        .map(|(name, more, at)| {
            let hook = event(name, more);
            let late = memory.is_late(&hook, NOW + at);
            if !late {
                memory.note(&hook, NOW + at, None);
            }
            late
        })
        .collect()
}

#[test]
fn events_of_a_turn_that_has_ended_are_late_by_its_id() {
    let turn = |id: &str| json!({"prompt_id": id});
    let found = late(&[
        ("UserPromptSubmit", turn("1"), 0),
        ("Stop", turn("1"), 10),
        ("PreToolUse", turn("1"), 20),
        ("PostToolUse", turn("1"), 20),
        // It goes on: another program kept the agent from stopping.
        ("PostToolUse", turn("1"), LATE_MS + 20),
        ("PreToolUse", turn("1"), LATE_MS + 30),
        ("PostToolUse", turn("1"), LATE_MS + 40),
        ("Stop", turn("1"), LATE_MS + 50),
        ("UserPromptSubmit", turn("2"), LATE_MS + 60),
        // The end of the turn before, outrun by the next turn.
        ("Stop", turn("1"), LATE_MS + 70),
        ("PostToolUse", turn("2"), LATE_MS + 80),
    ]);
    let expected = [
        false, false, true, true, true, false, false, false, false, true, false,
    ];
    assert_eq!(found, expected);
}

#[test]
fn events_of_a_turn_that_has_ended_are_late_by_their_time() {
    let at = |second: u32| json!({"timestamp": format!("2026-11-29T16:20:{second:02}Z")});
    let found = late(&[
        ("UserPromptSubmit", at(1), 0),
        ("Stop", at(5), 10),
        ("PreToolUse", at(4), 20),
        ("PreToolUse", at(6), 30),
        ("Stop", at(7), 40),
        ("PostToolUse", at(6), 60_000),
        ("UserPromptSubmit", at(8), 60_001),
    ]);
    assert_eq!(found, [false, false, true, false, false, true, false]);
}

#[test]
fn without_ids_and_times_the_order_of_arrival_decides() {
    let none = || json!({});
    let found = late(&[
        ("PreToolUse", none(), 0),
        ("Stop", none(), 10),
        ("PostToolUse", none(), 20),
        ("PreToolUse", none(), 30),
        ("UserPromptSubmit", none(), 40),
        ("Stop", none(), 50),
        ("PostToolUse", none(), 60_000),
        ("PreToolUse", none(), 60_001),
    ]);
    assert_eq!(found, [false, false, true, true, false, false, true, false]);
}

#[test]
fn after_the_end_of_a_session_only_a_new_start_or_later_work_counts() {
    let none = || json!({});
    let found = late(&[
        ("UserPromptSubmit", none(), 0),
        ("SessionEnd", none(), 10),
        ("Stop", none(), 20),
        ("PostToolUse", none(), 30),
        ("SubagentStart", json!({"agent_id": "c"}), 40),
        ("SomethingNew", none(), 50),
        ("SessionStart", json!({"source": "resume"}), 60),
        ("PreToolUse", none(), 70),
    ]);
    assert_eq!(found, [false, false, true, true, true, true, false, false]);
}

#[test]
fn a_subagent_that_has_ended_stays_ended() {
    let child = || json!({"agent_id": "c"});
    let found = late(&[
        ("SubagentStart", child(), 0),
        ("SubagentStop", child(), 10),
        ("PostToolUse", child(), 20),
        ("SubagentStart", child(), 30),
        ("PreToolUse", child(), 40),
    ]);
    assert_eq!(found, [false, false, true, false, false]);
}

#[test]
fn a_reminder_that_a_session_is_idle_is_no_end_while_its_programs_run() {
    let reminds = || json!({"notification_type": "idle_prompt"});
    let busy = json!({"background_tasks": [{"status": "running"}]});
    let found = late(&[
        ("Stop", busy, 0),
        ("Notification", reminds(), 60_000),
        ("Stop", json!({"background_tasks": []}), 70_000),
        ("Notification", reminds(), 130_000),
    ]);
    assert_eq!(found, [false, true, false, false]);
}
