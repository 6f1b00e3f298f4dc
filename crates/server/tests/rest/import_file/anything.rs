//! Random files in all variants.
//!
//! The report accounts for each entry, the board has as many tasks, each word of the file is on the
//! board or in the report, and a second import changes nothing.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::{NORTH, import};
use crate::support::TestServer;

/// Number of files that are tried.
const FILES: usize = 150;

/// Placeholder for a word to be found again: each becomes a different one.
const WORD: &str = "WORD";

fn text() -> BoxedStrategy<Value> {
    const AROUND: [&str; 9] = [
        "",
        " ",
        "\n",
        "`",
        "```",
        "\u{200b}",
        "\t",
        "\u{1b}[31m",
        "字",
    ];
    (
        prop::sample::select(&AROUND[..]),
        prop::sample::select(&AROUND[..]),
    )
        .prop_map(|(before, after)| json!(format!("{before}{WORD}{after}")))
        .boxed()
}

fn anything() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        4 => text(),
        1 => Just(json!(null)),
        1 => any::<bool>().prop_map(|value| json!(value)),
        1 => any::<i64>().prop_map(|value| json!(value)),
        1 => Just(json!("")),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| json!(items)),
            prop::collection::btree_map("[a-c]{1,2}", inner, 0..3).prop_map(|fields| json!(fields)),
        ]
    })
    .boxed()
}

fn id() -> BoxedStrategy<Value> {
    prop_oneof![
        6 => (1..6_u32).prop_map(|id| json!(id)),
        2 => (1..4_u32, 1..4_u32).prop_map(|(task, part)| json!(format!("{task}.{part}"))),
        1 => (1..4_u32).prop_map(|id| json!(f64::from(id))),
        1 => anything(),
    ]
    .boxed()
}

fn status() -> BoxedStrategy<Value> {
    const KNOWN: [&str; 8] = [
        "done",
        "In_Progress",
        "CANCELED",
        "review",
        "blocked",
        "",
        "todo",
        "deferred",
    ];
    prop_oneof![
        4 => prop::sample::select(&KNOWN[..]).prop_map(|name| json!(name)),
        1 => anything(),
    ]
    .boxed()
}

fn entry(depth: u32) -> BoxedStrategy<Value> {
    let parts = match depth {
        0 => anything(),
        _ => prop_oneof![
            3 => prop::collection::vec(entry(depth - 1), 0..4).prop_map(|items| json!(items)),
            1 => prop::collection::btree_map("[0-9]", entry(depth - 1), 0..3).prop_map(|items| json!(items)),
            1 => anything(),
        ]
        .boxed(),
    };
    let needs = prop_oneof![
        3 => prop::collection::vec(id(), 0..4).prop_map(|ids| json!(ids)),
        1 => anything(),
    ];
    let fields = (
        prop::option::weighted(0.9, id()),
        prop::option::weighted(0.9, prop_oneof![4 => text(), 1 => anything()]),
        prop::option::of(anything()),
        prop::option::of(anything()),
        prop::option::of(status()),
        prop::option::of(anything()),
        prop::option::of(needs),
        prop::option::of(parts),
        prop::option::of(anything()),
    );
    let object = fields.prop_map(|fields| {
        let (id, title, description, details, status, priority, needs, parts, more) = fields;
        let named = [
            ("id", id),
            ("title", title),
            ("description", description),
            ("details", details),
            ("status", status),
            ("priority", priority),
            ("dependencies", needs),
            ("subtasks", parts),
            ("more", more),
        ];
        let given = named.into_iter();
        Value::Object(
            given
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect(),
        )
    });
    prop_oneof![8 => object, 1 => anything()].boxed()
}

