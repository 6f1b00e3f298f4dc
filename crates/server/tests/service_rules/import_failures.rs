//! Large imports, one of whose writes fails.

use std::ops::Range;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::json;
use tasktree_protocol::{ProjectId, Task, TaskId};
use tasktree_server::domain::import::{ImportReport, ImportedTask, Upload};
use tasktree_server::error::{Error, Result};
use tasktree_server::limits::{IMPORT_CHUNK_TASKS, Limits};
use tasktree_server::service::{
    IdempotencyKey, ManualClock, NoPublisher, Receipt, Service, WriteContext,
};
use tasktree_server::store::{ChangeQuery, Read, ReadJob, SqliteStore, Store, WriteJob};
use tokio::sync::oneshot;

use crate::core_support::{Core, START_MS, Told, human};
use crate::load::{after, chain, import, tasks};

/// A store one of whose writes fails, or waits for another change.
pub(crate) struct Meddling {
    inner: Arc<SqliteStore>,
    writes: AtomicU64,
    /// Numbers of the writes that fail, counted from 1.
    failing: Range<u64>,
    /// Change that is made first, before the write of that number.
    pub(crate) overtaking: Mutex<Option<(u64, Change)>>,
}

/// A change by somebody else.
pub(crate) type Change =
    Box<dyn FnOnce(Service) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

