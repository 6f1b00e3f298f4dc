//! A reset of all tasks shows at once, however many there are, and its rows are written in parts.

use std::path::Path;
use std::sync::Arc;

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::question::QuestionOutcome;
use tasktree_protocol::task::AttemptOutcome;
use tasktree_protocol::{AgentStatus, Maybe, Status, StreamId, Task, TaskPatch};
use tasktree_server::domain::import::ImportedTask;
use tasktree_server::domain::{AgentPatch, Wait};
use tasktree_server::error::Error;
use tasktree_server::limits::{RESET_AGENTS_AT_ONCE, RESET_TASKS_AT_ONCE};
use tasktree_server::store::{ChangeQuery, ChangeRecord, QuestionFilter, SqliteStore, Store};

use crate::claims::{agent, report, status};
use crate::core_support::{Core, Told, human};
use crate::tasks::update;

/// Number of tasks in all statuses: too many to be written in one transaction.
const TASKS: usize = RESET_TASKS_AT_ONCE * 4;

/// Maximum rows that a large reset writes at once: its mark, the undo, events, the claims that it
/// ends, and the record of its agents.
const FEW_ROWS: u64 = 60;

/// Creates a project with tasks in all statuses, and agents, one of them at work.
async fn at_work(store: Arc<dyn Store>) -> Core {
    let core = Core::over(store).await;
    let status = |number: usize| match number % 5 {
        0 => Status::Merged,
        1 => Status::UpNext,
        2 => Status::Completed,
        3 => Status::InProgress,
        _ => Status::Unclaimed,
    };
    let one = |number: usize| ImportedTask {
        source: number.to_string(),
        title: format!("Task {number}"),
        status: status(number),
        priority: (number % 7) as u32,
        ..ImportedTask::default()
    };
    core.service
        .import_tasks(
            human(),
            &core.project,
            (1..=TASKS).map(one).collect(),
            false,
        )
        .await
        .unwrap();
    for number in 0..5 {
        let task = (number == 0).then_some("1");
        core.register(&format!("agent-{number}"), task)
            .await
            .unwrap();
    }
    let label = TaskPatch {
        session: Maybe::Value("somebody".to_owned()),
        ..TaskPatch::default()
    };
    update(&core, "4", label).await.unwrap();
    core.task_after("Waits for a completed one", &["2"]).await;
    core.told.take();
    core
}

async fn tasks(core: &Core) -> Vec<Task> {
    let listed = core.service.list_tasks(&core.project).await.unwrap().value;
    let mut tasks: Vec<Task> = listed;
    tasks.sort_by_key(|task| task.number);
    tasks
}

/// Returns everything that readers can see of tasks.
async fn seen(core: &Core) -> String {
    let (service, project) = (&core.service, &core.project);
    let cards = service.list_cards(project).await.unwrap().value;
    let stats = service.stats(project).await.unwrap().value;
    let coordination = service.coordination(project).await.unwrap().value;
    let one = service.task(project, &"3".into()).await.unwrap().value;
    let attempts = service.attempts(project, &"1".into(), 10).await.unwrap();
    let tasks = tasks(core).await;
    format!(
        "{cards:?} {stats:?} {coordination:?} {one:?} {tasks:?} {:?}",
        attempts.value
    )
}

#[tokio::test]
async fn a_large_reset_shows_at_once_and_looks_the_same_when_its_rows_are_written() {
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let core = at_work(store.clone()).await;
    let (service, project) = (&core.service, &core.project);
    let before = tasks(&core).await;
    store.metrics().take_most_rows();
    let reset = service.reset_agent_tasks(human(), project).await.unwrap();
    let rows = store.metrics().take_most_rows();
    assert!(rows <= FEW_ROWS, "{rows} rows at once");
    let told = core.told.take();
    let stream = StreamId::project(project);
    assert!(matches!(&told[0], Told::Reset(of, _) if *of == stream));
    assert!(matches!(&told[1], Told::Event(event) if event.kind == "tasks_reset"));
    let changes = |task: &&Task| {
        task.status != Status::Merged
            && (task.status != Status::Unclaimed || task.session.is_some())
    };
    let changed = before.iter().filter(changes).count();
    assert_eq!(reset.value.reset_count, changed as u64);
    assert_eq!(reset.value.killed_sessions.len(), 5);
    assert!(reset.value.tasks.is_empty());

    let after = tasks(&core).await;
    for (was, is) in before.iter().zip(&after) {
        let moved = changes(&was);
        assert_eq!(is.rev, was.rev + u64::from(moved), "#{}", was.number);
        let expected = if moved { Status::Unclaimed } else { was.status };
        assert_eq!(is.status, expected, "#{}", was.number);
        assert!(
            !moved || (is.session.is_none() && is.holder.is_none() && is.completed_at.is_none())
        );
    }
    let waiting = after.last().unwrap();
    assert_eq!(
        waiting.blocked_by.len(),
        1,
        "what it waits for is open again"
    );
    let shown = seen(&core).await;
    service.sweep().await.unwrap();
    assert_eq!(seen(&core).await, shown);
    let rows = store.metrics().take_most_rows();
    assert!(
        rows <= RESET_TASKS_AT_ONCE as u64 * 6,
        "{rows} rows at once"
    );
    let history = service.history(project, &"1".into(), 10).await.unwrap();
    assert_eq!(history[0].kind, "tasks_reset");
    assert_eq!(history[0].actor.as_deref(), Some("human:local"));
}

