use proptest::prelude::*;
use serde_json::json;
use tasktree_protocol::agent::Source;

use super::super::wanted::{running, waiting};
use super::*;
use crate::harness::{Contents, Harness};

fn wanted(harness: Harness) -> Map<String, Value> {
    match harness.contents() {
        Contents::Hooks(json) => serde_json::from_str(json).unwrap(),
        Contents::File(_) => Map::new(),
    }
}

const WITH_HOOKS: [Harness; 5] = [
    Harness(Source::ClaudeCode),
    Harness(Source::Codex),
    Harness(Source::Gemini),
    Harness(Source::Cursor),
    Harness(Source::Copilot),
];

#[test]
fn hooks_are_added_to_what_is_there_and_a_second_time_changes_nothing() {
    let before = "{\n    \"model\": \"opus\",\n    \"permissions\": {\"allow\": [\"Bash(*)\"]},\n    \
                  \"hooks\": {\n        \"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \
                  \"say done\"}]}]\n    }\n}\n";
    let wanted = wanted(Harness(Source::ClaudeCode));
    let after = add(before, &wanted).unwrap();
    assert_eq!(add(&after, &wanted).unwrap(), after);
    assert!(
        after.starts_with(before.trim_end_matches("]\n    }\n}\n")),
        "{after}"
    );
    let value: Value = serde_json::from_str(&after).unwrap();
    assert_eq!(value["permissions"]["allow"][0], "Bash(*)");
    assert_eq!(value["hooks"]["Stop"][0]["hooks"][0]["command"], "say done");
    let own = &value["hooks"]["Stop"][1]["hooks"][0];
    assert_eq!(own["command"], "tasktree hook claude-code");
    assert_eq!(remove(&after).unwrap(), before);
}

#[test]
fn hooks_with_other_options_are_replaced() {
    let quiet = wanted(Harness(Source::ClaudeCode));
    let with_answers = waiting(quiet.clone(), 620);
    let first = add("{}", &quiet).unwrap();
    let second = add(&first, &with_answers).unwrap();
    let value: Value = serde_json::from_str(&second).unwrap();
    let request = &value["hooks"]["PermissionRequest"];
    assert_eq!(
        *request,
        json!([{"hooks": [{"type": "command", "timeout": 620,
            "command": "tasktree hook claude-code --answers"}]}])
    );
    assert_eq!(add(&second, &quiet).unwrap(), first);
}

#[test]
fn hooks_that_run_another_program_are_replaced_and_removed() {
    let path = Program::of_word("/home/ada l/bin/tasktree").unwrap();
    for harness in WITH_HOOKS {
        let by_name = wanted(harness);
        let by_path = running(by_name.clone(), &path);
        assert_eq!(running(by_name.clone(), &Program::by_name()), by_name);
        let first = add("{}", &by_path).unwrap();
        assert_eq!(program(&first), Some(path.clone()), "{first}");
        assert!(!first.contains("\"tasktree hook"), "{first}");
        let second = add(&first, &by_name).unwrap();
        assert_eq!(second, add("{}", &by_name).unwrap(), "{harness:?}");
        assert_eq!(program(&second), Some(Program::by_name()));
        assert!(!has_own(&remove(&first).unwrap()), "{harness:?}");
    }
}

#[test]
fn a_handler_among_others_in_a_group_is_removed_alone() {
    let before = json!({"hooks": {"Stop": [{"hooks": [
        {"command": "a"}, {"command": " tasktree hook codex"}, {"command": "b"}]}]}});
    let after = remove(&before.to_string()).unwrap();
    let expected = json!({"hooks": {"Stop": [{"hooks": [{"command": "a"}, {"command": "b"}]}]}});
    assert_eq!(after, expected.to_string());
    assert!(has_own(&before.to_string()) && !has_own(&after));
}

#[test]
fn a_file_that_cannot_be_edited_is_refused_with_the_reason() {
    let wanted = wanted(Harness(Source::Gemini));
    for (text, reason) in [
        ("{\n  // mine\n  \"a\": 1\n}", "comments"),
        ("{\"a\": 1,}", "plain JSON"),
        ("[]", "object"),
        ("{\"hooks\": []}", "object"),
        ("{\"hooks\": {\"AfterTool\": {}}}", "list"),
    ] {
        let refused = add(text, &wanted).unwrap_err();
        assert!(refused.contains(reason), "{text}: {refused}");
    }
}

