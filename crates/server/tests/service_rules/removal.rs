//! Large projects are removed, reset and restored by a change of a few rows; rows that are gone for
//! good are deleted in parts.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use proptest::prelude::*;
use tasktree_protocol::StreamId;
use tasktree_protocol::project::NewProject;
use tasktree_server::domain::NewMessage;
use tasktree_server::domain::import::ImportedTask;
use tasktree_server::error::{Error, Result};
use tasktree_server::limits::{LEFTOVERS_DROPPED_AT_ONCE, TRASH_MS};
use tasktree_server::store::{Read, ReadJob, SqliteStore, Store, WriteJob};

use crate::core_support::{Core, human};

/// Maximum rows of a change of keys: the project, its stream, the event, and the entries of the
/// rows that it gives up.
const FEW_ROWS: u64 = 20;

fn imported(count: usize) -> Vec<ImportedTask> {
    let one = |number: usize| ImportedTask {
        source: number.to_string(),
        title: format!("Task {number}"),
        dependencies: (number > 1)
            .then(|| (number - 1).to_string())
            .into_iter()
            .collect(),
        ..ImportedTask::default()
    };
    (1..=count).map(one).collect()
}

async fn fill(core: &Core, tasks: usize) {
    core.service
        .import_tasks(human(), &core.project, imported(tasks), false)
        .await
        .unwrap();
    core.register("ada", None).await.unwrap();
    let message = NewMessage {
        from: "bob".into(),
        body: "look".into(),
    };
    core.service
        .send_message(human(), &core.project, &"ada".into(), message)
        .await
        .unwrap();
}

async fn titles(core: &Core) -> Vec<String> {
    let tasks = core.service.list_cards(&core.project).await.unwrap().value;
    tasks.into_iter().map(|task| task.title).collect()
}

async fn read<T: Send + 'static>(
    store: &dyn Store,
    reading: impl FnOnce(&dyn Read) -> Result<T> + Send + 'static,
) -> T {
    let (answer, outcome) = tokio::sync::oneshot::channel();
    let job = Box::new(move |rows: Result<&dyn Read>| {
        let _ = answer.send(rows.and_then(reading));
    });
    store.read(job).await;
    outcome.await.unwrap().unwrap()
}

async fn has_leftovers(store: &dyn Store) -> bool {
    read(store, |rows| rows.has_leftovers()).await
}

fn count(path: &Path, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_reset_a_removal_and_a_return_write_the_same_however_large_the_project_is() {
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let core = Core::over(store.clone()).await;
    let (service, project) = (&core.service, &core.project);
    let most = |deed: &str| {
        let rows = store.metrics().take_most_rows();
        assert!(rows <= FEW_ROWS, "{deed} wrote {rows} rows");
    };
    fill(&core, 3000).await;
    store.metrics().take_most_rows();

    service.reset_project(human(), project).await.unwrap();
    most("a reset");
    assert!(titles(&core).await.is_empty());
    service
        .restore_project(human(), project, None)
        .await
        .unwrap();
    most("a return after a reset");
    assert_eq!(titles(&core).await.len(), 3000);
    service.delete_project(human(), project).await.unwrap();
    most("a removal");
    service
        .restore_project(human(), project, None)
        .await
        .unwrap();
    most("a return");
    assert_eq!(titles(&core).await.len(), 3000);
    let agents = service.list_agents(project).await.unwrap().value;
    assert_eq!(agents.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_for_good_goes_in_parts_between_the_writes_of_others() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tasktree.db");
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let core = Core::over(store.clone()).await;
    fill(&core, 4000).await;
    core.service
        .delete_project(human(), &core.project)
        .await
        .unwrap();
    core.service
        .create_project(human(), NewProject::new("beta", "Beta"))
        .await
        .unwrap();
    core.clock.advance(TRASH_MS);
    store.metrics().take_most_rows();
    let service = core.service.clone();
    let sweep = tokio::spawn(async move { service.sweep().await });
    let (mut between, beta) = (0, "beta".into());
    while !sweep.is_finished() {
        let new = tasktree_protocol::NewTask {
            title: "Another".to_owned(),
            ..Default::default()
        };
        core.service.create_task(human(), &beta, new).await.unwrap();
        between += u32::from(!sweep.is_finished());
    }
    sweep.await.unwrap().unwrap();
    assert!(between >= 5, "only {between} writes came between");
    let most = store.metrics().take_most_rows();
    let bound = LEFTOVERS_DROPPED_AT_ONCE as u64 + FEW_ROWS;
    assert!(most <= bound, "one write removed {most} rows");
    assert!(!has_leftovers(&*store).await);
    for (table, key) in [
        ("tasks", "project"),
        ("changes", "project"),
        ("agents", "project"),
        ("messages", "project"),
        ("events", "stream"),
    ] {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {key} NOT IN ('beta', '*')");
        assert_eq!(count(&path, &sql), 0, "{table}");
    }
}

/// A store in which one write fails.
struct Failing {
    inner: SqliteStore,
    writes: AtomicU64,
    at: AtomicU64,
}

#[async_trait]
impl Store for Failing {
    async fn write(&self, job: Box<dyn WriteJob>) {
        if self.writes.fetch_add(1, Ordering::Relaxed) + 1 == self.at.load(Ordering::Relaxed) {
            return job.finish(Err(Error::Storage {
                message: "The server was killed.".to_owned(),
                temporary: true,
            }));
        }
        self.inner.write(job).await;
    }

    async fn read(&self, job: ReadJob) {
        self.inner.read(job).await;
    }
}

#[tokio::test]
async fn what_a_crash_leaves_of_a_removal_is_never_seen_and_goes_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tasktree.db");
    let store = Arc::new(Failing {
        inner: SqliteStore::open(&path).unwrap(),
        writes: AtomicU64::new(0),
        at: AtomicU64::new(u64::MAX),
    });
    let core = Core::over(store.clone()).await;
    fill(&core, 2000).await;
    core.service
        .delete_project(human(), &core.project)
        .await
        .unwrap();
    core.clock.advance(TRASH_MS);
    // One write gives the rows up, the second removes some of them, the third never happens.
    let next = store.writes.load(Ordering::Relaxed);
    store.at.store(next + 3, Ordering::Relaxed);
    core.service.sweep().await.unwrap_err();
    drop((core, store));
    let left = count(&path, "SELECT COUNT(*) FROM tasks");
    assert!((1..2000).contains(&left), "{left}");

    let store = Arc::new(SqliteStore::open(&path).unwrap());
    // It creates the project again, under the same name.
    let core = Core::over(store.clone()).await;
    assert!(titles(&core).await.is_empty());
    let agents = core.service.list_agents(&core.project).await.unwrap();
    assert!(agents.value.is_empty());
    core.task("Of the new one").await;
    core.register("ada", None).await.unwrap();
    let messages = core
        .service
        .messages(&core.project, &"ada".into(), false)
        .await
        .unwrap();
    assert!(messages.value.is_empty());
    let history = core.service.history(&core.project, &"1".into(), 10).await;
    assert_eq!(history.unwrap().len(), 1);
    let events = core
        .service
        .read_events(&StreamId::project(&core.project), 0, 100)
        .await
        .unwrap();
    assert_eq!(events.events[0].kind, "task_created");
    core.service.sweep().await.unwrap();
    assert!(!has_leftovers(&*store).await);
    assert_eq!(titles(&core).await, ["Of the new one"]);
    assert_eq!(count(&path, "SELECT COUNT(*) FROM tasks"), 1);
}

/// Something that happens to the project `alpha`.
#[derive(Clone, Copy, Debug)]
enum Step {
    Task,
    Agent,
    Reset,
    Delete,
    Create,
    Restore,
    Month,
    Sweep,
}

/// A state of the project: titles of its tasks, and its agents.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    tasks: Vec<String>,
    agents: usize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Task),
        2 => Just(Step::Agent),
        2 => Just(Step::Reset),
        2 => Just(Step::Delete),
        3 => Just(Step::Create),
        2 => Just(Step::Restore),
        1 => Just(Step::Month),
        1 => Just(Step::Sweep),
    ];
    prop::collection::vec(step, 1..40)
}

