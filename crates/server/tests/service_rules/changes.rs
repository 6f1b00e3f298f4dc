//! Records of changes: one for each, with the values before and after, and none for a sign of life.

use std::sync::Arc;

use serde_json::{Value, json};
use tasktree_protocol::agent::{SILENT_AFTER_MS, WaitKind};
use tasktree_protocol::project::ProjectPatch;
use tasktree_protocol::{AgentStatus, Maybe, TaskPatch};
use tasktree_server::actor::Actor;
use tasktree_server::domain::compat::orchestrator::OrchestratorConfig;
use tasktree_server::domain::{
    AgentPatch, LeaseRequest, NewLogLines, NewMessage, NewRun, RunPatch, Wait,
};
use tasktree_server::limits::{
    HISTORY_KEPT, Limits, PROGRESS_RECORDED_EVERY_MS, RECORDED_DIFF_BYTES, RECORDED_VALUE_BYTES,
};
use tasktree_server::service::WriteContext;
use tasktree_server::store::{ChangeQuery, ChangeRecord, QuestionFilter, SqliteStore, TextEdit};

use crate::core_support::{Core, human};

/// Returns all changes so far, newest first.
async fn all(core: &Core) -> Vec<ChangeRecord> {
    select(core, ChangeQuery::default()).await
}

async fn select(core: &Core, query: ChangeQuery) -> Vec<ChangeRecord> {
    let limit = 1000;
    let query = ChangeQuery { limit, ..query };
    let page = core.service.changes(&core.project, query).await.unwrap();
    assert_eq!(page.value.next, None, "the page has all of it");
    page.value.changes
}

/// Reader of new records, from one step to the next.
struct Follower<'a> {
    core: &'a Core,
    seen: u64,
}

impl<'a> Follower<'a> {
    async fn of(core: &'a Core) -> Self {
        let mut follower = Self { core, seen: 0 };
        follower.new_ones().await;
        follower
    }

    /// Returns the records since the last call, oldest first.
    async fn new_ones(&mut self) -> Vec<ChangeRecord> {
        let mut changes = all(self.core).await;
        changes.retain(|change| change.id > self.seen);
        changes.reverse();
        self.seen = changes.last().map_or(self.seen, |last| last.id);
        changes
    }

    /// Expects these subjects and kinds; returns the fields of the last, by name.
    async fn expect(&mut self, expected: &[&str]) -> Value {
        let new = self.new_ones().await;
        let names = new.iter();
        let names = names.map(|change| format!("{} {}", change.subject, change.entry.kind));
        assert_eq!(names.collect::<Vec<_>>(), expected);
        let Some(last) = new.last() else {
            return Value::Null;
        };
        assert_eq!(last.entry.actor.as_deref(), Some("human:local"));
        let fields = last.entry.fields.iter();
        let fields = fields.map(|it| (it.field.clone(), json!([it.before, it.after])));
        Value::Object(fields.collect())
    }
}

async fn report(core: &Core, id: &str, patch: AgentPatch) {
    let service = &core.service;
    let id = id.into();
    let reported = service.update_agent(human(), &core.project, &id, patch);
    reported.await.unwrap();
}

fn progress(percent: u8) -> AgentPatch {
    AgentPatch {
        progress: Maybe::Value(percent),
        ..AgentPatch::default()
    }
}

