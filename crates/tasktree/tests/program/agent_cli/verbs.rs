//! Each verb, for people and for programs.

use serde_json::json;

use super::{Desk, envelope};
use crate::server::{out, said};

#[tokio::test]
async fn an_agent_claims_reports_and_completes_a_task() {
    let desk = Desk::open().await;
    desk.add("Parse the config").await;
    desk.add("Write the docs").await;
    let peeked = desk.json("ada", &["next", "--peek"]).await;
    assert_eq!(peeked["task"]["task_id"], 1);
    assert_eq!(desk.task(1).await["holder"], json!(null));

    let claimed = desk.json("ada", &["next"]).await;
    assert_eq!(claimed["task"]["title"], "Parse the config");
    assert_eq!(claimed["claimed"], true);
    assert_eq!(claimed["released"], json!([]));
    assert_eq!(claimed["answers"], json!([]));
    let agent = desk.server.get("/api/projects/alpha/agents/ada").await;
    assert_eq!(agent["run"]["source"], "cli");
    assert_eq!(agent["run"]["folder"], desk.work().to_str().unwrap());
    assert_ne!(agent["run"]["machine"], "");

    let text = desk.text("ada", &["next"]).await;
    assert!(
        text.starts_with("#1 Parse the config\nin progress"),
        "{text}"
    );
    assert!(
        text.contains("Prompt:\nPrompt of Parse the config"),
        "{text}"
    );
    let again = desk.json("ada", &["next"]).await;
    assert_eq!(again["claimed"], false);

    let updated = desk
        .json(
            "ada",
            &[
                "update",
                "--progress",
                "40",
                "--note",
                "half of it",
                "--priority",
                "2",
            ],
        )
        .await;
    assert_eq!(updated["task"]["priority"], 2);
    let shown = desk.json("ada", &["show", "1"]).await;
    assert_eq!(shown["comments"][0]["body"], "half of it");
    assert_eq!(shown["comments"][0]["author"], "agent:ada");
    let text = desk.text("ada", &["show", "1"]).await;
    assert!(
        text.contains("priority 2") && text.contains("ada, 20"),
        "{text}"
    );

    let beat = desk.json("ada", &["beat", "running the tests"]).await;
    assert_eq!(beat["agent"]["last_activity"], "running the tests");
    assert_eq!(beat["agent"]["progress"], 40);
    assert_eq!(beat["unread"], 0);
    let text = desk.text("ada", &["beat", "--progress", "50"]).await;
    assert_eq!(text, "0 unread messages");

    let input = desk.call(&["done", "-", "--tests", "12 passed", "--commit", "abc1234"]);
    let done = envelope(
        &input
            .agent("ada")
            .input("All of it\n\nand more\n")
            .json()
            .await,
    );
    let task = &done["data"]["task"];
    assert_eq!(task["status"], "completed");
    assert_eq!(task["evidence"]["summary"], "All of it\n\nand more");
    assert_eq!(task["evidence"]["tests"], "12 passed");
    assert_eq!(task["evidence"]["commit"], "abc1234");
    desk.json("ada", &["next"]).await;
    let text = desk.text("ada", &["done", "2", "Written"]).await;
    assert!(text.starts_with("Done: #2 Write the docs"), "{text}");
}

