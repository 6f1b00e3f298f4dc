//! Agents: claims, heartbeats, silence, messages.

use std::sync::Arc;

use serde_json::Value;
use tasktree_protocol::agent::SILENT_AFTER_MS;
use tasktree_protocol::{Agent, AgentStatus, Event, Maybe, Status, Task};
use tasktree_server::domain::{AgentPatch, LeaseRequest, NewMessage};
use tasktree_server::error::Error;
use tasktree_server::limits::Limits;
use tasktree_server::store::SqliteStore;

use crate::core_support::{Core, Told, edit, event, human};

async fn says(core: &Core, id: &str, status: AgentStatus) -> Agent {
    let patch = AgentPatch {
        status: Maybe::Value(status),
        ..AgentPatch::default()
    };
    core.service
        .update_agent(human(), &core.project, &id.into(), patch)
        .await
        .unwrap()
        .value
}

async fn heartbeat(core: &Core, id: &str) -> Result<Agent, Error> {
    let heard = core
        .service
        .heartbeat(human(), &core.project, &id.into(), None)
        .await;
    heard.map(|receipt| receipt.value)
}

async fn task(core: &Core, id: &str) -> Task {
    core.service
        .task(&core.project, &id.into())
        .await
        .unwrap()
        .value
}

/// Returns true if only a message outside of the log was sent, as for a sign of life.
fn is_sign_of_life(told: &[Told]) -> bool {
    let [Told::Ephemeral(_, message)] = told else {
        return false;
    };
    let message: Value = serde_json::from_slice(&message.frame).unwrap();
    message["type"] == "agent_status_update" && message["data"]["is_alive"] == true
}

#[tokio::test]
async fn an_agent_that_registers_on_a_task_claims_it() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.told.take();
    let agent = core.register("a", Some("1")).await.unwrap();
    assert_eq!(
        (agent.task_id.as_str(), agent.task_title.as_str()),
        ("1-alpha", "First")
    );
    assert!(agent.is_alive);
    let claimed = task(&core, "1").await;
    assert_eq!(
        (claimed.status, claimed.session.as_deref()),
        (Status::InProgress, Some("a"))
    );
    let told = core.told.events();
    let kinds: Vec<_> = told.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["agent_spawned", "coordination_update"]);
    let Event::AgentSpawned(change) = event(&told[0]) else {
        panic!("{told:?}")
    };
    assert_eq!(change.task.as_ref(), Some(&(&claimed).into()));
    assert_eq!(
        (change.session.as_deref(), change.branch.as_deref()),
        (Some("a"), Some("task-1"))
    );
    // The same again is a sign of life and no event.
    core.register("a", Some("1-alpha")).await.unwrap();
    assert!(is_sign_of_life(&core.told.take()));
    let stats = core.service.stats(&core.project).await.unwrap().value;
    assert_eq!((stats.active_agents, stats.total_agents_run), (1, 1));
}

#[tokio::test]
async fn a_task_is_one_agents_until_that_falls_silent() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("a", Some("1")).await.unwrap();
    core.told.take();
    let refused = core.register("b", Some("1")).await.unwrap_err();
    assert!(matches!(refused, Error::Taken(text) if text == "Agent 'a' is working on task #1"));
    assert!(core.told.take().is_empty());
    assert!(
        core.service
            .agent(&core.project, &"b".into())
            .await
            .is_err(),
        "nothing of it remains"
    );
    core.clock.advance(SILENT_AFTER_MS);
    core.service.sweep().await.unwrap();
    core.told.take();
    core.register("b", Some("1")).await.unwrap();
    assert_eq!(task(&core, "1").await.session.as_deref(), Some("b"));
    let first = core
        .service
        .agent(&core.project, &"a".into())
        .await
        .unwrap()
        .value;
    assert_eq!(first.task(), None);
}

