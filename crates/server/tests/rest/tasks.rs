//! Tasks over REST: the older API's requests, its repaired defects, and its additions.

use crate::support::{Answer, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

const TASKS: &str = "/api/projects/alpha/tasks";

#[tokio::test]
async fn the_older_dashboards_request_makes_a_task_with_all_fields_in_order() {
    let server = TestServer::with_project().await;
    let request = server
        .request(
            Method::POST,
            &format!("{TASKS}?title=First+task&description=d&prompt=p&priority=3"),
        )
        .header("content-type", "application/json");
    let made = Answer::of(request.send().await.unwrap()).await;
    let beginning = r#"{"id":"1-alpha","task_id":1,"title":"First task","description":"d","prompt":"p","status":"unclaimed","branch":"task-1","session":null,"dependencies":[],"priority":3,"owned_files":[],"shared_files":[],"creates_files":[],"merge_order":0,"exclusive_files":[],"initialization_deps":[],"created_at":"#;
    assert!(made.text.starts_with(beginning), "{}", made.text);
    let task = made.ok();
    assert_eq!(task["completed_at"], Value::Null);
    assert_eq!(
        server.get(TASKS).await.ok(),
        json!([task]),
        "the id is the same from the first answer on"
    );
}

#[tokio::test]
async fn a_body_may_be_a_list_of_dependencies_or_the_whole_task() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    server.make_task("alpha", "two").await;
    let third = server
        .post(&format!("{TASKS}?title=three"), json!(["1-alpha", 2]))
        .await
        .ok();
    assert_eq!(third["dependencies"], json!(["1-alpha", "2-alpha"]));
    assert_eq!(third["blocked_by"], json!(["1-alpha", "2-alpha"]));
    let fourth = server
        .post(TASKS, json!({"title": "four", "description": "a\nb", "owned_files": ["x.rs"], "dependencies": ["3"]}))
        .await
        .ok();
    assert_eq!(fourth["description"], "a\nb");
    assert_eq!(fourth["owned_files"], json!(["x.rs"]));
    assert_eq!(fourth["branch"], "task-4");
}

#[tokio::test]
async fn what_is_wrong_with_a_new_task_is_named_where_it_was_given() {
    let server = TestServer::with_project().await;
    let no_title = server.post(TASKS, json!(null)).await.refused(422);
    assert_eq!(
        no_title,
        json!([{"type": "missing", "loc": ["query", "title"], "msg": "Field required", "input": null}])
    );
    let priority = server
        .post(&format!("{TASKS}?title=x&priority=abc"), json!(null))
        .await
        .refused(422);
    assert_eq!(
        priority,
        json!([{"type": "int_parsing", "loc": ["query", "priority"],
            "msg": "Input should be a valid integer, unable to parse string as an integer", "input": "abc",
            "ctx": {"scale": "1 or 'urgent', 2 'high', 3 'medium', 4 'low', 0 'none'; larger numbers are later than 4"}}])
    );
    let not_a_list = server
        .post(&format!("{TASKS}?title=x"), json!("text"))
        .await
        .refused(422);
    assert_eq!(not_a_list[0]["loc"], json!(["body"]));
    assert_eq!(not_a_list[0]["type"], "list_type");
    let long = server
        .post(&format!("{TASKS}?title={}", "x".repeat(501)), json!(null))
        .await
        .refused(422);
    assert_eq!(long[0]["loc"], json!(["query", "title"]));
    let unknown = server
        .post(TASKS, json!({"title": "x", "dependencies": ["9"]}))
        .await
        .refused(422);
    assert_eq!(unknown[0]["loc"][1], "dependencies");
    assert_eq!(
        server
            .post(&format!("{TASKS}?title=x&priority=-2"), json!(null))
            .await
            .status,
        422
    );
    assert_eq!(server.get(TASKS).await.ok(), json!([]));
}

