//! Attention items: opened with their cause, closed with it, and marked by people.

use tasktree_protocol::agent::{SILENT_AFTER_MS, WaitKind};
use tasktree_protocol::attention::{
    Attention, AttentionChanged, AttentionItem, AttentionKind, AttentionMark,
};
use tasktree_protocol::{AgentStatus, Event, Maybe, Status, StreamId, Task, TaskPatch, Timestamp};
use tasktree_server::auth::Principal;
use tasktree_server::domain::{AgentPatch, LeaseRequest, NewRun, RunPatch, Statement, Wait};
use tasktree_server::error::Error;

use crate::core_support::{Core, Told, event, human};
use crate::repository::{repository, set_project};

const MINUTE_MS: i64 = 60_000;

async fn attention(core: &Core) -> Attention {
    core.service.attention(None).await.unwrap()
}

async fn items(core: &Core) -> Vec<AttentionItem> {
    attention(core).await.items
}

async fn kinds(core: &Core) -> Vec<AttentionKind> {
    items(core).await.iter().map(|item| item.kind).collect()
}

async fn one(core: &Core) -> AttentionItem {
    let mut items = items(core).await;
    assert_eq!(items.len(), 1, "{items:#?}");
    items.remove(0)
}

async fn report(core: &Core, agent: &str, patch: AgentPatch) {
    let (service, agent) = (&core.service, agent.into());
    let reported = service.update_agent(human(), &core.project, &agent, patch);
    reported.await.unwrap();
}

fn status(status: AgentStatus) -> AgentPatch {
    AgentPatch {
        status: Maybe::Value(status),
        ..AgentPatch::default()
    }
}

fn fails(reason: &str) -> AgentPatch {
    AgentPatch {
        reason: Some(reason.to_owned()),
        ..status(AgentStatus::Failed)
    }
}

fn waits(kind: WaitKind, text: &str) -> AgentPatch {
    let wait = Wait {
        kind,
        text: text.to_owned(),
        until: None,
        options: vec!["Yes".to_owned(), "No".to_owned()],
        request: None,
        in_terminal: false,
    };
    AgentPatch {
        waiting_for: Maybe::Value(wait),
        ..AgentPatch::default()
    }
}

async fn task(core: &Core, id: &str) -> Task {
    let found = core.service.task(&core.project, &id.into()).await;
    found.unwrap().value
}

async fn heartbeat(core: &Core, agent: &str) {
    report(core, agent, AgentPatch::default()).await;
}

async fn set(core: &Core, task: &str, patch: TaskPatch) {
    let (service, task) = (&core.service, task.into());
    let updated = service.update_task(human(), &core.project, &task, patch, None);
    updated.await.unwrap();
}

fn moved(status: Status) -> TaskPatch {
    TaskPatch {
        status: Maybe::Value(status),
        ..TaskPatch::default()
    }
}

/// Returns a service with the task 1, which `ada` works on.
async fn working() -> Core {
    let core = Core::in_memory().await;
    core.task("One").await;
    core.register("ada", Some("1")).await.unwrap();
    core
}

async fn lease(core: &Core, agent: &str, path: &str) -> u64 {
    let request = LeaseRequest {
        agent: agent.into(),
        paths: vec![path.to_owned()],
        exclusive: true,
        reason: None,
        ttl_seconds: 3600,
        soft: false,
        run: None,
    };
    let granted = core.service.grant_leases(human(), &core.project, request);
    granted.await.unwrap().value[0].id
}

#[tokio::test]
async fn who_waits_for_a_person_needs_attention_and_who_waits_for_something_else_does_not() {
    for kind in WaitKind::ALL {
        let core = working().await;
        report(&core, "ada", waits(kind, "Which one?")).await;
        let asks = !matches!(kind, WaitKind::Dependency | WaitKind::RateLimit);
        if !asks {
            assert_eq!(items(&core).await, [], "{kind:?}");
            continue;
        }
        let item = one(&core).await;
        assert_eq!(item.kind, AttentionKind::Waiting);
        assert_eq!(
            (item.wait, item.text.as_str(), item.options.len()),
            (Some(kind), "Which one?", 2)
        );
        assert_eq!(item.task, Some("1-alpha".into()));
        assert!(item.question.is_some() && item.answerable && !item.answered);
        report(&core, "ada", waits(kind, "And which then?")).await;
        let next = one(&core).await;
        assert!(next.id > item.id && next.question > item.question);
        report(&core, "ada", status(AgentStatus::Working)).await;
        assert_eq!(items(&core).await, [], "{kind:?}");
    }
}

