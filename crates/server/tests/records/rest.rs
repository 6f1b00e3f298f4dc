//! Operations of the API, each with its records.
//!
//! The description of the API is the list: an operation that is not called here fails the test.

use serde_json::{Value, json};

use crate::doors::{Doors, empty};
use crate::git_support::git;

const P: &str = "/api/projects/alpha";

#[tokio::test]
async fn every_operation_that_changes_something_leaves_a_record() {
    let mut doors = Doors::open().await;
    tasks(&mut doors).await;
    agents(&mut doors).await;
    questions(&mut doors).await;
    texts(&mut doors).await;
    people(&mut doors).await;
    assignment(&mut doors).await;
    settings(&mut doors).await;
    hooks(&mut doors).await;
    files(&mut doors).await;
    command(&mut doors).await;
    projects(&mut doors).await;
    doors.expect_all().await;
}

/// Sends a command of a socket by HTTP.
async fn command(doors: &mut Doors) {
    let operation = "post /api/projects/{project}/commands";
    let args = json!({"project_id": "alpha", "task": {"title": "by a command"}});
    let body = json!({"id": "c1", "op": "create_task", "args": args});
    let path = format!("{P}/commands");
    doors
        .leaves(operation, &path, body, &["task task_created"])
        .await;
}

/// Imports files, the second of them into the project that remembers the first.
async fn files(doors: &mut Doors) {
    let place = "format=task-master&source=/src/alpha/.taskmaster/tasks/tasks.json";
    let file = |ids: &[u64]| {
        let tasks = ids
            .iter()
            .map(|id| json!({"id": id, "title": "from a file"}));
        json!({"master": {"tasks": tasks.collect::<Vec<_>>()}})
    };
    let into = "post /api/projects/{project}/imports";
    let path = format!("{P}/imports?{place}");
    let expected = ["task task_created"];
    doors.leaves(into, &path, file(&[1]), &expected).await;
    let everywhere = "post /api/imports";
    let path = format!("/api/imports?{place}");
    doors
        .leaves(everywhere, &path, file(&[1, 2]), &expected)
        .await;
}

async fn tasks(doors: &mut Doors) {
    let (all, one) = (
        "/api/projects/{project}/tasks",
        "/api/projects/{project}/tasks/{task}",
    );
    let task = |rest: &str| format!("{P}/tasks/1{rest}");
    let create = format!("post {all}");
    for title in ["one", "two"] {
        let body = json!({"title": title});
        doors
            .leaves(&create, &format!("{P}/tasks"), body, &["task task_created"])
            .await;
    }
    let update = format!("put {one}");
    let body = json!({"title": "once more"});
    doors
        .leaves(&update, &task(""), body.clone(), &["task task_updated"])
        .await;
    let same = "nothing differs";
    doors.leaves_none(&update, &task(""), body, same).await;
    let delete = format!("delete {one}");
    doors
        .leaves(&delete, &task(""), Value::Null, &["task task_deleted"])
        .await;
    let restore = format!("post {one}/restore");
    doors
        .leaves(&restore, &task("/restore"), empty(), &["task task_created"])
        .await;
    let done = json!({"status": "completed"});
    doors
        .leaves(&update, &task(""), done, &["task task_updated"])
        .await;
    let merge = format!("post {one}/merge");
    doors
        .leaves(
            &merge,
            &task("/merge?force=true"),
            empty(),
            &["task task_merged"],
        )
        .await;

    let up_next = json!({"status": "up_next"});
    doors
        .leaves(
            &update,
            &format!("{P}/tasks/2"),
            up_next,
            &["task task_updated"],
        )
        .await;
    let reset = "post /api/projects/{project}/reset-agent-tasks";
    let path = format!("{P}/reset-agent-tasks");
    doors
        .leaves(reset, &path, empty(), &["task tasks_reset"])
        .await;
    let undos = doors.server.get(&format!("{P}/undo")).await.ok();
    let undo = format!("{P}/undo/{}", undos[0]["id"].as_str().unwrap());
    let operation = "post /api/projects/{project}/undo/{undo}";
    doors
        .leaves(operation, &undo, empty(), &["task task_updated"])
        .await;

    let import = "post /api/projects/{project}/import";
    let body = json!({"tasks": [{"source": "a/1", "title": "three"}]});
    let path = format!("{P}/import");
    doors
        .leaves(import, &path, body.clone(), &["task task_created"])
        .await;
    doors
        .leaves_none(import, &path, body, "nothing differs")
        .await;
    let plan = json!({"plan": "# Plan", "tasks": [{"title": "four"}]});
    let expected = ["project project_updated", "task task_created"];
    let path = format!("{P}/plan");
    doors
        .leaves("put /api/projects/{project}/plan", &path, plan, &expected)
        .await;
}