#[tokio::test]
async fn every_change_of_an_agent_is_recorded_and_a_heartbeat_is_none() {
    let core = Core::in_memory().await;
    core.task("One").await;
    let mut follower = Follower::of(&core).await;
    core.register("ada", None).await.unwrap();
    let fields = follower.expect(&["agent:ada agent_registered"]).await;
    assert_eq!(fields["status"], json!([null, "running"]));
    core.register("ada", None).await.unwrap();
    core.clock.advance(5_000);
    core.service
        .heartbeat(human(), &core.project, &"ada".into(), None)
        .await
        .unwrap();
    let lines = NewLogLines {
        agent: Some("ada".into()),
        lines: vec!["working".to_owned()],
        ..NewLogLines::default()
    };
    let logged = core.service.add_log_lines(human(), &core.project, lines);
    logged.await.unwrap();
    follower.expect(&[]).await;

    let claims = AgentPatch {
        task_id: Maybe::Value("1".into()),
        ..AgentPatch::default()
    };
    report(&core, "ada", claims).await;
    let fields = follower
        .expect(&["agent:ada agent_updated", "task:1 agent_spawned"])
        .await;
    assert_eq!(fields["status"], json!(["unclaimed", "in_progress"]));
    let claimed = &all(&core).await[1];
    assert_eq!(claimed.entry.generation, Some(1));

    let waits = AgentPatch {
        waiting_for: Maybe::Value(Wait {
            kind: WaitKind::RateLimit,
            text: "until noon".to_owned(),
            until: None,
            options: Vec::new(),
            request: None,
            in_terminal: false,
        }),
        ..AgentPatch::default()
    };
    report(&core, "ada", waits).await;
    let fields = follower.expect(&["agent:ada agent_updated"]).await;
    assert_eq!(fields["status"], json!(["running", "waiting"]));
    assert_eq!(fields["waiting_for"][1]["text"], "until noon");

    core.clock.advance(SILENT_AFTER_MS + 1);
    core.service.sweep().await.unwrap();
    let mut new = follower.new_ones().await;
    let silent = new.remove(0);
    assert_eq!(silent.entry.actor.as_deref(), Some("system:server"));
    assert_eq!(silent.entry.fields[0].field, "silent");
    assert_eq!(new, []);

    let removed = core
        .service
        .remove_agent(human(), &core.project, &"ada".into())
        .await;
    removed.unwrap();
    let new = follower.new_ones().await;
    let kinds: Vec<_> = new.iter().map(|it| it.entry.kind.as_str()).collect();
    assert_eq!(kinds, ["task_status_changed", "agent_removed"]);
    let fields = &new[1].entry.fields;
    let status = fields.iter().find(|it| it.field == "status").unwrap();
    assert_eq!(
        (&status.before, &status.after),
        (&json!("waiting"), &Value::Null)
    );
}

#[tokio::test]
async fn reports_of_progress_within_a_minute_are_one_record() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    let mut follower = Follower::of(&core).await;
    for percent in [10, 20, 20, 30] {
        core.clock.advance(1_000);
        report(&core, "ada", progress(percent)).await;
    }
    let fields = follower.expect(&["agent:ada agent_progress"]).await;
    assert_eq!(fields["progress"], json!([0, 30]));
    core.clock.advance(PROGRESS_RECORDED_EVERY_MS);
    report(&core, "ada", progress(40)).await;
    let fields = follower.expect(&["agent:ada agent_progress"]).await;
    assert_eq!(fields["progress"], json!([30, 40]));
    // Another change in between ends the record.
    let idle = AgentPatch {
        status: Maybe::Value(AgentStatus::Idle),
        ..AgentPatch::default()
    };
    report(&core, "ada", idle).await;
    report(&core, "ada", progress(50)).await;
    follower
        .expect(&["agent:ada agent_updated", "agent:ada agent_progress"])
        .await;
}

#[tokio::test]
async fn a_report_that_takes_back_an_earlier_one_leaves_no_change_that_changes_nothing() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    report(&core, "ada", progress(10)).await;
    core.clock.advance(PROGRESS_RECORDED_EVERY_MS);
    let mut follower = Follower::of(&core).await;
    report(&core, "ada", progress(20)).await;
    report(&core, "ada", progress(10)).await;
    let kinds = ["agent:ada agent_progress", "agent:ada agent_progress"];
    let fields = follower.expect(&kinds).await;
    assert_eq!(fields["progress"], json!([20, 10]));
    // A field that is back is taken out of the record, and another one stays in it.
    let compiling = AgentPatch {
        last_activity: Maybe::Value("compiling".to_owned()),
        ..progress(20)
    };
    core.clock.advance(PROGRESS_RECORDED_EVERY_MS);
    report(&core, "ada", compiling).await;
    report(&core, "ada", progress(10)).await;
    let fields = follower.expect(&["agent:ada agent_progress"]).await;
    assert_eq!(fields["last_activity"][1], "compiling");
    assert_eq!(fields["progress"], Value::Null, "{fields:?}");
}

