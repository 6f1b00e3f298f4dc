//! Texts that would do something when they are shown, stored or logged.
//!
//! They are kept to the letter or refused by name, and break nothing.

use crate::support::{AGENTS, TestServer};
use crate::ws_client::Client;
use proptest::prelude::*;
use serde_json::{Value, json};

const TASKS: &str = "/api/projects/alpha/tasks";

/// One-line texts with characters that have a meaning for terminals, editors, SQL, JSON and HTML.
const HOSTILE: &[&str] = &[
    "a\0b",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "bell \u{7} backspace \u{8} tab \t delete \u{7f}",
    "\u{202e}txt.exe\u{202c} \u{2066}isolated\u{2069} \u{200f}",
    "zero\u{200b}width\u{feff}",
    "line\u{2028}paragraph\u{2029}next\u{85}line",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "'; DROP TABLE tasks; --",
    "\\u0000 \\n \" ' ` ${1}",
    "\u{fffd}\u{ffff}\u{10ffff}",
];

/// Returns true for texts with characters that a line must not have.
fn has_controls(text: &str) -> bool {
    text.contains(char::is_control)
}

/// Returns the text from every place where a client could meet it.
async fn everywhere(server: &TestServer, id: &str) -> Vec<Value> {
    let task = server.get(&format!("{TASKS}/{id}")).await.ok();
    let of = |list: Value| {
        let rows = list.as_array().unwrap().clone();
        rows.into_iter().find(|row| row["id"] == id).unwrap()
    };
    let events = server.get("/api/projects/alpha/events").await.ok();
    let events = events["events"].as_array().unwrap().clone();
    let event = events
        .into_iter()
        .rev()
        .find(|event| event["data"]["id"] == id);
    vec![
        task["title"].clone(),
        of(server.get(TASKS).await.ok())["title"].clone(),
        of(server.get(&format!("{TASKS}?view=card")).await.ok())["title"].clone(),
        event.unwrap()["data"]["title"].clone(),
    ]
}

#[tokio::test]
async fn a_title_is_kept_to_the_letter_whatever_is_in_it() {
    let server = TestServer::with_project().await;
    let mut socket = Client::live(&server, &["alpha"]).await;
    for text in HOSTILE {
        // A line has no control characters; texts of many lines are stored with them.
        let title = if has_controls(text) {
            let refused = server
                .post(TASKS, json!({"title": text}))
                .await
                .refused(422);
            assert_eq!(refused[0]["type"], "character", "{refused}");
            "in its texts"
        } else {
            *text
        };
        let body =
            json!({"title": title, "description": text, "prompt": text, "owned_files": [text]});
        let made = server.post(TASKS, body).await.ok();
        assert_eq!(made["title"], title);
        let whole = server
            .get(&format!("{TASKS}/{}", made["id"].as_str().unwrap()))
            .await
            .ok();
        for field in ["description", "prompt"] {
            assert_eq!(whole[field], *text, "{field}");
        }
        assert_eq!(whole["owned_files"], json!([text]));
        for shown in everywhere(&server, made["id"].as_str().unwrap()).await {
            assert_eq!(shown, title);
        }
        assert_eq!(socket.expect("task_created").await["title"], title);
    }
}

#[tokio::test]
async fn names_of_agents_and_projects_are_kept_to_the_letter() {
    let server = TestServer::with_project().await;
    // A slash is part of addresses, so an agent's name cannot have one.
    let names: Vec<_> = HOSTILE.iter().map(|text| text.replace('/', "|")).collect();
    let is_hidden = |letter: char| {
        letter.is_control()
            || "\u{200b}\u{200f}\u{202c}\u{202e}\u{2066}\u{2069}\u{feff}".contains(letter)
    };
    let (refused, names): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|text| text.contains(is_hidden));
    for text in &refused {
        let refused = server.post(AGENTS, json!({"id": text})).await.refused(422);
        assert_eq!(refused[0]["type"], "character", "{refused}");
    }
    for text in &names {
        let agent = json!({"id": text, "description": text});
        server.post(AGENTS, agent).await.ok();
        let path = format!("{AGENTS}/{}", encoded(text));
        let activity = json!({"last_activity": text});
        server
            .post(&format!("{path}/heartbeat"), activity)
            .await
            .ok();
        let lines = json!({"lines": [text]});
        server.post(&format!("{path}/logs"), lines).await.ok();
        let agent = server.get(&path).await.ok();
        for field in ["id", "description", "last_activity"] {
            assert_eq!(agent[field], **text, "{field}");
        }
        let log = server.get(&format!("{path}/logs")).await.ok();
        assert!(log.to_string().contains(&json!(text).to_string()), "{log}");
        let project = json!({"name": text});
        server.put("/api/projects/alpha", project).await.ok();
        let project = server.get("/api/projects/alpha").await.ok();
        assert_eq!(project["name"], **text);
    }
    let agents = server.get(AGENTS).await.ok();
    assert_eq!(agents.as_array().unwrap().len(), names.len());
}