#[tokio::test]
async fn fields_of_the_wrong_type_are_refused_and_nothing_is_stored() {
    let server = TestServer::with_project().await;
    let before = server.make_task("alpha", "one").await;
    for (body, field) in [
        (json!({"status": "bogus"}), "status"),
        (json!({"status": null}), "status"),
        (json!({"title": null}), "title"),
        (json!({"title": ""}), "title"),
        (json!({"priority": "asap"}), "priority"),
        (json!({"priority": 10_000}), "priority"),
        (json!({"dependencies": "1"}), "dependencies"),
    ] {
        let refused = server
            .put(&format!("{TASKS}/1-alpha"), body.clone())
            .await
            .refused(422);
        assert_eq!(refused[0]["loc"][1], field, "{body}: {refused}");
    }
    let bad_status = server
        .put(&format!("{TASKS}/1-alpha"), json!({"status": "bogus"}))
        .await
        .refused(422);
    assert_eq!(
        bad_status[0]["msg"],
        "Input should be 'unclaimed', 'up_next', 'in_progress', 'completed' or 'merged'"
    );
    assert_eq!(server.get(&format!("{TASKS}/1")).await.ok(), before);
}

#[tokio::test]
async fn null_clears_absent_leaves_and_identifiers_stay() {
    let server = TestServer::with_project().await;
    server
        .post(
            TASKS,
            json!({"title": "one", "description": "d", "prompt": "p\n- status: merged"}),
        )
        .await
        .ok();
    for id in [json!({"id": "other"}), json!({"task_id": 77})] {
        let refused = server
            .put(&format!("{TASKS}/1-alpha"), id)
            .await
            .refused(422);
        assert_eq!(refused[0]["type"], "read_only");
    }
    let body = json!({"description": null, "session": null, "id": "1-alpha", "task_id": 1});
    let task = server.put(&format!("{TASKS}/1-alpha"), body).await.ok();
    assert_eq!(task["description"], Value::Null);
    assert_eq!(task["prompt"], "p\n- status: merged");
    assert_eq!(
        (&task["id"], &task["task_id"]),
        (&json!("1-alpha"), &json!(1))
    );
    assert_eq!(
        server
            .put(&format!("{TASKS}/1-alpha"), json!({}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn the_list_is_sorted_by_urgency_with_zero_last() {
    let server = TestServer::with_project().await;
    for priority in [0, 3, 1, 0, 2] {
        server
            .post(
                &format!("{TASKS}?title=p{priority}&priority={priority}"),
                json!(null),
            )
            .await
            .ok();
    }
    let numbers = |list: Value| -> Vec<u64> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|task| task["task_id"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(server.get(TASKS).await.ok()), [3, 5, 2, 1, 4]);
    assert_eq!(
        numbers(server.get(&format!("{TASKS}?view=card")).await.ok()),
        [3, 5, 2, 1, 4]
    );
}

#[tokio::test]
async fn cards_carry_no_long_texts() {
    let server = TestServer::with_project().await;
    server
        .post(
            TASKS,
            json!({"title": "one", "description": "long", "prompt": "long"}),
        )
        .await
        .ok();
    let cards = server.get(&format!("{TASKS}?view=card")).await;
    assert!(
        !cards.text.contains("long") && cards.text.contains("\"rev\":1"),
        "{}",
        cards.text
    );
    assert_eq!(
        server
            .get(&format!("{TASKS}?view=poster"))
            .await
            .refused(422)[0]["loc"],
        json!(["query", "view"])
    );
}

#[tokio::test]
async fn a_task_that_waits_cannot_be_in_progress_and_circles_are_refused() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    server
        .post(TASKS, json!({"title": "two", "dependencies": [1]}))
        .await
        .ok();
    let blocked = server
        .put(
            &format!("{TASKS}/2-alpha"),
            json!({"status": "in_progress"}),
        )
        .await;
    assert_eq!(blocked.status, 409);
    assert_eq!(blocked.json()["code"], "blocked");
    assert!(blocked.refused(409).as_str().unwrap().contains("#1"));
    let circle = server
        .put(
            &format!("{TASKS}/1-alpha"),
            json!({"dependencies": ["2-alpha"]}),
        )
        .await
        .refused(422);
    assert_eq!(circle[0]["loc"][1], "dependencies");
    assert!(
        circle[0]["msg"]
            .as_str()
            .unwrap()
            .contains("#1 -> #2 -> #1"),
        "{circle}"
    );
    server
        .put(&format!("{TASKS}/1"), json!({"status": "completed"}))
        .await
        .ok();
    let free = server
        .put(&format!("{TASKS}/2"), json!({"status": "in_progress"}))
        .await
        .ok();
    assert_eq!(free["blocked_by"], json!([]));
}

#[tokio::test]
async fn resetting_agents_tasks_leaves_merged_ones() {
    let server = TestServer::with_project().await;
    for status in ["in_progress", "completed", "merged"] {
        server
            .post(TASKS, json!({"title": status, "status": status}))
            .await
            .ok();
    }
    let reset = server
        .post("/api/projects/alpha/reset-agent-tasks", json!(null))
        .await;
    // As older scripts know it, and then the id for the undo.
    let known = r#"{"success":true,"reset_count":2,"killed_sessions":[],"message":"Reset 2 tasks and killed 0 sessions","undo":""#;
    assert!(reset.text.starts_with(known), "{}", reset.text);
    let undo = reset.json()["undo"].as_str().unwrap().to_owned();
    let url = format!("/api/projects/alpha/undo/{undo}");
    let undone = server.post(&url, json!(null)).await.ok();
    assert_eq!(undone["tasks"], json!(["1-alpha", "2-alpha"]));
}

#[tokio::test]
async fn a_merge_order_that_is_no_whole_number_is_refused_by_its_name_and_stored_nowhere() {
    let server = TestServer::with_project().await;
    let task = server.make_task("alpha", "one").await;
    let (tasks, plan) = ("/api/projects/alpha/tasks", "/api/projects/alpha/plan");
    let url = format!("{tasks}/1");
    let set = server.put(&url, json!({"merge_order": 7})).await.ok();
    assert_eq!(
        (&task["merge_order"], &set["merge_order"]),
        (&json!(0), &json!(7))
    );
    for wrong in [
        json!("first"),
        json!(""),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(true),
        json!([1]),
        json!({"order": 1}),
    ] {
        let body = json!({"title": "t", "merge_order": wrong});
        let plan_body = json!({"plan": "p", "tasks": [body]});
        for (answer, place) in [
            (
                server.put(&url, body.clone()).await,
                json!(["body", "merge_order"]),
            ),
            (
                server.post(tasks, body.clone()).await,
                json!(["body", "merge_order"]),
            ),
            (
                server.put(plan, plan_body).await,
                json!(["body", "tasks", 0, "merge_order"]),
            ),
        ] {
            assert_eq!(answer.refused(422)[0]["loc"], place, "{wrong}");
        }
    }
    assert_eq!(server.get(tasks).await.ok(), json!([set]));
}

#[tokio::test]
async fn labels_are_trimmed_kept_once_and_checked_at_every_door() {
    let server = TestServer::with_project().await;
    let made = server
        .post(
            TASKS,
            json!({"title": "one", "labels": [" backend ", "Käse", "BACKEND", "Ka\u{308}se", "修复"]}),
        )
        .await
        .ok();
    assert_eq!(made["labels"], json!(["backend", "Käse", "修复"]));
    let cards = server.get(&format!("{TASKS}?view=card")).await.ok();
    assert_eq!(cards[0]["labels"], made["labels"]);
    let task = format!("{TASKS}/1");
    for (labels, place, kind) in [
        (json!([" "]), json!(0), "string_too_short"),
        (json!(["a", "\u{200b}"]), json!(1), "invisible"),
        (json!(["a", "b", "c\u{7}"]), json!(2), "character"),
        (json!(["x".repeat(51)]), json!(0), "string_too_long"),
        (json!(["a", 1]), json!(1), "string_type"),
    ] {
        let refused = server
            .put(&task, json!({"labels": labels}))
            .await
            .refused(422);
        let fault = &refused[0];
        assert_eq!(fault["loc"], json!(["body", "labels", place]), "{refused}");
        assert_eq!(fault["type"], kind, "{refused}");
    }
    let many: Vec<_> = (0..21).map(|number| format!("label {number}")).collect();
    let refused = server
        .put(&task, json!({"labels": many}))
        .await
        .refused(422);
    assert_eq!(refused[0]["loc"], json!(["body", "labels"]));
    let twenty: Vec<_> = many[..20].iter().chain([&many[0]]).collect();
    let task_of = server.put(&task, json!({"labels": twenty})).await.ok();
    assert_eq!(task_of["labels"], json!(many[..20]));
    let cleared = server.put(&task, json!({"labels": null})).await.ok();
    assert_eq!(cleared["labels"], json!([]));
    let history = server.get(&format!("{task}/history")).await.ok();
    assert_eq!(history[0]["changed"], json!(["labels"]));
    let import = json!({"tasks": [{"source": "x/1", "title": "t", "labels": ["A", "a", "b"]}]});
    server.post("/api/projects/alpha/import", import).await.ok();
    let imported = server.get(&format!("{TASKS}/2")).await.ok();
    assert_eq!(imported["labels"], json!(["A", "b"]));
}