#[tokio::test]
async fn a_wait_that_lasts_longer_than_expected_needs_attention() {
    let core = working().await;
    let until = Timestamp::from_unix_millis(core.service.now().unix_millis(0) + 30_000);
    let limited = Wait {
        kind: WaitKind::RateLimit,
        text: "usage limit".to_owned(),
        until: Some(until),
        options: Vec::new(),
        request: None,
        in_terminal: false,
    };
    let patch = AgentPatch {
        waiting_for: Maybe::Value(limited),
        ..AgentPatch::default()
    };
    report(&core, "ada", patch).await;
    core.service.sweep().await.unwrap();
    assert_eq!(items(&core).await, []);
    core.clock.advance(30_000);
    core.service.sweep().await.unwrap();
    let item = one(&core).await;
    assert_eq!(
        (item.kind, item.wait),
        (AttentionKind::Waiting, Some(WaitKind::RateLimit))
    );
    assert_eq!((item.since, item.question), (until, None));
    report(&core, "ada", status(AgentStatus::Working)).await;
    assert_eq!(items(&core).await, []);
}

#[tokio::test]
async fn a_question_in_a_terminal_is_answerable_only_through_a_run_that_delivers() {
    let core = working().await;
    let (service, project, ada) = (&core.service, &core.project, "ada".into());
    let run = NewRun {
        source: "claude-code".to_owned(),
        session: "s1".to_owned(),
        machine: "laptop".to_owned(),
        folder: Some("/src/shop".to_owned()),
        parent: None,
    };
    let run = service
        .start_run(human(), project, &ada, run)
        .await
        .unwrap();
    let mut asks = waits(WaitKind::Permission, "Bash: rm -r target");
    if let Maybe::Value(wait) = &mut asks.waiting_for {
        wait.in_terminal = true;
    }
    report(&core, "ada", asks).await;
    let item = one(&core).await;
    assert!(!item.answerable);
    assert_eq!(
        (item.machine.as_deref(), item.folder.as_deref()),
        (Some("laptop"), Some("/src/shop"))
    );
    let delivers = RunPatch {
        answers: Some(true),
        ..RunPatch::default()
    };
    let run = run.value.id;
    let updated = service.update_run(human(), project, &ada, run, delivers);
    updated.await.unwrap();
    let item = one(&core).await;
    assert!(item.answerable);
    let answer = "Allow".to_owned();
    let question = item.question.unwrap();
    let answered = service.answer_question(human(), project, question, answer);
    answered.await.unwrap();
    assert!(one(&core).await.answered);
}

#[tokio::test]
async fn a_failure_needs_attention_until_somebody_deals_with_it() {
    let ends = [
        "works",
        "removed",
        "claimed",
        "retried",
        "reassigned",
        "completed",
        "merged",
        "deleted",
    ];
    for end in ends {
        let core = working().await;
        report(&core, "ada", fails("no compiler")).await;
        let item = one(&core).await;
        assert_eq!(
            (item.kind, item.text.as_str(), item.task.clone()),
            (AttentionKind::Failed, "no compiler", Some("1-alpha".into()))
        );
        heartbeat(&core, "ada").await;
        assert_eq!(one(&core).await.id, item.id, "it is the same failure");
        let (service, project) = (&core.service, &core.project);
        match end {
            "works" => report(&core, "ada", status(AgentStatus::Working)).await,
            "removed" => {
                let ada = "ada".into();
                service.remove_agent(human(), project, &ada).await.unwrap();
            }
            "claimed" => drop(core.register("bob", Some("1")).await.unwrap()),
            "retried" => set(&core, "1", moved(Status::UpNext)).await,
            "reassigned" => {
                core.register("bob", None).await.unwrap();
                let before = task(&core, "1").await.generation;
                let to_bob = TaskPatch {
                    session: Maybe::Value("bob".to_owned()),
                    ..moved(Status::InProgress)
                };
                set(&core, "1", to_bob).await;
                let after = task(&core, "1").await;
                assert_eq!(after.holder, Some("bob".into()));
                assert!(after.generation > before, "it is another claim");
            }
            "completed" => set(&core, "1", moved(Status::Completed)).await,
            "merged" => set(&core, "1", moved(Status::Merged)).await,
            _ => {
                let one = "1".into();
                service.delete_task(human(), project, &one).await.unwrap();
            }
        }
        assert_eq!(items(&core).await, [], "{end}");
        if end == "works" {
            report(&core, "ada", fails("again")).await;
            assert!(one(&core).await.id > item.id, "it is another failure");
        }
    }
}