#[tokio::test]
async fn runs_are_recorded_from_their_start_to_their_end_with_those_below_them() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    let mut follower = Follower::of(&core).await;
    let run = |session: &str, parent: Option<&str>| NewRun {
        source: "codex".to_owned(),
        session: session.to_owned(),
        parent: parent.map(str::to_owned),
        ..NewRun::default()
    };
    let (project, ada) = (&core.project, "ada".into());
    let start = |run: NewRun| core.service.start_run(human(), project, &ada, run);
    let parent = start(run("s1", None)).await.unwrap().value;
    let fields = follower.expect(&["agent:ada run_started"]).await;
    assert_eq!(fields["run"][1]["session"], "s1");
    start(run("s2", Some("s1"))).await.unwrap();
    follower.expect(&["agent:ada run_started"]).await;
    start(run("s1", None)).await.unwrap();
    follower.expect(&[]).await;
    let ends = RunPatch {
        ended: Some(true),
        ..RunPatch::default()
    };
    let ended = core
        .service
        .update_run(human(), project, &ada, parent.id, ends);
    ended.await.unwrap();
    let expected = [
        "agent:ada run_ended",
        "agent:ada run_ended",
        "agent:ada agent_updated",
    ];
    let fields = follower.expect(&expected).await;
    assert_eq!(fields["status"], json!(["running", "idle"]));
}

#[tokio::test]
async fn words_between_agents_and_people_are_in_no_record() {
    let core = Core::in_memory().await;
    let (service, project) = (&core.service, &core.project);
    let task = core.task("One").await.id;
    core.register("ada", None).await.unwrap();
    let mut follower = Follower::of(&core).await;
    let message = NewMessage {
        from: "bob".to_owned(),
        body: "SECRET".to_owned(),
    };
    let ada = "ada".into();
    let sent = service.send_message(human(), project, &ada, message);
    let sent = sent.await.unwrap().value.id;
    let fields = follower
        .expect(&[&format!("message:{sent} message_sent")])
        .await;
    assert_eq!(fields, json!({"from": [null, "bob"], "to": [null, "ada"]}));
    let read = service.mark_read(human(), project, &ada, sent);
    read.await.unwrap();
    follower.expect(&["agent:ada messages_read"]).await;

    let added = service.add_comment(human(), project, &task, "SECRET".to_owned());
    let id = added.await.unwrap().value.id;
    let edited = service.edit_comment(human(), project, id, "SECRET again".to_owned());
    edited.await.unwrap();
    service.delete_comment(human(), project, id).await.unwrap();
    let kinds = ["comment_added", "comment_edited", "comment_deleted"];
    let expected = kinds.map(|kind| format!("comment:{id} {kind}"));
    follower
        .expect(&expected.each_ref().map(String::as_str))
        .await;

    let asks = AgentPatch {
        waiting_for: Maybe::Value(Wait {
            kind: WaitKind::Question,
            text: "Which one?".to_owned(),
            until: None,
            options: Vec::new(),
            request: None,
            in_terminal: false,
        }),
        ..AgentPatch::default()
    };
    report(&core, "ada", asks).await;
    let open = QuestionFilter {
        open: Some(true),
        ..QuestionFilter::default()
    };
    let question = service.questions(project, open, 1).await.unwrap();
    let id = question.value[0].id;
    follower
        .expect(&[
            &format!("question:{id} question_asked"),
            "agent:ada agent_updated",
        ])
        .await;
    let answer = service.answer_question(human(), project, id, "SECRET".to_owned());
    answer.await.unwrap();
    let works = AgentPatch {
        status: Maybe::Value(AgentStatus::Working),
        ..AgentPatch::default()
    };
    report(&core, "ada", works).await;
    let kinds = ["question_answered", "answer_updated", "question_closed"];
    let mut expected: Vec<_> = kinds
        .iter()
        .map(|kind| format!("question:{id} {kind}"))
        .collect();
    expected.push("agent:ada agent_updated".to_owned());
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    follower.expect(&expected).await;
    let recorded = serde_json::to_string(&all(&core).await).unwrap();
    assert!(!recorded.contains("SECRET"), "{recorded}");
}