#[tokio::test]
async fn tasks_are_added_and_listed() {
    let desk = Desk::open().await;
    let prompt = desk.call(&["add", "First", "--prompt-file", "-", "--priority", "1"]);
    let added = envelope(&prompt.agent("ada").input("Do it\nwell\n").json().await);
    assert_eq!(added["data"]["task"]["prompt"], "Do it\nwell");
    let with_key = [
        "add", "Second", "--after", "1", "--label", "ui", "--key", "k1",
    ];
    for _ in 0..2 {
        let added = desk.json("ada", &with_key).await;
        assert_eq!(added["task"]["task_id"], 2);
        assert_eq!(added["task"]["dependencies"], json!(["1-alpha"]));
        assert_eq!(added["task"]["labels"], json!(["ui"]));
    }
    assert_eq!(desk.text("ada", &["add", "Third"]).await, "Added #3 Third");
    // People may use the verbs too: nothing names an agent here.
    let by_person = desk.call(&["add", "Fourth"]).run().await;
    assert_eq!(out(&by_person), "Added #4 Fourth");

    let numbers = |data: &serde_json::Value| -> Vec<u64> {
        let tasks = data.as_array().unwrap().iter();
        tasks
            .map(|task| task["task_id"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&desk.json("ada", &["list"]).await), [1, 2, 3, 4]);
    assert_eq!(
        numbers(&desk.json("ada", &["list", "--ready"]).await),
        [1, 3, 4]
    );
    assert_eq!(
        numbers(&desk.json("ada", &["list", "-q", "label:ui"]).await),
        [2]
    );
    let page = envelope(&desk.call(&["list", "--limit", "3"]).json().await);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = envelope(
        &desk
            .call(&["list", "--limit", "3", "--cursor", cursor])
            .json()
            .await,
    );
    assert_eq!(numbers(&rest["data"]), [4]);
    assert_eq!(rest.get("next_cursor"), None);

    desk.json("ada", &["next"]).await;
    assert_eq!(numbers(&desk.json("ada", &["list", "--mine"]).await), [1]);
    let working = ["list", "--status", "in_progress,completed"];
    assert_eq!(numbers(&desk.json("bob", &working).await), [1]);
    assert_eq!(desk.json("bob", &["list", "--mine"]).await, json!([]));
    let text = desk.text("bob", &["list", "--limit", "2"]).await;
    assert!(
        text.starts_with("#1  in progress  p1  ada  First\n#2  unclaimed"),
        "{text}"
    );
    assert_eq!(
        desk.text("bob", &["list", "-q", "nothing"]).await,
        "No tasks"
    );
}

#[tokio::test]
async fn an_agent_blocks_goes_on_and_gives_back() {
    let desk = Desk::open().await;
    desk.add("One").await;
    desk.add("Two").await;
    desk.json("ada", &["next"]).await;
    let blocked = desk
        .json("ada", &["block", "the schema is missing", "--on", "2"])
        .await;
    assert_eq!(blocked["task"], 1);
    let wait = &blocked["agent"]["waiting_for"];
    assert_eq!(wait["kind"], "dependency");
    assert_eq!(wait["text"], "the schema is missing (waits for #2)");
    let limit = [
        "block",
        "1",
        "limit",
        "--kind",
        "rate_limit",
        "--until",
        "2030-01-01T00:00:00Z",
    ];
    let blocked = desk.json("ada", &limit).await;
    assert_eq!(
        blocked["agent"]["waiting_for"]["until"],
        "2030-01-01T00:00:00.000Z"
    );
    let text = desk.text("ada", &["unblock"]).await;
    assert_eq!(text, "Working on #1");
    let agent = desk.server.get("/api/projects/alpha/agents/ada").await;
    assert_eq!(agent["status"], "running");
    assert_eq!(
        desk.text("ada", &["release", "another first"]).await,
        "Released #1"
    );
    assert_eq!(desk.task(1).await["holder"], json!(null));
    let attempts = "/api/projects/alpha/tasks/1/attempts";
    let attempts = desk.server.get(attempts).await;
    assert_eq!(attempts[0]["outcome"], "released");
    assert_eq!(attempts[0]["reason"], "another first");

    let switched = desk.json("ada", &["next", "--task", "1"]).await;
    assert_eq!(switched["released"], json!([]));
    let switched = desk.json("ada", &["next", "--task", "2"]).await;
    assert_eq!(switched["released"], json!([1]));
    let text = desk
        .text("ada", &["block", "cannot", "--kind", "failed"])
        .await;
    assert_eq!(text, "Gave up #2");
    let agent = desk.server.get("/api/projects/alpha/agents/ada").await;
    assert_eq!(agent["status"], "failed");
}

#[tokio::test]
async fn log_lines_come_from_arguments_and_from_standard_input() {
    let desk = Desk::open().await;
    desk.add("One").await;
    desk.json("ada", &["next"]).await;
    let stored = desk
        .json("ada", &["log", "one", "two", "--level", "warning"])
        .await;
    assert_eq!(stored["stored"], 2);
    let piped = desk.call(&["log", "-"]).agent("ada");
    let lines: String = (0..450).map(|number| format!("line {number}\n")).collect();
    let stored = envelope(&piped.input(&lines).json().await);
    assert_eq!(stored["data"]["stored"], 450);
    let logs = "/api/projects/alpha/agents/ada/logs?limit=1000";
    let logs = desk.server.get(logs).await;
    let logs = logs.as_array().unwrap();
    assert_eq!(logs.len(), 452);
    assert_eq!(logs[0]["level"], "warning");
    assert_eq!(logs[451]["line"], "line 449");
    assert_eq!(logs[451]["task_id"], "1-alpha");
}

#[tokio::test]
async fn leases_are_relative_to_the_project_and_messages_are_read_once() {
    let desk = Desk::open().await;
    let root = desk.work();
    std::fs::create_dir_all(root.join(".git")).unwrap();
    std::fs::write(root.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let inner = root.join("src/deep");
    std::fs::create_dir_all(&inner).unwrap();
    let reserve = [
        "reserve",
        "a.rs",
        "../b.rs",
        "--exclusive",
        "--for",
        "10m",
        "--why",
        "edit",
    ];
    let reserved = desk.call(&reserve).agent("ada").folder(&inner);
    let leases = envelope(&reserved.json().await)["data"].clone();
    let paths: Vec<_> = leases
        .as_array()
        .unwrap()
        .iter()
        .map(|lease| &lease["path"])
        .collect();
    assert_eq!(paths, ["src/deep/a.rs", "src/b.rs"]);
    let text = desk.text("bob", &["reserve", "src/b.rs"]).await;
    assert!(
        text.starts_with("src/b.rs  until 20") && text.ends_with("also held by ada"),
        "{text}"
    );
    let released = desk.json("ada", &["unreserve", "src/b.rs"]).await;
    assert_eq!(released, json!(["src/b.rs"]));
    assert_eq!(desk.text("ada", &["unreserve"]).await, "Released 1 leases");
    assert_eq!(desk.json("ada", &["unreserve"]).await, json!([]));

    let sent = desk
        .json("bob", &["send", "ada", "look at b.rs\u{1b}[2J"])
        .await;
    assert_eq!(sent["message"]["from"], "bob");
    assert_eq!(desk.json("ada", &["beat"]).await["unread"], 1);
    let kept = desk.json("ada", &["inbox", "--mark-read=false"]).await;
    assert_eq!(kept["messages"][0]["from"], "bob");
    let text = desk.text("ada", &["inbox"]).await;
    assert!(
        text.contains("From bob, 20") && text.ends_with("look at b.rs"),
        "{text:?}"
    );
    let empty = desk.json("ada", &["inbox"]).await;
    assert_eq!(empty, json!({"messages": [], "answers": []}));
    let by_person = desk.call(&["send", "ada", "hello"]).json().await;
    assert_eq!(envelope(&by_person)["data"]["message"]["from"], "you");
}

#[tokio::test]
async fn events_are_printed_from_a_position_until_nobody_works() {
    let desk = Desk::open().await;
    desk.add("One").await;
    desk.json("ada", &["next"]).await;
    let all = out(&desk
        .call(&["watch", "--since", "0", "--for", "0s"])
        .run()
        .await);
    let kinds: Vec<_> = all
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect();
    assert!(kinds.contains(&"task_created".to_owned()), "{kinds:?}");
    let none = desk.call(&["watch", "--for", "0s"]).run().await;
    assert_eq!(out(&none), "");
    let watch = desk.call(&["watch", "--until", "idle"]).run();
    let finish = desk.json("ada", &["done", "ready"]);
    let (watched, _) = tokio::join!(watch, finish);
    assert!(watched.status.success(), "{}", said(&watched));
}

#[tokio::test]
async fn an_agent_knows_who_it_is() {
    let desk = Desk::open().await;
    desk.add("One").await;
    let nobody = envelope(&desk.call(&["whoami"]).json().await)["data"].clone();
    assert_eq!(nobody["agent"], json!(null));
    assert_eq!(nobody["project"], "alpha");
    assert_eq!(nobody["role"], "admin");
    let session = "7c1c8b1e-53f0-4b5e-8a49-1de0f5a0c2b1";
    let call = |arguments: &'static [&'static str]| {
        desk.call(arguments)
            .variable("CLAUDE_CODE_SESSION_ID", session)
    };
    let claimed = envelope(&call(&["next"]).json().await);
    assert_eq!(claimed["data"]["task"]["holder"], "claude-7c1c8b1e");
    let who = envelope(&call(&["whoami"]).json().await)["data"].clone();
    assert_eq!(who["agent"], "claude-7c1c8b1e");
    assert_eq!(who["agent_from"], "session");
    assert_eq!((&who["task"], &who["generation"]), (&json!(1), &json!(1)));
    let agent = desk
        .server
        .get("/api/projects/alpha/agents/claude-7c1c8b1e")
        .await;
    assert_eq!(agent["run"]["source"], "claude-code");
    assert_eq!(agent["run"]["session"], session);
    let primed = out(&call(&["prime"]).run().await);
    assert!(
        primed.contains("You hold task #1: One") && primed.len() <= 1024,
        "{primed}"
    );
    let named = envelope(&call(&["whoami", "--agent", "ada"]).json().await);
    assert_eq!(named["data"]["agent"], "ada");
}