async fn agents(doors: &mut Doors) {
    let agents = "/api/projects/{project}/agents";
    let (one, ada) = (format!("{agents}/{{agent}}"), format!("{P}/agents/ada"));
    let register = format!("post {agents}");
    let body = json!({"id": "ada"});
    let expected = ["agent agent_registered"];
    doors
        .leaves(&register, &format!("{P}/agents"), body, &expected)
        .await;
    let claimed = ["agent agent_updated", "task agent_spawned"];
    let (next, path) = (format!("post {one}/next"), format!("{ada}/next"));
    doors.leaves(&next, &path, empty(), &claimed).await;
    let update = format!("put {one}");
    let body = json!({"progress": 10});
    doors
        .leaves(&update, &ada, body, &["agent agent_progress"])
        .await;
    let (beat, path) = (format!("post {one}/heartbeat"), format!("{ada}/heartbeat"));
    doors
        .leaves_none(&beat, &path, empty(), "a sign of life")
        .await;
    let (begin, path) = (format!("post {one}/runs"), format!("{ada}/runs"));
    let body = json!({"source": "codex", "session": "s1"});
    let run = doors
        .leaves(&begin, &path, body, &["agent run_started"])
        .await;
    let (end, path) = (
        format!("put {one}/runs/{{run}}"),
        format!("{ada}/runs/{}", run["id"]),
    );
    let body = json!({"turn_open": true});
    doors
        .leaves(&end, &path, body, &["agent agent_progress"])
        .await;
    let owner = (format!("put {one}/owner"), format!("{ada}/owner"));
    let body = json!({"token": null});
    doors
        .leaves(&owner.0, &owner.1, body, &["agent agent_updated"])
        .await;

    let leases = "/api/projects/{project}/leases";
    let body = json!({"agent": "ada", "paths": ["src/a.rs"]});
    let path = format!("{P}/leases");
    let granted = doors
        .leaves(
            &format!("post {leases}"),
            &path,
            body,
            &["lease lease_granted"],
        )
        .await;
    let lease = format!("{path}/{}", granted["leases"][0]["id"]);
    let renew = (
        format!("post {leases}/{{lease}}/renew"),
        format!("{lease}/renew"),
    );
    doors
        .leaves_none(&renew.0, &renew.1, empty(), "a sign of life")
        .await;
    let release = format!("delete {leases}/{{lease}}");
    doors
        .leaves(&release, &lease, Value::Null, &["lease lease_released"])
        .await;

    let lines = json!({"lines": ["compiled"]});
    for (operation, path) in [
        (format!("post {one}/logs"), format!("{ada}/logs")),
        (
            "post /api/projects/{project}/logs".to_owned(),
            format!("{P}/logs"),
        ),
    ] {
        doors
            .leaves_none(
                &operation,
                &path,
                lines.clone(),
                "log lines are kept by themselves",
            )
            .await;
    }
    let (send, path) = (format!("post {one}/messages"), format!("{ada}/messages"));
    let body = json!({"from": "bob", "body": "Hello"});
    let message = doors
        .leaves(&send, &path, body, &["message message_sent"])
        .await;
    let read = (format!("post {one}/messages/read"), format!("{path}/read"));
    let body = json!({"up_to": message["id"]});
    doors
        .leaves(&read.0, &read.1, body, &["agent messages_read"])
        .await;
}