async fn seen(core: &Core) -> Option<State> {
    let service = &core.service;
    let cards = service.list_cards(&core.project).await.ok()?.value;
    let agents = service.list_agents(&core.project).await.unwrap().value;
    for card in &cards {
        let history = service.history(&core.project, &card.id, 10).await.unwrap();
        // Changes are dropped after three months.
        assert!(history.len() <= 1, "of #{}", card.number);
    }
    Some(State {
        tasks: cards.into_iter().map(|card| card.title).collect(),
        agents: agents.len(),
    })
}

async fn check(steps: Vec<Step>) {
    let core = Core::in_memory().await;
    let (service, project) = (&core.service, &core.project);
    let mut now = Some(State::default());
    // States in the trash, newest last, each with true if its project was removed.
    let mut kept: Vec<(State, bool)> = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        match (step, now.take()) {
            (Step::Task, Some(mut state)) => {
                let title = format!("Task {number}");
                let task = core.task(&title).await;
                state.tasks.push(title);
                assert_eq!(task.number as usize, state.tasks.len());
                now = Some(state);
            }
            (Step::Agent, Some(mut state)) => {
                core.register(&format!("agent-{number}"), None)
                    .await
                    .unwrap();
                state.agents += 1;
                now = Some(state);
            }
            (Step::Reset, Some(state)) => {
                service.reset_project(human(), project).await.unwrap();
                kept.push((state, false));
                now = Some(State::default());
            }
            (Step::Delete, Some(state)) => {
                service.delete_project(human(), project).await.unwrap();
                kept.push((state, true));
            }
            (Step::Create, None) => {
                let new = NewProject::new("alpha", "Alpha");
                service.create_project(human(), new).await.unwrap();
                now = Some(State::default());
            }
            (Step::Restore, living) => {
                let restored = service.restore_project(human(), project, None).await;
                now = match (kept.pop(), living) {
                    (Some((state, false)), Some(living)) => {
                        kept.push((living, false));
                        Some(state)
                    }
                    (Some((state, _)), None) => Some(state),
                    (Some(state), living) => {
                        kept.push(state);
                        assert!(restored.is_err());
                        living
                    }
                    (None, living) => {
                        assert!(restored.is_err());
                        living
                    }
                };
            }
            (Step::Month, living) => {
                core.clock.advance(TRASH_MS);
                kept.clear();
                service.sweep().await.unwrap();
                now = living;
            }
            (Step::Sweep, living) => {
                service.sweep().await.unwrap();
                now = living;
            }
            (_, living) => now = living,
        }
        let oldest = kept
            .len()
            .saturating_sub(tasktree_server::limits::TRASH_PER_PROJECT);
        kept.drain(..oldest);
        assert_eq!(seen(&core).await, now, "after step {number}, {step:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_project_has_only_what_came_into_it_in_this_life(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        runtime.block_on(check(steps));
    }
}