#[tokio::test]
async fn who_is_silent_with_a_task_or_makes_no_progress_needs_attention() {
    let core = working().await;
    core.register("idle", None).await.unwrap();
    for _ in 0..20 {
        core.clock.advance(MINUTE_MS);
        heartbeat(&core, "ada").await;
        heartbeat(&core, "idle").await;
        assert_eq!(items(&core).await, []);
    }
    core.service.sweep().await.unwrap();
    let stuck = one(&core).await;
    assert_eq!(stuck.kind, AttentionKind::NoProgress);
    assert_eq!(stuck.agent, Some("ada".into()));
    heartbeat(&core, "ada").await;
    assert_eq!(one(&core).await.id, stuck.id, "a heartbeat is no progress");
    let works = AgentPatch {
        last_activity: Maybe::Value("compiling".to_owned()),
        ..AgentPatch::default()
    };
    report(&core, "ada", works).await;
    assert_eq!(items(&core).await, []);
    core.clock.advance(SILENT_AFTER_MS);
    core.service.sweep().await.unwrap();
    let silent = one(&core).await;
    assert_eq!(
        (silent.kind, silent.text.as_str()),
        (AttentionKind::Silent, "compiling"),
        "an agent without a task may be silent"
    );
    heartbeat(&core, "ada").await;
    assert_eq!(items(&core).await, []);
}

#[tokio::test]
async fn a_rest_is_no_time_without_progress() {
    for rest in [
        status(AgentStatus::Idle),
        waits(WaitKind::Question, "Which?"),
    ] {
        let core = working().await;
        report(&core, "ada", rest).await;
        core.clock.advance(30 * MINUTE_MS);
        report(&core, "ada", status(AgentStatus::Working)).await;
        core.service.sweep().await.unwrap();
        assert_eq!(items(&core).await, [], "it has only begun again");
        core.clock.advance(20 * MINUTE_MS);
        heartbeat(&core, "ada").await;
        core.service.sweep().await.unwrap();
        assert_eq!(one(&core).await.kind, AttentionKind::NoProgress);
    }
}

#[tokio::test]
async fn a_server_that_did_not_listen_reports_no_lack_of_progress() {
    let core = working().await;
    core.clock.advance(21 * MINUTE_MS);
    // A heartbeat after a sleep of the machine: no change may open what only time causes.
    heartbeat(&core, "ada").await;
    assert_eq!(items(&core).await, []);
}

#[tokio::test]
async fn two_agents_with_overlapping_leases_need_attention_once() {
    let core = working().await;
    core.register("bob", None).await.unwrap();
    lease(&core, "ada", "src/**").await;
    assert_eq!(items(&core).await, []);
    let first = lease(&core, "bob", "src/a.rs").await;
    let second = lease(&core, "bob", "src/b.rs").await;
    let item = one(&core).await;
    assert_eq!(item.kind, AttentionKind::LeaseConflict);
    assert_eq!(
        (item.agent, item.other),
        (Some("ada".into()), Some("bob".into()))
    );
    assert_eq!(item.text, "src/**, src/a.rs, src/b.rs");
    let (service, project) = (&core.service, &core.project);
    service
        .release_lease(human(), project, first)
        .await
        .unwrap();
    assert_eq!(one(&core).await.id, item.id);
    service
        .release_lease(human(), project, second)
        .await
        .unwrap();
    assert_eq!(items(&core).await, []);
    lease(&core, "bob", "src/a.rs").await;
    core.clock.advance(SILENT_AFTER_MS);
    core.service.sweep().await.unwrap();
    assert_eq!(kinds(&core).await, [AttentionKind::Silent]);
}