async fn questions(doors: &mut Doors) {
    let agent = "/api/projects/{project}/agents/{agent}";
    let ada = format!("{P}/agents/ada");
    let update = format!("put {agent}");
    let wait = json!({"waiting_for": {"kind": "question", "text": "Which?"}});
    let asked = ["question question_asked", "agent agent_updated"];
    doors.leaves(&update, &ada, wait, &asked).await;
    let open = doors
        .server
        .get(&format!("{P}/questions?open=true"))
        .await
        .ok();
    let path = format!("{P}/questions/{}/answers", open[0]["id"]);
    let give = "post /api/projects/{project}/questions/{question}/answers";
    let answered = ["question question_answered"];
    let given = doors
        .leaves(give, &path, json!({"text": "This"}), &answered)
        .await;
    let followed = ["question answer_updated"];
    let (beat, heard) = (
        format!("post {agent}/heartbeat"),
        format!("{ada}/heartbeat"),
    );
    doors.leaves(&beat, &heard, empty(), &followed).await;
    let read = format!("post {agent}/answers/read");
    let up_to = json!({"up_to": given["id"]});
    doors
        .leaves(&read, &format!("{ada}/answers/read"), up_to, &followed)
        .await;
    let attention = doors.server.get("/api/attention").await.ok();
    let item = &attention["items"][0];
    let of_item = format!("/api/attention/alpha/{}", item["id"]);
    let mark = ("put /api/attention/{project}/{item}", json!({"seen": true}));
    doors
        .leaves_none(mark.0, &of_item, mark.1, "marks are private")
        .await;
    let works = json!({"status": "running"});
    let closed = ["question question_closed", "agent agent_updated"];
    doors.leaves(&update, &ada, works, &closed).await;
    let late = doors
        .leaves(give, &path, json!({"text": "That"}), &answered)
        .await;
    let resend = "post /api/projects/{project}/questions/{question}/answers/{answer}/resend";
    let again = format!("{path}/{}/resend", late["id"]);
    let sent = ["message message_sent", "question answer_updated"];
    doors.leaves(resend, &again, empty(), &sent).await;
    let left = ["task task_status_changed", "agent agent_removed"];
    doors
        .leaves(&format!("delete {agent}"), &ada, Value::Null, &left)
        .await;
}

async fn texts(doors: &mut Doors) {
    let comments = "post /api/projects/{project}/tasks/{task}/comments";
    let body = json!({"body": "Words"});
    let path = format!("{P}/tasks/2/comments");
    let made = doors
        .leaves(comments, &path, body, &["comment comment_added"])
        .await;
    let (one, path) = (
        "/api/projects/{project}/comments/{comment}",
        format!("{P}/comments/{}", made["id"]),
    );
    let body = json!({"body": "Other words"});
    doors
        .leaves(
            &format!("put {one}"),
            &path,
            body,
            &["comment comment_edited"],
        )
        .await;
    doors
        .leaves(
            &format!("delete {one}"),
            &path,
            Value::Null,
            &["comment comment_deleted"],
        )
        .await;
    let notice = json!({"title": "Lunch"});
    for (operation, path) in [
        (
            "post /api/projects/{project}/notifications",
            format!("{P}/notifications"),
        ),
        ("post /api/notifications", "/api/notifications".to_owned()),
    ] {
        doors
            .leaves_none(operation, &path, notice.clone(), "it changes no state")
            .await;
    }
}

async fn people(doors: &mut Doors) {
    let body = json!({"name": "ann", "role": "admin"});
    let expected = ["person person_added", "token token_made"];
    let made = doors
        .leaves("post /api/tokens", "/api/tokens", body, &expected)
        .await;
    let session = ("post /api/session", "delete /api/session");
    let body = json!({"token": made["secret"]});
    doors
        .leaves_none(
            session.0,
            "/api/session",
            body,
            "sign-ins come and go with use",
        )
        .await;
    doors
        .leaves_none(session.1, "/api/session", Value::Null, "the same")
        .await;
    doors
        .leaves_none(
            "post /api/tickets",
            "/api/tickets",
            empty(),
            "it is in no row",
        )
        .await;
    let mark = json!({"key": "read", "value": 3});
    let path = "/api/people/me/marks?project=alpha";
    doors
        .leaves_none("put /api/people/me/marks", path, mark, "marks are private")
        .await;
    let token = format!("/api/tokens/{}", made["id"].as_str().unwrap());
    doors
        .leaves(
            "delete /api/tokens/{token}",
            &token,
            Value::Null,
            &["token token_revoked"],
        )
        .await;
}