#[tokio::test]
async fn what_is_done_before_the_rows_are_written_is_done_after_the_reset() {
    let core = at_work(Arc::new(SqliteStore::in_memory().unwrap())).await;
    let (service, project) = (&core.service, &core.project);
    let undo = service.reset_agent_tasks(human(), project).await.unwrap();
    let undo = undo.value.undo.unwrap();
    let title = TaskPatch {
        title: Maybe::Value("Renamed".to_owned()),
        ..TaskPatch::default()
    };
    let renamed = update(&core, "7", title).await.unwrap();
    assert_eq!(renamed.status, Status::Unclaimed);
    core.register("agent-9", None).await.unwrap();
    let next = service
        .claim_next(human(), project, &"agent-9".into(), None)
        .await
        .unwrap();
    // The most urgent one, whatever its status was.
    assert_eq!(next.value.task.unwrap().number, 1);
    let history = service.history(project, &"7".into(), 10).await.unwrap();
    let kinds: Vec<_> = history.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, ["task_updated", "tasks_reset", "task_created"]);
    let undone = service.undo(human(), project, &undo).await.unwrap().value;
    assert_eq!(undone.skipped.len(), 2, "{:?}", undone.skipped);
    let seen = tasks(&core).await;
    assert_eq!(seen[6].title, "Renamed");
    assert_eq!(seen[6].status, Status::Unclaimed);
    assert_eq!(seen[11].status, Status::Completed);
}

#[tokio::test]
async fn a_large_reset_is_undone_in_parts_with_agents_and_claims() {
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let core = at_work(store.clone()).await;
    let (service, project) = (&core.service, &core.project);
    let states = |tasks: Vec<Task>| -> Vec<_> {
        let state = |task: Task| (task.number, task.status, task.session, task.holder);
        tasks.into_iter().map(state).collect()
    };
    let before = states(tasks(&core).await);
    let reset = service.reset_agent_tasks(human(), project).await.unwrap();
    store.metrics().take_most_rows();
    let undo = reset.value.undo.unwrap();
    let undone = service.undo(human(), project, &undo).await.unwrap().value;
    let rows = store.metrics().take_most_rows();
    assert!(
        rows <= RESET_TASKS_AT_ONCE as u64 * 8,
        "{rows} rows at once"
    );
    assert_eq!(states(tasks(&core).await), before);
    assert_eq!(undone.tasks.len() as u64, reset.value.reset_count);
    assert_eq!((undone.agents.len(), undone.skipped.len()), (5, 0));
    assert!(service.undo(human(), project, &undo).await.is_err(), "once");
    let agents = service.list_agents(project).await.unwrap().value;
    assert_eq!(agents[0].generation, Some(1));
}