fn file() -> BoxedStrategy<Value> {
    let list = || prop::collection::vec(entry(2), 0..6);
    let tags = prop::collection::btree_map("master|root|[a-z ]{1,3}", (list(), anything()), 0..3);
    (prop::option::of(list()), tags, anything())
        .prop_map(|(root, tags, more)| {
            let mut file = serde_json::Map::new();
            for (name, (tasks, metadata)) in tags {
                file.insert(name, json!({"tasks": tasks, "metadata": metadata}));
            }
            if let Some(root) = root {
                file.insert("tasks".to_owned(), json!(root));
            }
            file.insert("MORE".to_owned(), more);
            Value::Object(file)
        })
        .boxed()
}

/// Numbers the words of a file, and returns their count.
fn numbered(value: &mut Value, count: &mut usize) {
    match value {
        Value::String(text) if text.contains(WORD) => {
            *text = text.replace(WORD, &format!("w{count}w"));
            *count += 1;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| numbered(item, count)),
        Value::Object(fields) => fields.values_mut().for_each(|item| numbered(item, count)),
        _ => {}
    }
}

/// Counts the entries of a file's lists, as the file has them.
fn entries(file: &Value) -> u64 {
    let lists = file.as_object().unwrap().iter();
    let count = |list: &Value| list.as_array().map_or(0, Vec::len) as u64;
    lists
        .map(|(name, value)| match name.as_str() {
            "tasks" => count(value),
            _ => count(&value["tasks"]),
        })
        .sum()
}

fn length(value: &Value) -> u64 {
    value.as_array().unwrap().len() as u64
}

/// Imports a file twice, and checks the reports.
async fn check(file: &Value, words: usize, more: &str, bytes: Vec<u8>) {
    let server = TestServer::start().await;
    let mut dry = import(
        &server,
        NORTH,
        &format!("{more}&dry_run=true"),
        bytes.clone(),
    )
    .await;
    dry["dry_run"] = json!(false);
    let report = import(&server, NORTH, more, bytes.clone()).await;
    assert_eq!(dry, report, "{file}");
    let mut said = report.to_string();
    let mut in_report = 0;
    let portions = report["projects"].as_array().unwrap();
    for portion in portions {
        let number = |name: &str| portion[name].as_u64().unwrap();
        in_report += number("entries");
        let tasks = length(&portion["created"]);
        let accounted = tasks + number("subtasks_listed") + number("left_out");
        assert_eq!(number("entries") + number("subtasks"), accounted, "{file}");
        let project = portion["project"].as_str().unwrap();
        let board = server
            .get(&format!("/api/projects/{project}/tasks"))
            .await
            .ok();
        assert_eq!(length(&board), tasks, "{file}");
        said.push_str(&board.to_string());
    }
    assert_eq!(in_report, entries(file), "{file}");
    for word in 0..words {
        assert!(
            said.contains(&format!("w{word}w")),
            "word {word} is lost: {file}\n{said}"
        );
    }
    let again = import(&server, NORTH, more, bytes).await;
    assert_eq!(again["projects"].as_array().unwrap().len(), portions.len());
    for (portion, first) in again["projects"].as_array().unwrap().iter().zip(portions) {
        assert_eq!(portion["project"], first["project"], "{file}");
        assert_eq!(
            (length(&portion["created"]), length(&portion["updated"])),
            (0, 0),
            "{file}"
        );
        assert_eq!(portion["unchanged"], first["created"], "{file}");
    }
}

#[tokio::test]
async fn no_entry_and_no_word_of_any_file_is_lost() {
    let mut runner = TestRunner::default();
    let mut tried = 0;
    while tried < FILES {
        let mut file = file().new_tree(&mut runner).unwrap().current();
        if entries(&file) == 0 {
            continue;
        }
        let mut words = 0;
        numbered(&mut file, &mut words);
        let text = file.to_string();
        let bytes = match tried % 4 {
            0 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            1 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            2 => format!("\u{feff}{}", text.replace("}},\"", "}},\r\n\"")).into_bytes(),
            _ => text.clone().into_bytes(),
        };
        let more = if tried % 2 == 0 {
            "&subtasks=tasks"
        } else {
            ""
        };

        check(&file, words, more, bytes).await;
        tried += 1;
    }
}