#[tokio::test]
async fn contradicted_evidence_needs_attention_until_the_task_is_reopened_or_merged() {
    let ends = [
        Some(Status::Unclaimed),
        Some(Status::InProgress),
        Some(Status::Merged),
        // By a reset of all tasks.
        None,
    ];
    for end in ends {
        let core = Core::in_memory().await;
        let directory = repository("other.txt");
        set_project(&core, |patch| {
            patch.path = Maybe::Value(directory.path().to_str().unwrap().to_owned());
        })
        .await;
        core.task("One").await;
        core.register("ada", Some("1")).await.unwrap();
        let claims = Statement {
            commit: Some("0".repeat(40)),
            ..Statement::default()
        };
        let done = AgentPatch {
            evidence: Some(claims),
            ..status(AgentStatus::Done)
        };
        report(&core, "ada", done).await;
        let item = one(&core).await;
        assert_eq!(item.kind, AttentionKind::Contradicted);
        assert_eq!(item.agent, Some("ada".into()));
        assert!(item.text.contains("does not exist"), "{}", item.text);
        match end {
            Some(end) => set(&core, "1", moved(end)).await,
            None => {
                let reset = core.service.reset_agent_tasks(human(), &core.project);
                reset.await.unwrap();
            }
        }
        assert_eq!(items(&core).await, [], "{end:?}");
    }
}

#[tokio::test]
async fn a_ready_task_that_nobody_claims_needs_attention_while_an_agent_is_free() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task_after("Second", &["1"]).await;
    let wait = async |minutes: i64, free: bool| {
        for _ in 0..minutes {
            core.clock.advance(MINUTE_MS);
            if free {
                heartbeat(&core, "ada").await;
            }
        }
        core.service.sweep().await.unwrap();
    };
    wait(31, false).await;
    assert_eq!(items(&core).await, [], "no agent is free");
    core.register("ada", None).await.unwrap();
    core.service.sweep().await.unwrap();
    let item = one(&core).await;
    assert_eq!(
        (item.kind, item.task, item.text.as_str()),
        (
            AttentionKind::ReadyUnclaimed,
            Some("1-alpha".into()),
            "First"
        )
    );
    let title = TaskPatch {
        title: Maybe::Value("Renamed".to_owned()),
        ..TaskPatch::default()
    };
    set(&core, "1", title).await;
    assert_eq!(one(&core).await.id, item.id, "it is still ready");
    set(&core, "1", moved(Status::Completed)).await;
    assert_eq!(items(&core).await, []);
    wait(29, true).await;
    assert_eq!(items(&core).await, [], "the second is ready for 29 minutes");
    wait(1, true).await;
    assert_eq!(one(&core).await.task, Some("2-alpha".into()));
    core.register("ada", Some("2")).await.unwrap();
    assert_eq!(items(&core).await, []);
}

#[tokio::test]
async fn items_go_to_the_trash_with_their_project_and_come_back_with_it() {
    let core = working().await;
    let (service, project) = (&core.service, &core.project);
    core.task("Two").await;
    core.register("bob", Some("2")).await.unwrap();
    report(&core, "ada", waits(WaitKind::Question, "Which?")).await;
    report(&core, "bob", fails("no disk")).await;
    let both = [AttentionKind::Waiting, AttentionKind::Failed];
    assert_eq!(kinds(&core).await, both);

    service.delete_project(human(), project).await.unwrap();
    assert_eq!(items(&core).await, []);
    service
        .restore_project(human(), project, None)
        .await
        .unwrap();
    assert_eq!(kinds(&core).await, both);

    service.reset_project(human(), project).await.unwrap();
    assert_eq!(items(&core).await, []);
    service
        .restore_project(human(), project, None)
        .await
        .unwrap();
    assert_eq!(kinds(&core).await, both);

    let reset = service.reset_agent_tasks(human(), project).await.unwrap();
    assert_eq!(items(&core).await, []);
    let undo = reset.value.undo.unwrap();
    service.undo(human(), project, &undo).await.unwrap();
    assert_eq!(kinds(&core).await, both);
}