#[tokio::test]
async fn grants_and_releases_of_leases_are_recorded_and_renewals_are_signs_of_life() {
    let core = Core::in_memory().await;
    core.register("ada", None).await.unwrap();
    let mut follower = Follower::of(&core).await;
    let grant = async |exclusive: bool| {
        let request = LeaseRequest {
            agent: "ada".into(),
            paths: vec!["src/a.rs".to_owned()],
            exclusive,
            ttl_seconds: 60,
            reason: None,
            soft: false,
            run: None,
        };
        let granted = core.service.grant_leases(human(), &core.project, request);
        granted.await.unwrap().value[0].id
    };
    let id = grant(true).await;
    let fields = follower
        .expect(&[&format!("lease:{id} lease_granted")])
        .await;
    assert_eq!(fields["path"], json!([null, "src/a.rs"]));
    core.clock.advance(1_000);
    grant(true).await;
    let renewed = core.service.renew_lease(human(), &core.project, id, 90);
    renewed.await.unwrap();
    follower.expect(&[]).await;
    grant(false).await;
    let fields = follower
        .expect(&[&format!("lease:{id} lease_updated")])
        .await;
    assert_eq!(fields["exclusive"], json!([true, false]));
    core.clock.advance(61_000);
    core.service.sweep().await.unwrap();
    let expired = follower.new_ones().await;
    assert_eq!(expired[0].entry.kind, "lease_expired");
    assert_eq!(expired[0].entry.actor.as_deref(), Some("system:server"));
}

#[tokio::test]
async fn a_project_is_recorded_through_settings_reset_removal_and_return() {
    let core = Core::in_memory().await;
    let (service, project) = (&core.service, &core.project);
    let mut follower = Follower {
        core: &core,
        seen: 0,
    };
    let fields = follower.expect(&["project project_created"]).await;
    assert_eq!(fields["name"], json!([null, "Alpha"]));
    let patch = ProjectPatch {
        path: Maybe::Value("/srv/shop".to_owned()),
        main_branch: Maybe::Value("trunk".to_owned()),
        ..ProjectPatch::default()
    };
    let changed = service.update_project(human(), project, patch);
    changed.await.unwrap();
    let fields = follower.expect(&["project project_updated"]).await;
    assert_eq!(
        fields,
        json!({"path": ["", "/srv/shop"], "main_branch": [null, "trunk"]})
    );
    core.task("One").await;
    let before = all(&core).await;

    service.reset_project(human(), project).await.unwrap();
    let new = all(&core).await;
    assert_eq!(
        (new.len(), new[0].entry.kind.as_str()),
        (1, "project_reset")
    );
    service
        .restore_project(human(), project, None)
        .await
        .unwrap();
    let restored = all(&core).await;
    assert_eq!(restored[0].entry.kind, "project_restored");
    assert_eq!(restored[1..], before);

    service.delete_project(human(), project).await.unwrap();
    service
        .restore_project(human(), project, None)
        .await
        .unwrap();
    let kinds = all(&core).await.into_iter().take(3);
    let kinds: Vec<_> = kinds.map(|change| change.entry.kind).collect();
    assert_eq!(
        kinds,
        ["project_restored", "project_deleted", "project_restored"]
    );
}

#[tokio::test]
async fn a_text_before_a_change_is_in_its_record_or_follows_from_the_text_after() {
    let core = Core::in_memory().await;
    let task = core.task("One").await.id;
    let long = |mark: &str| {
        format!(
            "{mark}\n{}",
            "A line of the plan.\n".repeat(RECORDED_VALUE_BYTES / 8)
        )
    };
    let texts = [
        "x".repeat(RECORDED_VALUE_BYTES - 1),
        "y".repeat(RECORDED_VALUE_BYTES),
        long("- [ ] one"),
        long("- [x] one"),
        format!("{}And more.", long("- [x] one")),
        String::from("short again"),
    ];
    for text in &texts {
        let patch = TaskPatch {
            description: Maybe::Value(text.clone()),
            ..TaskPatch::default()
        };
        let service = &core.service;
        let changed = service.update_task(human(), &core.project, &task, patch, None);
        changed.await.unwrap();
    }
    let query = ChangeQuery {
        subject: Some("task:1".to_owned()),
        ..ChangeQuery::default()
    };
    // Back from the last text, one record after the other.
    let mut text = texts[texts.len() - 1].clone();
    let records = select(&core, query).await;
    for (record, before) in records.iter().zip(texts.iter().rev().skip(1)) {
        let change = &record.entry.fields[0];
        assert_eq!(change.field, "description");
        text = match &change.before {
            Value::String(before) => before.clone(),
            long => {
                assert_eq!(long["bytes"], before.len());
                TextEdit::apply(&change.diff, &text).unwrap()
            }
        };
        assert_eq!(&text, before);
        let recorded = serde_json::to_string(&change.diff).unwrap();
        assert!(recorded.len() <= RECORDED_DIFF_BYTES, "{recorded}");
    }
}