#[test]
fn the_hooks_of_codex_have_one_command_line_for_ever() {
    let wanted = Value::from(wanted(Harness(Source::Codex)));
    for (event, groups) in wanted["hooks"].as_object().unwrap() {
        for handler in groups[0]["hooks"].as_array().unwrap() {
            assert_eq!(handler["command"], "tasktree hook codex", "{event}");
        }
    }
}

/// Returns any JSON value.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~修\\n\"\\\\]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            members(inner).prop_map(Value::from),
        ]
    })
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let member = ("[a-z\"修]{1,4}", value);
    prop::collection::vec(member, 0..4).prop_map(Map::from_iter)
}

/// Returns a configuration as a person may have it: other settings, and perhaps hooks.
fn configuration() -> impl Strategy<Value = Value> {
    let events = prop::sample::subsequence(
        vec!["SessionStart", "Stop", "sessionStart", "AfterTool", "Other"],
        0..4,
    );
    let group = prop_oneof![
        Just(json!({"hooks": [{"type": "command", "command": "mine"}]})),
        Just(json!({"matcher": "Bash", "hooks": []})),
        Just(json!({"command": "./mine.sh"})),
    ];
    let hooks = (events, prop::collection::vec(group, 0..3)).prop_map(|(events, groups)| {
        let events = events
            .into_iter()
            .map(|event| (event.to_owned(), json!(groups)));
        Value::from(Map::from_iter(events))
    });
    (members(value()), prop::option::of(hooks), any::<bool>()).prop_map(
        |(mut others, hooks, first)| {
            if let Some(hooks) = hooks {
                let mut all = Map::new();
                if first {
                    all.insert("hooks".to_owned(), hooks.clone());
                }
                all.append(&mut others);
                all.insert("hooks".to_owned(), hooks);
                others = all;
            }
            Value::from(others)
        },
    )
}

/// Returns the configuration in the styles in which people and programs write it.
fn written(value: &Value, style: u8) -> String {
    match style {
        0 => value.to_string(),
        1 => serde_json::to_string_pretty(value).unwrap() + "\n",
        2 => serde_json::to_string_pretty(value)
            .unwrap()
            .replace("  ", "\t"),
        _ => serde_json::to_string_pretty(value)
            .unwrap()
            .replace('\n', "\r\n"),
    }
}

proptest! {
    #[test]
    fn what_is_connected_is_kept_and_removed_again(
        before in configuration(), style in 0_u8..4, harness in prop::sample::select(&WITH_HOOKS[..]),
    ) {
        let text = written(&before, style);
        let wanted = wanted(harness);
        let after = add(&text, &wanted).unwrap();
        prop_assert_eq!(&add(&after, &wanted).unwrap(), &after);
        let value: Value = serde_json::from_str(&after).unwrap();
        for (name, own) in before.as_object().unwrap() {
            if name != "hooks" {
                prop_assert_eq!(&value[name], own);
            }
        }
        for (event, groups) in before["hooks"].as_object().into_iter().flatten() {
            for (number, group) in groups.as_array().unwrap().iter().enumerate() {
                prop_assert_eq!(&value["hooks"][event][number], group);
            }
        }
        for (event, groups) in wanted["hooks"].as_object().unwrap() {
            for group in groups.as_array().unwrap() {
                let found = value["hooks"][event].as_array().unwrap();
                prop_assert!(found.contains(group), "{} lacks {}", event, group);
            }
        }
        let left: Value = serde_json::from_str(&remove(&after).unwrap()).unwrap();
        let left_of_hooks = left["hooks"].as_object().cloned().unwrap_or_default();
        for (event, groups) in before["hooks"].as_object().into_iter().flatten() {
            if !groups.as_array().unwrap().is_empty() {
                prop_assert_eq!(&left_of_hooks[event], groups);
            }
        }
    }
}