#[tokio::test]
async fn marks_are_of_one_person_and_end_with_the_item() {
    let core = working().await;
    let (service, project) = (&core.service, &core.project);
    report(&core, "ada", waits(WaitKind::Question, "Which?")).await;
    let item = one(&core).await;
    let service = &service.acting_for(Principal::local());
    core.told.take();
    let mark = AttentionMark {
        done: Some(true),
        snoozed_until: Maybe::Value(Timestamp::from_unix_millis(9)),
        ..AttentionMark::default()
    };
    let marked = service.mark_attention(human(), project, item.id, mark.clone());
    let marked = marked.await.unwrap().value;
    assert_eq!((marked.seen, marked.done), (false, true));
    let told = core.told.take();
    let [Told::Ephemeral(stream, message)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(*stream, StreamId::personal("local"));
    assert!(message.frame.starts_with(br#"{"type":"attention_marked""#));
    let again = service.mark_attention(human(), project, item.id, mark.clone());
    again.await.unwrap();
    assert!(core.told.take().is_empty(), "a repetition changes nothing");

    let own = service.attention(None).await.unwrap().items;
    assert!(own[0].done && own[0].snoozed_until.is_some());
    assert!(!one(&core).await.done, "the server itself is no person");
    let agent = service.acting_for(Principal::local().as_agent(&"ada".into()));
    let refused = agent.mark_attention(human(), project, item.id, mark.clone());
    assert!(matches!(refused.await, Err(Error::Forbidden(_))));

    report(&core, "ada", waits(WaitKind::Question, "And then?")).await;
    let next = service.attention(None).await.unwrap().items;
    assert!(!next[0].done, "a new cause is a new item");
    let gone = service.mark_attention(human(), project, item.id, mark);
    assert!(matches!(gone.await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_change_tells_its_items_in_its_own_transaction_and_in_short_events() {
    let core = Core::in_memory().await;
    let (service, project) = (&core.service, &core.project);
    for number in 1..=60 {
        core.task("Task").await;
        let name = format!("agent-{number}");
        core.register(&name, Some(&number.to_string()))
            .await
            .unwrap();
        core.told.take();
        report(&core, &name, waits(WaitKind::Question, "Which?")).await;
        let position = attention(&core).await.cursor;
        let kinds: Vec<Event> = core.told.take().iter().filter_map(attention_of).collect();
        assert_eq!((kinds.len(), position.seq > 0), (1, true));
    }
    service.delete_project(human(), project).await.unwrap();
    core.told.take();
    service
        .restore_project(human(), project, None)
        .await
        .unwrap();
    let told = core.told.take();
    let sizes = told.iter().filter_map(attention_of).map(|event| {
        let Event::AttentionChanged(data) = event else {
            return 0;
        };
        AttentionChanged::read(&data).unwrap().opened.len()
    });
    assert_eq!(sizes.collect::<Vec<_>>(), [50, 10]);
}

fn attention_of(told: &Told) -> Option<Event> {
    match told {
        Told::Event(logged) => {
            Some(event(logged)).filter(|event| matches!(event, Event::AttentionChanged(_)))
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_list_that_is_too_long_counts_the_rest() {
    use std::sync::Arc;
    use tasktree_server::limits::Limits;
    use tasktree_server::store::SqliteStore;
    let limits = Limits {
        attention_per_project: 2,
        ..Limits::default()
    };
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let core = Core::with(store, limits).await;
    for name in ["ada", "bob", "cleo"] {
        core.register(name, None).await.unwrap();
        report(&core, name, waits(WaitKind::Question, "Which?")).await;
    }
    report(&core, "cleo", fails("no disk")).await;
    let listed = attention(&core).await;
    assert_eq!(listed.items.len(), 2);
    let rest = listed.rest.iter().map(|rest| (rest.kind, rest.count));
    assert_eq!(rest.collect::<Vec<_>>(), [(AttentionKind::Failed, 1)]);
}