#[tokio::test]
async fn changes_of_the_server_are_kept_for_a_time_and_in_a_size_too() {
    let limits = Limits {
        change_bytes_per_project: 16 * 1024,
        ..Limits::default()
    };
    let core = Core::with(Arc::new(SqliteStore::in_memory().unwrap()), limits).await;
    let of_server = async || {
        let query = ChangeQuery {
            limit: 1000,
            ..ChangeQuery::default()
        };
        core.service
            .server_changes(query)
            .await
            .unwrap()
            .value
            .changes
    };
    let set = async |number: u32| {
        let config = OrchestratorConfig {
            max_concurrent_agents: number,
            ..OrchestratorConfig::default()
        };
        let set = core.service.set_orchestrator_config(human(), config);
        set.await.unwrap();
    };
    for number in 10..200 {
        set(number).await;
    }
    let before = of_server().await;
    assert_eq!(before.len(), 190);
    core.service.sweep().await.unwrap();
    let after = of_server().await;
    assert!((20..150).contains(&after.len()), "{} are left", after.len());
    assert_eq!(after, before[..after.len()], "the oldest go");
    let days = i64::from(core.service.limits().history_days);
    core.clock.advance(days * 24 * 3600 * 1000 + 1);
    set(7).await;
    core.service.sweep().await.unwrap();
    assert_eq!(of_server().await.len(), 1, "what is older is dropped");
}

#[tokio::test]
async fn a_selection_is_by_subject_actor_and_time_and_goes_on_where_a_page_ended() {
    let core = Core::in_memory().await;
    let task = core.task("One").await.id;
    core.clock.advance(1_000);
    let since = core.service.now().unix_millis(0);
    for number in 0..5 {
        let actor = match number % 2 {
            0 => Actor::local(),
            _ => Actor::agent(&"ada".into()),
        };
        let mut context = WriteContext::new(actor);
        context.cause = Some(format!("command-{number}"));
        let patch = TaskPatch {
            title: Maybe::Value(format!("Title {number}")),
            ..TaskPatch::default()
        };
        let changed = core
            .service
            .update_task(context, &core.project, &task, patch, None);
        changed.await.unwrap();
    }
    let by = |query: ChangeQuery| select(&core, query);
    let of_task = ChangeQuery {
        subject: Some("task:1-alpha".to_owned()),
        ..ChangeQuery::default()
    };
    assert_eq!(by(of_task).await.len(), 6);
    let by_ada = ChangeQuery {
        actor: Some("agent:ada".to_owned()),
        ..ChangeQuery::default()
    };
    let changes = by(by_ada).await;
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0].entry.cause.as_deref(), Some("command-3"));
    let recent = ChangeQuery {
        since: Some(since),
        ..ChangeQuery::default()
    };
    assert_eq!(by(recent).await.len(), 5);
    let (mut before, mut ids) = (None, Vec::new());
    loop {
        let query = ChangeQuery {
            before,
            limit: 3,
            ..ChangeQuery::default()
        };
        let page = core.service.changes(&core.project, query).await.unwrap();
        ids.extend(page.value.changes.iter().map(|change| change.id));
        before = page.value.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(ids, (1..=7).rev().collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_project_with_too_many_changes_loses_the_oldest_in_short_steps() {
    let limits = Limits {
        change_bytes_per_project: 64 * 1024,
        ..Limits::default()
    };
    let core = Core::with(Arc::new(SqliteStore::in_memory().unwrap()), limits).await;
    for number in 0..HISTORY_KEPT {
        core.task(&format!("Task {number}")).await;
    }
    let before = all(&core).await;
    core.service.sweep().await.unwrap();
    let after = all(&core).await;
    assert!(after.len() < before.len(), "{} are left", after.len());
    assert!(after.len() > 50, "{} are left", after.len());
    assert_eq!(after, before[..after.len()]);
    core.service.sweep().await.unwrap();
    assert_eq!(all(&core).await.len(), after.len());
}