#[tokio::test]
async fn a_blocked_or_finished_task_cannot_be_claimed() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task_after("Second", &["1"]).await;
    let blocked = core.register("a", Some("2")).await.unwrap_err();
    assert!(matches!(blocked, Error::Blocked(_)));
    core.register("a", Some("1")).await.unwrap();
    says(&core, "a", AgentStatus::Done).await;
    let finished = core.register("b", Some("1")).await.unwrap_err();
    assert_eq!(finished.to_string(), "Task #1 is already completed");
    // Its own agent may repeat its registration.
    core.register("a", Some("1")).await.unwrap();
    assert_eq!(task(&core, "1").await.status, Status::Completed);
    core.register("b", Some("2")).await.unwrap();
}

#[tokio::test]
async fn an_agent_that_completes_completes_its_task_and_one_that_fails_gives_it_back() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    core.register("a", Some("1")).await.unwrap();
    core.register("b", Some("2")).await.unwrap();
    core.told.take();
    let agent = says(&core, "a", AgentStatus::Done).await;
    assert_eq!(agent.progress, 100);
    assert_eq!(
        core.told.kinds(),
        [
            "task_completed",
            "agent_status_update",
            "coordination_update"
        ]
    );
    let done = task(&core, "1").await;
    assert_eq!(
        (done.status, done.session.as_deref()),
        (Status::Completed, Some("a"))
    );
    assert!(done.completed_at.is_some());
    says(&core, "b", AgentStatus::Failed).await;
    assert_eq!(
        core.told.kinds(),
        [
            "task_status_changed",
            "agent_status_update",
            "coordination_update"
        ]
    );
    let back = task(&core, "2").await;
    assert_eq!((back.status, back.session), (Status::Unclaimed, None));
}

#[tokio::test]
async fn an_agent_is_active_while_it_works_or_waits_and_is_heard_from() {
    let core = Core::in_memory().await;
    let counts = async || {
        let stats = core.service.stats(&core.project).await.unwrap().value;
        let coordination = core.service.coordination(&core.project).await.unwrap();
        (stats.active_agents, coordination.value.active_agents)
    };
    core.register("a", None).await.unwrap();
    for (status, count) in [
        (AgentStatus::Working, 1),
        (AgentStatus::Waiting, 1),
        (AgentStatus::Idle, 0),
        (AgentStatus::Failed, 0),
        (AgentStatus::Done, 0),
        (AgentStatus::Working, 1),
    ] {
        says(&core, "a", status).await;
        assert_eq!(counts().await, (count, count), "{status:?}");
    }
    core.clock.advance(SILENT_AFTER_MS);
    core.service.sweep().await.unwrap();
    assert_eq!(counts().await, (0, 0));
}

#[tokio::test]
async fn an_agent_that_is_through_makes_room_for_a_new_one() {
    let limits = Limits {
        agents_per_project: 3,
        ..Limits::default()
    };
    let core = Core::with(Arc::new(SqliteStore::in_memory().unwrap()), limits).await;
    let names = async || {
        let agents = core.service.list_agents(&core.project).await.unwrap();
        let names = agents.value.into_iter().map(|agent| agent.id.to_string());
        names.collect::<Vec<_>>()
    };
    for id in ["silent", "first", "second"] {
        core.register(id, None).await.unwrap();
    }
    core.clock.advance(SILENT_AFTER_MS);
    for id in ["first", "second"] {
        heartbeat(&core, id).await.unwrap();
        says(&core, id, AgentStatus::Done).await;
        core.clock.advance(1);
    }
    core.service.sweep().await.unwrap();
    for (new, left) in [
        ("x", ["second", "silent", "x"]),
        ("y", ["silent", "x", "y"]),
        ("z", ["x", "y", "z"]),
    ] {
        core.register(new, None).await.unwrap();
        assert_eq!(names().await, left);
    }
    let refused = core.register("w", None).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "The project has reached the maximum number of agents (3), and all of them are working."
    );
}

#[tokio::test]
async fn an_agent_that_was_heard_in_the_future_is_silent_all_the_same() {
    let core = Core::in_memory().await;
    core.register("a", None).await.unwrap();
    core.clock.advance(-3_600_000);
    core.service.sweep().await.unwrap();
    let is_alive = async || {
        let agents = core.service.list_agents(&core.project).await.unwrap();
        agents.value[0].is_alive
    };
    assert!(!is_alive().await);
    heartbeat(&core, "a").await.unwrap();
    core.service.sweep().await.unwrap();
    assert!(is_alive().await);
}