async fn assignment(doors: &mut Doors) {
    let update = "put /api/projects/{project}/tasks/{task}";
    let body = json!({"assignee": "local"});
    let path = format!("{P}/tasks/2");
    doors
        .leaves(update, &path, body, &["task task_updated"])
        .await;
    let people = doors.server.get("/api/people").await.ok();
    let mut people = people.as_array().unwrap().iter();
    let ann = people.find(|person| person["name"] == "ann").unwrap();
    let path = format!("/api/people/{}", ann["id"].as_str().unwrap());
    let (operation, expected) = ("put /api/people/{person}", ["person person_updated"]);
    for body in [json!({"name": "annie"}), json!({"disabled": true})] {
        doors
            .leaves(operation, &path, body.clone(), &expected)
            .await;
        doors
            .leaves_none(operation, &path, body, "nothing differs")
            .await;
    }
}

async fn settings(doors: &mut Doors) {
    let config = "put /api/orchestrator/config";
    let body = json!({"max_concurrent_agents": 7});
    let expected = ["setting setting_changed"];
    doors
        .leaves(config, "/api/orchestrator/config", body, &expected)
        .await;
    doors
        .leaves_none(
            "post /api/demo",
            "/api/demo",
            json!({"start": false}),
            "no simulation runs",
        )
        .await;
    let never = "it is always refused, or does nothing";
    let path = "/api/orchestrator/start?project_id=alpha";
    doors
        .leaves_none("post /api/orchestrator/start", path, empty(), never)
        .await;
    doors
        .leaves_none(
            "post /api/orchestrator/stop",
            "/api/orchestrator/stop",
            empty(),
            never,
        )
        .await;
    for name in ["generate-plan", "generate-task-breakdown"] {
        let operation = format!("post /api/projects/{{project}}/{name}");
        doors
            .leaves_none(&operation, &format!("{P}/{name}"), empty(), never)
            .await;
    }
}

/// Sends events of harnesses.
async fn hooks(doors: &mut Doors) {
    let event = |name: &str| json!({"session_id": "s9", "hook_event_name": name});
    let later = "it is applied after the answer";
    let path = "/api/hooks/claude-code?project=alpha";
    doors
        .leaves_none("post /api/hooks/{source}", path, json!({}), later)
        .await;
    let started = [
        "agent run_started",
        "agent agent_registered",
        "agent agent_updated",
    ];
    let operation = "post /api/hooks/{source}/context";
    let path = "/api/hooks/claude-code/context?project=alpha";
    doors
        .leaves(operation, path, event("SessionStart"), &started)
        .await;
    let waits = [
        "agent agent_progress",
        "question question_asked",
        "agent agent_updated",
    ];
    let operation = "post /api/hooks/{source}/decision";
    let path = "/api/hooks/claude-code/decision?project=alpha";
    doors
        .leaves(operation, path, event("PermissionRequest"), &waits)
        .await;
}

async fn projects(doors: &mut Doors) {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["--version"]);
    let update = "put /api/projects/{project}";
    let body = json!({"path": folder.path(), "main_branch": "trunk"});
    doors
        .leaves(update, P, body, &["project project_updated"])
        .await;
    let init = "post /api/projects/{project}/init-git";
    doors
        .leaves(
            init,
            &format!("{P}/init-git"),
            empty(),
            &["project project_updated"],
        )
        .await;
    let reset = "post /api/projects/{project}/reset";
    doors
        .leaves(
            reset,
            &format!("{P}/reset"),
            empty(),
            &["project project_reset"],
        )
        .await;
    let restore = "post /api/projects/{project}/restore";
    let path = format!("{P}/restore");
    let restored = "project project_restored";
    // The state after the reset goes to the trash in turn.
    let back = [restored, "project project_replaced", restored];
    doors.leaves(restore, &path, empty(), &back).await;
    let delete = "delete /api/projects/{project}";
    // The project's own record goes to the trash with it.
    doors
        .leaves(delete, P, Value::Null, &["project project_deleted"])
        .await;
    let back = [
        "project project_deleted",
        "project project_restored",
        "project project_restored",
    ];
    doors.leaves(restore, &path, empty(), &back).await;
    let create = "post /api/projects";
    let body = json!({"id": "beta", "name": "Beta"});
    doors
        .leaves_none(
            create,
            create.trim_start_matches("post "),
            body,
            "the record is beta's own",
        )
        .await;
    let own = doors.server.get("/api/projects/beta/changes").await.ok();
    assert_eq!(own[0]["type"], "project_created");
}