#[tokio::test]
async fn the_ends_of_many_agents_are_written_in_parts_and_recorded_as_the_reset() {
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let core = Core::over(store.clone()).await;
    let (service, project) = (&core.service, &core.project);
    let agents = RESET_AGENTS_AT_ONCE * 3;
    for number in 0..agents {
        let task = core.task("One").await;
        core.register(&format!("agent-{number}"), Some(task.id.as_str()))
            .await
            .unwrap();
    }
    let wait = Wait {
        kind: WaitKind::Question,
        text: "Go on?".to_owned(),
        until: None,
        options: Vec::new(),
        request: None,
        in_terminal: false,
    };
    let asks = AgentPatch {
        waiting_for: Maybe::Value(wait),
        ..AgentPatch::default()
    };
    report(&core, "agent-7", asks).await.unwrap();
    store.metrics().take_most_rows();
    service.reset_agent_tasks(human(), project).await.unwrap();
    let most = agents as u64 * 2 + FEW_ROWS;
    let rows = store.metrics().take_most_rows();
    assert!(rows <= most, "{rows} rows at once");
    let changes = async || {
        let query = ChangeQuery {
            limit: 1000,
            ..ChangeQuery::default()
        };
        service.changes(project, query).await.unwrap().value.changes
    };
    let recorded = changes().await;
    let removed = |change: &&ChangeRecord| change.entry.kind == "agent_removed";
    assert_eq!(recorded.iter().filter(removed).count(), 0);

    // The agent whose name is reused is removed before the next one is registered.
    core.register("agent-7", None).await.unwrap();
    let of_seven = changes().await;
    let of_seven = of_seven.iter().filter(|change| {
        change.subject == "agent:agent-7" && change.entry.kind.starts_with("agent_re")
    });
    let kinds: Vec<_> = of_seven.map(|change| change.entry.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["agent_registered", "agent_removed", "agent_registered"]
    );
    let questions = service.questions(project, QuestionFilter::default(), 10);
    assert_eq!(
        questions.await.unwrap().value[0].outcome,
        Some(QuestionOutcome::Reset)
    );

    service.sweep().await.unwrap();
    let recorded = changes().await;
    let ends: Vec<_> = recorded.iter().filter(removed).collect();
    assert_eq!(ends.len(), agents);
    let first = &ends[0].entry;
    for end in &ends {
        assert_eq!(end.entry.actor.as_deref(), Some("human:local"));
        assert_eq!(
            (end.entry.timestamp, end.entry.seq),
            (first.timestamp, first.seq)
        );
    }
    let listed = service.list_agents(project).await.unwrap().value;
    assert_eq!(listed.len(), 1, "the one that registered again stays");
}

#[tokio::test]
async fn a_claim_that_an_undone_reset_had_ended_goes_on_to_its_own_end() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    let (service, project) = (&core.service, &core.project);
    let attempts = async || {
        let attempts = service.attempts(project, &"1".into(), 9).await;
        attempts.unwrap().value
    };
    let before = attempts().await;
    let reset = service.reset_agent_tasks(human(), project).await.unwrap();
    assert_eq!(attempts().await[0].outcome, Some(AttemptOutcome::Reset));
    let undo = reset.value.undo.unwrap();
    service.undo(human(), project, &undo).await.unwrap();
    assert_eq!(attempts().await, before);
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    let ended = attempts().await;
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].outcome, Some(AttemptOutcome::Completed));
    assert!(ended[0].ended_at.is_some());
}

#[tokio::test]
async fn an_agent_that_comes_back_without_its_task_has_lost_it() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    let (service, project) = (&core.service, &core.project);
    let reset = service.reset_agent_tasks(human(), project).await.unwrap();
    let title = TaskPatch {
        title: Maybe::Value("Renamed".to_owned()),
        ..TaskPatch::default()
    };
    update(&core, "1", title).await.unwrap();
    let undo = reset.value.undo.unwrap();
    let undone = service.undo(human(), project, &undo).await.unwrap().value;
    assert_eq!(undone.skipped, ["Task #1 has changed since the reset."]);
    let ada = agent(&core, "ada").await;
    assert_eq!((ada.status, ada.generation), (AgentStatus::Idle, None));
    assert_eq!(ada.task(), None);
    let late = report(&core, "ada", status(AgentStatus::Done)).await;
    assert!(matches!(late, Err(Error::Taken(_))), "{late:?}");
    assert_eq!(tasks(&core).await[0].status, Status::Unclaimed);
}

#[tokio::test]
async fn a_reset_that_a_crash_interrupts_is_complete_for_readers_and_is_written_after_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tasktree.db");
    let core = at_work(Arc::new(SqliteStore::open(&path).unwrap())).await;
    core.service
        .reset_agent_tasks(human(), &core.project)
        .await
        .unwrap();
    let shown = seen(&core).await;
    let project = core.project.clone();
    let (clock, told) = (core.clock.clone(), core.told.clone());
    drop(core);
    let unclaimed = "SELECT COUNT(*) FROM tasks WHERE status = 'unclaimed'";
    assert!(count(&path, unclaimed) < TASKS as i64 / 2);

    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let service = tasktree_server::service::Service::with(
        store,
        told.clone(),
        clock.clone(),
        Default::default(),
    );
    let core = Core {
        service,
        told,
        clock,
        project,
    };
    assert_eq!(seen(&core).await, shown);
    core.service.sweep().await.unwrap();
    assert_eq!(seen(&core).await, shown);
    assert!(count(&path, unclaimed) > TASKS as i64 / 2);
    assert_eq!(count(&path, "SELECT COUNT(*) FROM resets"), 0);
}

fn count(path: &Path, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}