#[tokio::test]
async fn nobody_was_silent_while_the_server_did_not_listen() {
    let core = Core::in_memory().await;
    core.register("a", None).await.unwrap();
    let lease = |path: &str, ttl_seconds| LeaseRequest {
        agent: "a".into(),
        paths: vec![path.to_owned()],
        exclusive: true,
        ttl_seconds,
        reason: None,
        soft: false,
        run: None,
    };
    for request in [lease("first", 60), lease("second", 601)] {
        core.service
            .grant_leases(human(), &core.project, request)
            .await
            .unwrap();
    }
    core.told.take();
    // The server was away for ten minutes. Two leases that expire show that a first sweep and a
    // second were made.
    core.clock.advance(600_000);
    let sweeper = tokio::spawn(core.service.clone().run_sweeper());
    let kinds = async || {
        loop {
            let kinds = core.told.kinds();
            if !kinds.is_empty() {
                return kinds;
            }
            tokio::task::yield_now().await;
        }
    };
    assert_eq!(kinds().await, ["file_locks_update"]);
    core.clock.advance(1_000);
    assert_eq!(kinds().await, ["file_locks_update"]);
    let agents = core.service.list_agents(&core.project).await.unwrap();
    assert!(agents.value[0].is_alive);
    sweeper.abort();
}

#[tokio::test]
async fn what_an_agent_says_does_not_drive_out_what_became_of_its_task() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("a", Some("1")).await.unwrap();
    for step in 0..20 {
        let said = Some(format!("step {step}"));
        core.service
            .heartbeat(human(), &core.project, &"a".into(), said)
            .await
            .unwrap();
    }
    let history = core
        .service
        .history(&core.project, &"1".into(), 10)
        .await
        .unwrap();
    let kinds: Vec<_> = history.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, ["agent_spawned", "task_created"]);
}

#[tokio::test]
async fn an_agent_does_not_finish_a_task_that_was_taken_from_it() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("a", Some("1")).await.unwrap();
    let patch = tasktree_protocol::TaskPatch {
        status: Maybe::Value(Status::UpNext),
        ..Default::default()
    };
    let change = async |from: Option<&str>| {
        let (project, patch) = (&core.project, patch.clone());
        let from = from.map(Into::into);
        core.service
            .edit_task(human(), project, &"1".into(), edit(patch, None, from))
            .await
    };
    let refused = change(None).await.unwrap_err();
    assert!(matches!(refused, Error::Claimed { holder, .. } if holder.as_str() == "a"));
    change(Some("a")).await.unwrap();
    let late = AgentPatch {
        status: Maybe::Value(AgentStatus::Done),
        ..AgentPatch::default()
    };
    let refused = core
        .service
        .update_agent(human(), &core.project, &"a".into(), late)
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Taken(_)), "{refused}");
    assert_eq!(task(&core, "1").await.status, Status::UpNext);
}

#[tokio::test]
async fn an_agent_that_takes_another_task_gives_the_first_back() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    core.register("a", Some("1")).await.unwrap();
    core.told.take();
    let patch = AgentPatch {
        task_id: Maybe::Value("2".into()),
        ..AgentPatch::default()
    };
    let agent = core
        .service
        .update_agent(human(), &core.project, &"a".into(), patch)
        .await;
    assert_eq!(agent.unwrap().value.task_title, "Second");
    assert_eq!(task(&core, "1").await.status, Status::Unclaimed);
    assert_eq!(task(&core, "2").await.session.as_deref(), Some("a"));
    assert_eq!(
        core.told.kinds(),
        [
            "task_status_changed",
            "agent_spawned",
            "agent_status_update"
        ]
    );
    core.service
        .remove_agent(human(), &core.project, &"a".into())
        .await
        .unwrap();
    assert_eq!(task(&core, "2").await.status, Status::Unclaimed);
    assert!(matches!(
        heartbeat(&core, "a").await,
        Err(Error::NotFound(_))
    ));
}