#[async_trait]
impl Store for Meddling {
    async fn write(&self, job: Box<dyn WriteJob>) {
        let number = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        let is_now = |(at, _): &mut (u64, Change)| *at == number;
        let overtaking = self.overtaking.lock().unwrap().take_if(is_now);
        if let Some((_, change)) = overtaking {
            change(Service::new(self.inner.clone(), Arc::new(NoPublisher))).await;
        }
        if self.failing.contains(&number) {
            return job.finish(Err(Error::Storage {
                message: "The disk is full; nothing was changed.".to_owned(),
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
async fn a_large_import_that_fails_on_the_way_leaves_nothing_and_can_be_made_again() {
    // The first write creates the project, the second takes the numbers; the last that can fail
    // shows the tasks.
    let parts = 3;
    for failing in 2..=3 + parts {
        let core = Core::over(failing_at(failing..failing + 1)).await;
        let many = chain(IMPORT_CHUNK_TASKS * parts as usize);
        assert!(import(&core, many.clone()).await.is_err(), "at {failing}");
        assert!(tasks(&core).await.is_empty());
        assert!(core.told.take().is_empty());
        let report = import(&core, many).await.unwrap();
        assert_eq!(report.created.len(), IMPORT_CHUNK_TASKS * parts as usize);
        assert_eq!(tasks(&core).await.len(), report.created.len());
    }
}

#[tokio::test]
async fn a_large_file_that_fails_on_the_way_leaves_no_project_and_can_be_imported_again() {
    let list = || {
        let task = |number| json!({"id": number, "title": format!("Task {number}")});
        let tasks: Vec<_> = (1..=IMPORT_CHUNK_TASKS + 1).map(task).collect();
        json!({"tasks": tasks})
    };
    let file = json!({"one": list(), "two": list()}).to_string();
    let upload = Upload {
        format: "task-master".to_owned(),
        file: Some("/src/shop/tasks.json".to_owned()),
        ..Upload::default()
    };
    let mut failures = 0;
    loop {
        // The first write creates the project of the test.
        let core = Core::over(failing_at(failures + 2..failures + 3)).await;
        let import = async || {
            let (upload, bytes) = (upload.clone(), file.clone().into_bytes());
            let report = core.service.import_file(human(), upload, bytes, false);
            report.await.map(|receipt| receipt.value)
        };
        let projects = async || core.service.list_projects().await.unwrap().value.len();
        let Ok(report) = import().await else {
            assert_eq!(projects().await, 1, "at {failures}");
            assert_eq!(import().await.unwrap().projects.len(), 2);
            assert_eq!(projects().await, 3);
            failures += 1;
            continue;
        };
        assert_eq!(report.projects.len(), 2);
        break;
    }
    assert!(failures > 8, "{failures} writes could fail");
}

/// Returns the numbers of the writes that a store makes for `import` after `before`.
pub(crate) async fn writes_of(
    before: impl AsyncFn(&Core),
    import: impl AsyncFn(&Core) -> Result<()>,
) -> Range<u64> {
    let store = failing_at(0..0);
    let core = Core::over(store.clone()).await;
    before(&core).await;
    let first = store.writes.load(Ordering::Relaxed) + 1;
    import(&core).await.unwrap();
    first..store.writes.load(Ordering::Relaxed) + 1
}

/// Creates a store whose writes of those numbers fail, counted from 1.
pub(crate) fn failing_at(failing: Range<u64>) -> Arc<Meddling> {
    failing_over(SqliteStore::in_memory().unwrap(), failing)
}

fn failing_over(inner: SqliteStore, failing: Range<u64>) -> Arc<Meddling> {
    Arc::new(Meddling {
        inner: Arc::new(inner),
        writes: AtomicU64::new(0),
        failing,
        overtaking: Mutex::new(None),
    })
}

/// Returns the changes that a project records, without the time of each.
async fn recorded(core: &Core) -> Vec<(String, String)> {
    let query = ChangeQuery {
        limit: usize::MAX >> 1,
        ..ChangeQuery::default()
    };
    let page = core.service.changes(&core.project, query).await.unwrap();
    let changes = page.value.changes.into_iter();
    changes
        .map(|change| (change.subject, change.entry.kind))
        .collect()
}

/// Returns the rows that imports have left in the tables in which they wait.
pub(crate) async fn left(store: &dyn Store, project: &ProjectId) -> Vec<String> {
    let project = project.clone();
    let left = move |rows: &dyn Read| {
        let mut left: Vec<String> = rows.imports_done()?;
        left.extend(rows.import_shares()?.into_iter().map(|(_, it)| it.import));
        left.extend(rows.stagings(&project)?.iter().map(u64::to_string));
        for first in 0..rows.last_number(&project)? + 2 {
            let changes = rows.import_rows(&project, first, usize::MAX >> 1, usize::MAX)?;
            left.extend(changes.into_iter().map(|(_, data)| data));
        }
        Ok(left)
    };
    let (answer, outcome) = oneshot::channel();
    let job = move |rows: Result<&dyn Read>| answer.send(rows.and_then(left)).unwrap();
    store.read(Box::new(job)).await;
    outcome.await.unwrap().unwrap()
}

/// Returns a longer chain with other titles in reverse: known and new tasks depend on each other.
pub(crate) fn renamed(length: usize) -> Vec<ImportedTask> {
    let one = |number: usize| ImportedTask {
        title: format!("Renamed {number}"),
        ..after(number, (number < length).then_some(number + 1))
    };
    (1..=length).map(one).collect()
}

/// Imports renamed tasks by a request that can be repeated.
async fn rename(
    service: &Service,
    project: &ProjectId,
    length: usize,
) -> Result<Receipt<ImportReport>> {
    let context = WriteContext {
        idempotency: Some(IdempotencyKey::request("rename", &[b"import"])),
        ..human()
    };
    service
        .import_tasks(context, project, renamed(length), false)
        .await
}

/// Returns true if the tasks are those of [`renamed`]. Numbers of a failed import are not reused.
fn are_renamed(tasks: &[Task]) -> bool {
    let is_renamed = |(index, task): (usize, &Task)| {
        let next: Vec<TaskId> = tasks
            .get(index + 1)
            .map(|next| next.id.clone())
            .into_iter()
            .collect();
        task.title == format!("Renamed {}", index + 1) && task.dependencies == next
    };
    tasks.iter().enumerate().all(is_renamed)
}

#[tokio::test]
async fn a_large_import_of_known_tasks_that_fails_at_any_write_leaves_nothing_or_is_completed() {
    let (known, all) = (IMPORT_CHUNK_TASKS * 2, IMPORT_CHUNK_TASKS * 3);
    let before = async |core: &Core| drop(import(core, chain(known)).await.unwrap());
    for length in [known, all] {
        let again = async |core: &Core| {
            let renamed = rename(&core.service, &core.project, length).await;
            renamed.map(drop)
        };
        let (mut refused, mut completed) = (0, 0);
        for failing in writes_of(before, again).await {
            let store = failing_at(failing..failing + 1);
            let core = Core::over(store.clone()).await;
            before(&core).await;
            let (had, changes) = (tasks(&core).await, recorded(&core).await);
            core.told.take();
            let error = again(&core).await.unwrap_err().to_string();
            let mut told = core.told.take();
            let is_pending = error.contains("continues to write them");
            if is_pending {
                completed += 1;
                assert!(!left(&*store, &core.project).await.is_empty());
                if failing % 2 == 0 {
                    core.service.sweep().await.unwrap();
                    assert!(are_renamed(&tasks(&core).await));
                }
            } else {
                refused += 1;
                assert!(error.contains("nothing was changed"), "{error}");
                assert!(told.is_empty(), "at {failing}");
                assert_eq!(tasks(&core).await, had, "at {failing}");
                assert_eq!(recorded(&core).await, changes, "at {failing}");
            }
            if failing % 2 == 0 || !is_pending {
                let left = left(&*store, &core.project).await;
                assert!(left.is_empty(), "at {failing}: {left:?}");
            }
            let receipt = rename(&core.service, &core.project, length).await.unwrap();
            assert_eq!(receipt.replayed, is_pending, "at {failing}");
            let report = receipt.value;
            let counts = (report.created.len(), report.updated.len());
            assert_eq!(counts, (length - known, known), "at {failing}");
            assert!(report.warnings.is_empty(), "{:?}", report.warnings);
            told.extend(core.told.take());
            assert!(
                matches!(&told[..], [Told::Reset(..), Told::Event(event)] if event.kind == "task_updated")
            );
            let now = tasks(&core).await;
            assert_eq!(now.len(), length);
            assert!(are_renamed(&now), "at {failing}");
            let made = recorded(&core).await.len() - changes.len();
            assert_eq!(made, length, "each task has one record, at {failing}");
            assert!(left(&*store, &core.project).await.is_empty());
            let report = import(&core, renamed(length)).await.unwrap();
            assert_eq!(report.unchanged.len(), length);
        }
        assert!(refused >= 4 && completed >= 3, "{refused}, {completed}");
    }
}

#[tokio::test]
async fn an_import_that_a_crash_interrupts_is_gone_or_completed_after_the_next_start() {
    let known = IMPORT_CHUNK_TASKS * 2;
    let before = async |core: &Core| drop(import(core, chain(known)).await.unwrap());
    let again = async |core: &Core| {
        let renamed = rename(&core.service, &core.project, known).await;
        renamed.map(drop)
    };
    let mut states = Vec::new();
    for failing in writes_of(before, again).await {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tasktree.db");
        let inner = SqliteStore::open(&path).unwrap();
        let core = Core::over(failing_over(inner, failing..u64::MAX)).await;
        before(&core).await;
        again(&core).await.unwrap_err();
        let project = core.project.clone();
        drop(core);

        let store = Arc::new(SqliteStore::open(&path).unwrap());
        let clock = Arc::new(ManualClock::at(START_MS));
        let publisher = Arc::new(NoPublisher);
        let service = Service::with(store.clone(), publisher, clock, Limits::default());
        service.sweep().await.unwrap();
        assert!(left(&*store, &project).await.is_empty());
        let now = service.list_tasks(&project).await.unwrap().value;
        let is_completed = are_renamed(&now);
        assert!(is_completed || now.iter().all(|task| task.title.starts_with("Task")));
        let receipt = rename(&service, &project, known).await.unwrap();
        assert_eq!(receipt.replayed, is_completed, "at {failing}");
        assert_eq!(receipt.value.updated.len(), known);
        let now = service.list_tasks(&project).await.unwrap().value;
        assert!(are_renamed(&now));
        states.push(is_completed);
    }
    assert!(states.is_sorted() && states.contains(&false) && states.contains(&true));
}

#[tokio::test]
async fn another_import_waits_until_a_pending_one_is_completed() {
    let known = IMPORT_CHUNK_TASKS * 2;
    let before = async |core: &Core| drop(import(core, chain(known)).await.unwrap());
    let again = async |core: &Core| import(core, renamed(known)).await.map(drop);
    let last = writes_of(before, again).await.end - 1;
    // The last part fails, and again for the next import.
    let core = Core::over(failing_at(last - 1..last + 1)).await;
    before(&core).await;
    again(&core).await.unwrap_err();
    let other = |core: &Core| {
        let service = core.service.clone();
        let project = core.project.clone();
        let mut task = after(known, []);
        task.title = "Other".to_owned();
        async move {
            let tasks = vec![task];
            service.import_tasks(human(), &project, tasks, false).await
        }
    };
    let refused = other(&core).await.unwrap_err().to_string();
    assert!(refused.contains("an earlier import"), "{refused}");
    other(&core).await.unwrap();
    let mut now = tasks(&core).await;
    assert_eq!(now[known - 1].title, "Other");
    now[known - 1].title = format!("Renamed {known}");
    assert!(are_renamed(&now));
}

#[tokio::test]
async fn a_large_file_that_fails_at_any_write_changes_all_its_projects_or_none() {
    let file = |title: &str| {
        let list = |count: usize| {
            let task = |number| json!({"id": number, "title": format!("{title} {number}")});
            json!({"tasks": (1..=count).map(task).collect::<Vec<_>>()})
        };
        let (many, few) = (list(IMPORT_CHUNK_TASKS + 1), list(3));
        json!({"one": many, "two": few, "three": many}).to_string()
    };
    let import_file = async |core: &Core, title: &str| {
        let upload = Upload {
            format: "task-master".to_owned(),
            file: Some("/src/shop/tasks.json".to_owned()),
            ..Upload::default()
        };
        let context = WriteContext {
            idempotency: Some(IdempotencyKey::request(title, &[b"file"])),
            ..human()
        };
        core.service
            .import_file(context, upload, file(title).into_bytes(), false)
            .await
    };
    let titles = async |core: &Core| {
        let mut titles = Vec::new();
        for project in core.service.list_projects().await.unwrap().value {
            let tasks = core.service.list_tasks(&project.id).await.unwrap().value;
            titles.extend(tasks.into_iter().map(|task| task.title));
        }
        titles
    };
    let before = async |core: &Core| drop(import_file(core, "Old").await.unwrap());
    let again = async |core: &Core| import_file(core, "New").await.map(drop);
    let (mut refused, mut completed) = (0, 0);
    for failing in writes_of(before, again).await {
        let core = Core::over(failing_at(failing..failing + 1)).await;
        before(&core).await;
        let had = titles(&core).await;
        core.told.take();
        let error = again(&core).await.unwrap_err().to_string();
        let is_pending = error.contains("continues to write them");
        if is_pending {
            completed += 1;
            core.service.sweep().await.unwrap();
            assert!(titles(&core).await.iter().all(|it| it.starts_with("New")));
        } else {
            refused += 1;
            assert_eq!(titles(&core).await, had, "at {failing}");
            assert!(core.told.take().is_empty(), "at {failing}");
        }
        let receipt = import_file(&core, "New").await.unwrap();
        assert_eq!(receipt.replayed, is_pending, "at {failing}");
        let updated: Vec<usize> = receipt
            .value
            .projects
            .iter()
            .map(|it| it.report.updated.len())
            .collect();
        assert_eq!(updated.iter().sum::<usize>(), had.len(), "at {failing}");
        assert!(titles(&core).await.iter().all(|it| it.starts_with("New")));
    }
    assert!(refused >= 6 && completed >= 5, "{refused}, {completed}");
}