/// Encodes a text as a part of an address.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn a_line_break_in_what_is_one_line_is_refused() {
    let server = TestServer::with_project().await;
    for text in ["one\ntwo", "one\r\ntwo", "one\rtwo"] {
        let refused = server
            .post(TASKS, json!({"title": text}))
            .await
            .refused(422);
        assert_eq!(refused[0]["type"], "line_break", "{refused}");
        assert_eq!(refused[0]["loc"], json!(["body", "title"]), "{refused}");
    }
    let text = "one\ntwo";
    for (path, body, field) in [
        (AGENTS, json!({"id": text}), "id"),
        ("/api/projects", json!({"id": text, "name": "x"}), "id"),
        ("/api/projects", json!({"id": "beta", "name": text}), "name"),
    ] {
        let refused = server.post(path, body).await.refused(422);
        assert_eq!(refused[0]["type"], "line_break", "{refused}");
        assert_eq!(refused[0]["loc"], json!(["body", field]), "{refused}");
    }
    assert_eq!(server.get(TASKS).await.ok(), json!([]));
}

#[tokio::test]
async fn a_word_of_100_kilobytes_is_kept_whole_or_refused_with_the_limit() {
    let server = TestServer::with_project().await;
    let word = "w".repeat(100_000);
    let made = server
        .post(TASKS, json!({"title": "one", "prompt": word}))
        .await
        .ok();
    let path = format!("{TASKS}/{}", made["id"].as_str().unwrap());
    assert_eq!(server.get(&path).await.ok()["prompt"], word);
    for (field, limit) in [
        ("title", "at most 500 characters"),
        ("branch", "at most 255 characters"),
        ("description", "at most 65536 bytes"),
    ] {
        let answer = server.put(&path, json!({field: word})).await;
        assert!(answer.text.len() < 1_000, "it is not sent back whole");
        let refused = answer.refused(422);
        assert_eq!(refused[0]["loc"], json!(["body", field]));
        let message = refused[0]["msg"].as_str().unwrap();
        assert!(message.contains(limit), "{field}: {message}");
    }
    assert_eq!(server.get(&path).await.ok()["title"], "one");
}

#[tokio::test]
async fn a_surrogate_without_its_other_half_is_refused_and_not_replaced() {
    let server = TestServer::with_project().await;
    for text in [r#"{"title": "\ud800"}"#, r#"{"title": "\udc00\ud800"}"#] {
        let request = server
            .request(reqwest::Method::POST, TASKS)
            .header("content-type", "application/json")
            .body(text);
        let answer = crate::support::Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        answer.json();
    }
    assert_eq!(server.get(TASKS).await.ok(), json!([]));
}

proptest! {
    // Each case starts a server.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_title_of_one_line_comes_back_as_it_was_sent(
        titles in proptest::collection::vec(any::<String>(), 1..8)
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let server = TestServer::with_project().await;
            for title in titles {
                let answer = server.post(TASKS, json!({"title": title})).await;
                // White space around it is dropped, line breaks included.
                let title = title.trim();
                let is_line = !title.is_empty() && !title.contains(['\n', '\r']);
                prop_assert_eq!(answer.status, if is_line { 200 } else { 422 }, "{}", answer.text);
                if is_line {
                    let made = answer.json();
                    for kept in everywhere(&server, made["id"].as_str().unwrap()).await {
                        prop_assert_eq!(&kept, &json!(title));
                    }
                }
            }
            Ok(())
        })?;
    }
}