#[tokio::test]
async fn a_silent_agent_is_told_once_and_its_leases_end_and_it_is_told_when_it_is_heard_again() {
    let core = Core::in_memory().await;
    core.register("a", None).await.unwrap();
    core.register("b", None).await.unwrap();
    let request = LeaseRequest {
        agent: "a".into(),
        paths: vec!["src/**".to_owned()],
        exclusive: true,
        ttl_seconds: 3600,
        reason: None,
        soft: false,
        run: None,
    };
    core.service
        .grant_leases(human(), &core.project, request)
        .await
        .unwrap();
    core.told.take();
    core.clock.advance(SILENT_AFTER_MS - 1);
    heartbeat(&core, "b").await.unwrap();
    core.service.sweep().await.unwrap();
    assert!(
        is_sign_of_life(&core.told.take()),
        "a heartbeat is no event, and nobody is silent yet"
    );
    core.clock.advance(1);
    core.service.sweep().await.unwrap();
    core.service.sweep().await.unwrap();
    let told = core.told.events();
    let kinds: Vec<_> = told.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "agent_status_update",
            "file_locks_update",
            "coordination_update"
        ]
    );
    assert!(matches!(event(&told[0]), Event::AgentStatusUpdate(agent)
        if agent.id.as_str() == "a" && !agent.is_alive));
    assert!(
        core.service
            .list_leases(&core.project)
            .await
            .unwrap()
            .value
            .is_empty()
    );
    assert!(heartbeat(&core, "a").await.unwrap().is_alive);
    assert_eq!(
        core.told.kinds(),
        ["agent_status_update", "coordination_update"]
    );
}

#[tokio::test]
async fn what_an_agent_does_is_told_when_it_is_new() {
    let core = Core::in_memory().await;
    core.register("a", None).await.unwrap();
    core.told.take();
    let beat = async |text: &str| {
        let text = Some(text.to_owned());
        core.service
            .heartbeat(human(), &core.project, &"a".into(), text)
            .await
            .unwrap();
        core.told.kinds().len()
    };
    assert_eq!(
        (
            beat("reading").await,
            beat("reading").await,
            beat("writing").await
        ),
        (1, 0, 1)
    );
    let patch = AgentPatch {
        progress: Maybe::Value(101),
        ..AgentPatch::default()
    };
    let refused = core
        .service
        .update_agent(human(), &core.project, &"a".into(), patch)
        .await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn messages_are_counted_until_they_are_read() {
    let core = Core::in_memory().await;
    core.register("a", None).await.unwrap();
    core.told.take();
    let pending = || match event(&core.told.events()[0]) {
        Event::AgentMessages(messages) => (messages.pending_messages, messages.message),
        other => panic!("{other:?}"),
    };
    for index in 1..=2 {
        let message = NewMessage {
            from: "ann".to_owned(),
            body: format!("Nr. {index}"),
        };
        let sent = core
            .service
            .send_message(human(), &core.project, &"a".into(), message)
            .await
            .unwrap();
        assert_eq!(pending(), (index, Some(sent.value.id)));
    }
    let read = async |unread| {
        let read = core
            .service
            .messages(&core.project, &"a".into(), unread)
            .await;
        read.unwrap().value
    };
    let first = read(true).await[0].id;
    assert_eq!(
        read(true).await.len(),
        2,
        "an answer that is lost loses none"
    );
    assert!(core.told.take().is_empty());
    let mark = async |up_to| {
        let marked = core
            .service
            .mark_read(human(), &core.project, &"a".into(), up_to)
            .await;
        marked.unwrap().value
    };
    assert_eq!(mark(first).await, 1);
    assert_eq!(pending(), (1, None));
    assert_eq!(mark(first).await, 1);
    assert!(core.told.take().is_empty(), "nothing new");
    let unread: Vec<_> = read(true).await.into_iter().map(|it| it.body).collect();
    assert_eq!(unread, ["Nr. 2"]);
    assert_eq!((mark(u64::MAX).await, read(false).await.len()), (0, 2));
    let coordination = core
        .service
        .coordination(&core.project)
        .await
        .unwrap()
        .value;
    assert_eq!(coordination.communication_graph["ann"], ["a"]);
    let events = core
        .service
        .coordination_events(&core.project, 10)
        .await
        .unwrap();
    assert_eq!(events[0].event_type, "agent_communication");
}
