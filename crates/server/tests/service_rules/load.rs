//! The cost of large requests for the single writer, counted in operations on rows: a clock would
//! measure the machine.

use std::sync::Arc;

use tasktree_protocol::project::NewProject;
use tasktree_protocol::{AgentStatus, Maybe, NewTask, Status, StreamId, Task, TaskId, TaskPatch};
use tasktree_server::domain::import::{ImportReport, ImportedTask};
use tasktree_server::domain::{AgentPatch, NewLogLines, NewMessage, Plan};
use tasktree_server::error::{Error, Result};
use tasktree_server::limits::{Answers, IMPORT_CHUNK_TASKS, Limits, PAGE_BYTES};
use tasktree_server::service::{IdempotencyKey, WriteContext};
use tasktree_server::store::{Read, ReadyPlace, SqliteStore, Store};

use crate::claims::{report, status};
use crate::core_support::{Core, Told, human};
use crate::tasks::{fields, update};

/// Creates a core, and the store whose operations are counted.
async fn counted() -> (Core, Arc<SqliteStore>) {
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    (Core::over(store.clone()).await, store)
}

pub(crate) fn after(number: usize, needs: impl IntoIterator<Item = usize>) -> ImportedTask {
    let needs = needs.into_iter().map(|need| need.to_string());
    ImportedTask {
        source: number.to_string(),
        title: format!("Task {number}"),
        dependencies: needs.collect(),
        ..ImportedTask::default()
    }
}

/// Returns tasks that each depend on the one before.
pub(crate) fn chain(length: usize) -> Vec<ImportedTask> {
    let one = |number: usize| after(number, (number > 1).then(|| number - 1));
    (1..=length).map(one).collect()
}

pub(crate) async fn import(core: &Core, tasks: Vec<ImportedTask>) -> Result<ImportReport> {
    let imported = core
        .service
        .import_tasks(human(), &core.project, tasks, false)
        .await;
    imported.map(|receipt| receipt.value)
}

pub(crate) async fn tasks(core: &Core) -> Vec<Task> {
    core.service.list_tasks(&core.project).await.unwrap().value
}

fn ids(numbers: std::ops::RangeInclusive<usize>) -> Vec<TaskId> {
    let ids = numbers.map(|number| TaskId::from(number.to_string()));
    ids.collect()
}

/// Returns the number of operations of one report, on a board where so many agents need attention.
async fn operations_of_a_report(agents: usize) -> u64 {
    let (core, store) = counted().await;
    core.task("Nobody claims it").await;
    for number in 0..agents {
        let id = format!("agent{number}");
        core.register(&id, None).await.unwrap();
        let asks = AgentPatch {
            status: Maybe::Value(AgentStatus::Waiting),
            ..AgentPatch::default()
        };
        report(&core, &id, asks).await.unwrap();
    }
    let before = store.metrics().operations();
    report(&core, "agent0", status(AgentStatus::Working))
        .await
        .unwrap();
    store.metrics().operations() - before
}

#[tokio::test]
async fn a_report_costs_the_same_however_many_agents_need_attention() {
    let few = operations_of_a_report(1).await;
    assert_eq!(operations_of_a_report(100).await, few);
}

#[tokio::test]
async fn a_plan_of_many_dependencies_reads_them_once() {
    let (core, store) = counted().await;
    import(&core, chain(500)).await.unwrap();
    let new = NewTask {
        title: "In the plan".to_owned(),
        dependencies: ids(1..=500),
        ..NewTask::default()
    };
    let plan = Plan {
        plan: "Much to do".to_owned(),
        tasks: vec![new; 60],
    };
    let before = store.metrics().operations();
    core.service
        .store_plan(human(), &core.project, plan)
        .await
        .unwrap();
    let operations = store.metrics().operations() - before;
    assert!(operations < 60 * 12, "{operations} for 60 tasks");
    let made = tasks(&core).await.pop().unwrap();
    assert_eq!((made.dependencies.len(), made.blocked_by.len()), (500, 500));
}

#[tokio::test]
async fn parts_of_parts_are_planned_without_reading_what_they_are_parts_of() {
    let (core, store) = counted().await;
    let mut part = NewTask {
        title: "Part".to_owned(),
        ..NewTask::default()
    };
    for _ in 0..15 {
        let made = core
            .service
            .create_task(human(), &core.project, part.clone());
        part.parent = Some(made.await.unwrap().value.id);
    }
    let plan = Plan {
        plan: "Much to do".to_owned(),
        tasks: vec![part; 60],
    };
    let before = store.metrics().operations();
    let stored = core
        .service
        .store_plan(human(), &core.project, plan.clone());
    stored.await.unwrap();
    let operations = store.metrics().operations() - before;
    assert!(operations < 60 * 14, "{operations} for 60 tasks");
    // A removed task, which may be restored, counts all the same.
    let task = |number: &str| TaskId::from(number);
    let second = task("2");
    let removed = core.service.delete_task(human(), &core.project, &second);
    removed.await.unwrap();
    let below = |number: &str| NewTask {
        title: "Part".to_owned(),
        parent: Some(task(number)),
        ..NewTask::default()
    };
    let made = |number: &str| {
        core.service
            .create_task(human(), &core.project, below(number))
    };
    made("3").await.unwrap();
    let refused = fields(made("2").await.unwrap_err());
    assert_eq!(refused[0].kind, "unknown_task");
    let refused = fields(made("16").await.unwrap_err());
    assert_eq!(refused[0].kind, "too_deep");
}

#[tokio::test]
async fn a_dense_import_costs_what_its_tasks_do() {
    let (core, store) = counted().await;
    let dense: Vec<_> = (1..=300).map(|number| after(number, 1..number)).collect();
    let before = store.metrics().operations();
    let report = import(&core, dense.clone()).await.unwrap();
    let operations = store.metrics().operations() - before;
    assert_eq!((report.created.len(), report.warnings.len()), (300, 0));
    assert!(operations < 300 * 8, "{operations} for 300 tasks");
    assert_eq!(tasks(&core).await[299].dependencies.len(), 299);
    let again = import(&core, dense).await.unwrap();
    assert_eq!(again.unchanged.len(), 300);
}

#[tokio::test]
async fn a_long_chain_is_imported_and_a_circle_in_it_is_found_in_one_pass() {
    const LENGTH: usize = 16_000;
    let (core, store) = counted().await;
    let mut ring = chain(LENGTH);
    ring[0].dependencies = vec![LENGTH.to_string()];
    let before = store.metrics().operations();
    let report = import(&core, ring).await.unwrap();
    let operations = store.metrics().operations() - before;
    assert_eq!((report.created.len(), report.warnings.len()), (LENGTH, 1));
    assert!(operations < LENGTH as u64 * 4, "{operations}");
    let before = store.metrics().operations();
    let closing = TaskPatch {
        dependencies: Maybe::Value(ids(LENGTH - 1..=LENGTH - 1)),
        ..TaskPatch::default()
    };
    // Dependencies that the import left out are refused by hand too.
    let last = LENGTH.to_string();
    let errors = fields(update(&core, &last, closing).await.unwrap_err());
    assert_eq!(errors[0].kind, "cycle");
    let operations = store.metrics().operations() - before;
    assert!(operations < 20, "{operations} for one change");
}

#[tokio::test]
async fn a_change_of_dependencies_costs_the_same_however_many_there_are() {
    let (core, store) = counted().await;
    import(&core, chain(600)).await.unwrap();
    let mut costs = Vec::new();
    for count in [5, 500] {
        let patch = TaskPatch {
            dependencies: Maybe::Value(ids(1..=count)),
            ..TaskPatch::default()
        };
        let before = store.metrics().operations();
        let task = update(&core, "600", patch).await.unwrap();
        costs.push(store.metrics().operations() - before);
        assert_eq!(task.blocked_by.len(), count);
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn dependencies_of_a_project_and_of_a_plan_are_limited() {
    let limits = Limits {
        dependencies_per_project: 4,
        dependencies_per_plan: 3,
        ..Limits::default()
    };
    let core = Core::with(Arc::new(SqliteStore::in_memory().unwrap()), limits).await;
    import(&core, chain(3)).await.unwrap();
    core.task_after("Fourth", &["1", "2"]).await;
    let new = NewTask {
        title: "Fifth".to_owned(),
        dependencies: ids(1..=1),
        ..NewTask::default()
    };
    let refused = core
        .service
        .create_task(human(), &core.project, new.clone())
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, Error::Refused(text) if text.contains("number of dependencies (4)"))
    );
    let more = TaskPatch {
        dependencies: Maybe::Value(ids(1..=3)),
        ..TaskPatch::default()
    };
    assert!(update(&core, "4", more).await.is_err());
    assert!(import(&core, vec![after(9, [1])]).await.is_err());
    let fewer = TaskPatch {
        dependencies: Maybe::Value(ids(1..=1)),
        ..TaskPatch::default()
    };
    update(&core, "4", fewer).await.unwrap();
    import(&core, vec![after(9, [1])]).await.unwrap();
    let plan = Plan {
        plan: String::new(),
        tasks: vec![new; 4],
    };
    let stored = core.service.store_plan(human(), &core.project, plan).await;
    assert_eq!(fields(stored.unwrap_err())[0].kind, "too_many_dependencies");
    // Reset and restored dependencies are counted with their project.
    core.service
        .reset_project(human(), &core.project)
        .await
        .unwrap();
    import(&core, chain(5)).await.unwrap();
    core.service
        .restore_project(human(), &core.project, None)
        .await
        .unwrap();
    assert!(import(&core, vec![after(10, [1])]).await.is_err());
}

#[tokio::test]
async fn a_large_import_appears_at_once_and_everybody_fetches_it() {
    let core = Core::in_memory().await;
    let many = chain(IMPORT_CHUNK_TASKS + 1);
    let before = core.service.list_cards(&core.project).await.unwrap().cursor;
    let context = WriteContext {
        idempotency: Some(IdempotencyKey::request("once", &[b"import"])),
        ..human()
    };
    let import = |context: WriteContext| {
        let (service, project, many) = (core.service.clone(), core.project.clone(), many.clone());
        async move { service.import_tasks(context, &project, many, false).await }
    };
    let receipt = import(context.clone()).await.unwrap();
    let told = core.told.take();
    assert!(matches!(&told[0], Told::Reset(_, cursor) if cursor.epoch != before.epoch));
    assert!(matches!(&told[1], Told::Event(event) if event.kind == "task_created"));
    assert_eq!(told.len(), 2);
    let after = core.service.list_cards(&core.project).await.unwrap();
    assert_eq!(after.cursor, receipt.cursor);
    assert_eq!(after.value.len(), many.len());
    let history = core
        .service
        .history(&core.project, &"1".into(), 10)
        .await
        .unwrap();
    assert_eq!(history[0].kind, "task_created");
    let again = import(context).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.value, receipt.value);
    assert_eq!(core.task("After").await.number, many.len() as u64 + 1);
}

#[tokio::test]
async fn a_chain_that_its_source_turned_round_is_turned_round_here() {
    let core = Core::in_memory().await;
    let length = IMPORT_CHUNK_TASKS * 2 + 1;
    import(&core, chain(length)).await.unwrap();
    let turned = (1..=length).map(|number| after(number, (number < length).then_some(number + 1)));
    let report = import(&core, turned.collect()).await.unwrap();
    assert_eq!((report.updated.len(), report.warnings.len()), (length, 0));
    for task in tasks(&core).await {
        let next =
            (task.number < length as u64).then(|| TaskId::new(task.number + 1, &core.project));
        assert_eq!(
            task.dependencies,
            Vec::from_iter(next),
            "of #{}",
            task.number
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_write_while_a_large_import_runs() {
    let core = Core::in_memory().await;
    core.service
        .create_project(human(), NewProject::new("beta", "Beta"))
        .await
        .unwrap();
    let service = core.service.clone();
    let project = core.project.clone();
    let many = chain(IMPORT_CHUNK_TASKS * 10);
    let running =
        tokio::spawn(async move { service.import_tasks(human(), &project, many, false).await });
    let mut between = 0;
    while !running.is_finished() {
        let new = NewTask {
            title: "Another".to_owned(),
            ..NewTask::default()
        };
        core.service
            .create_task(human(), &"beta".into(), new)
            .await
            .unwrap();
        between += u32::from(!running.is_finished());
    }
    running.await.unwrap().unwrap();
    assert!(between >= 5, "only {between} writes came between");
}

#[tokio::test]
async fn what_a_crash_left_of_an_import_is_gone_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tasktree.db");
    let core = Core::over(Arc::new(SqliteStore::open(&path).unwrap())).await;
    core.task("Mine").await;
    drop(core);
    let columns = "project, title, status, branch, session, dependencies, priority, merge_order, created_at, \
                   updated_at, rev, owned_files, shared_files, creates_files, exclusive_files, initialization_deps";
    let staged = format!(
        "INSERT INTO tasks (number, {columns}) SELECT 2, {columns} FROM tasks; \
         INSERT INTO stagings VALUES ('alpha', 2, 5);"
    );
    execute(&path, &staged);
    let store = SqliteStore::open(&path).unwrap();
    drop(store);
    assert_eq!(count(&path, "SELECT COUNT(*) FROM tasks"), 1);
    assert_eq!(count(&path, "SELECT COUNT(*) FROM stagings"), 0);
}

fn execute(path: &std::path::Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
}

fn count(path: &std::path::Path, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn the_writer_does_not_go_through_tasks_that_are_not_ready() {
    let (core, store) = counted().await;
    let statuses = [Status::Unclaimed, Status::UpNext, Status::UpNext];
    for (priority, status) in (1_u32..).zip(statuses) {
        for priority in [priority, 0] {
            let new = NewTask {
                title: "A task".to_owned(),
                status,
                priority,
                ..NewTask::default()
            };
            core.service
                .create_task(human(), &core.project, new)
                .await
                .unwrap();
        }
    }
    let project = core.project.clone();
    let (answer, offered) = tokio::sync::oneshot::channel();
    let look = move |rows: Result<&dyn Read>| {
        let rows = rows.unwrap();
        let mut offered = Vec::new();
        let mut from: Option<ReadyPlace> = None;
        // Tasks before the place are not looked at again, though they are ready.
        while let Some(place) = rows.next_ready(&project, from.as_ref()).unwrap() {
            offered.push(place.number);
            from = Some(ReadyPlace {
                number: place.number + 1,
                ..place
            });
        }
        answer.send(offered).unwrap();
    };
    store.read(Box::new(look)).await;
    assert_eq!(offered.await.unwrap(), [3, 5, 4, 6, 1, 2]);
}

#[tokio::test]
async fn kept_answers_are_bounded_and_a_large_one_is_answered_with_the_row_as_it_is() {
    let limits = Limits {
        answers_per_caller: Answers {
            count: 20,
            bytes: 8 << 10,
        },
        ..Limits::default()
    };
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let core = Core::with(store.clone(), limits).await;
    let keyed = |key: usize| WriteContext {
        idempotency: Some(IdempotencyKey::request(&key.to_string(), &[b"a request"])),
        ..human()
    };
    let new = NewTask {
        title: "With a long text".to_owned(),
        prompt: Some("x".repeat(200 << 10)),
        ..NewTask::default()
    };
    let create = |key: usize| {
        core.service
            .create_task(keyed(key), &core.project, new.clone())
    };
    for key in 1..=30 {
        assert!(!create(key).await.unwrap().replayed);
    }
    let title = TaskPatch {
        title: Maybe::Value("Changed since".to_owned()),
        ..TaskPatch::default()
    };
    update(&core, "30", title).await.unwrap();
    let again = create(30).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.value.title, "Changed since");
    assert_eq!(again.value.prompt, new.prompt);
    core.service
        .delete_task(human(), &core.project, &"30".into())
        .await
        .unwrap();
    assert_eq!(create(30).await.unwrap().value.number, 30);
    assert_eq!(tasks(&core).await.len(), 29);
    let totals = |owner: &str| {
        let owner = owner.to_owned();
        let (answer, outcome) = tokio::sync::oneshot::channel();
        let store = store.clone();
        async move {
            let read = Box::new(move |rows: Result<&dyn tasktree_server::store::Read>| {
                let _ = answer.send(rows.and_then(|rows| rows.answer(&owner)));
            });
            store.read(read).await;
            outcome.await.unwrap().unwrap()
        }
    };
    assert!(
        totals("request/-/human:local/10").await.is_none(),
        "the oldest go"
    );
    let kept = totals("request/-/human:local/11").await.unwrap();
    assert!(kept.answer.len() < 200, "{}", kept.answer);
}

#[tokio::test]
async fn a_long_report_is_kept_shortened_and_its_import_is_not_made_twice() {
    let core = Core::in_memory().await;
    let context = || WriteContext {
        idempotency: Some(IdempotencyKey::request("import", &[b"a request"])),
        ..human()
    };
    let import = |length: usize| {
        core.service
            .import_tasks(context(), &core.project, chain(length), false)
    };
    assert_eq!(import(3000).await.unwrap().value.created.len(), 3000);
    let again = import(3000).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.value.created.len(), 20);
    assert_eq!(tasks(&core).await.len(), 3000);
}

#[tokio::test]
async fn events_log_lines_and_messages_come_in_pages_of_bounded_size() {
    let core = Core::in_memory().await;
    for number in 0..24 {
        let plan = Plan {
            plan: format!("{number}{}", "x".repeat(250 << 10)),
            tasks: Vec::new(),
        };
        core.service
            .store_plan(human(), &core.project, plan)
            .await
            .unwrap();
    }
    let stream = StreamId::project(&core.project);
    let (mut seq, mut pages) = (0, 0);
    loop {
        let page = core.service.read_events(&stream, seq, 2000).await.unwrap();
        let bytes: usize = page.events.iter().map(|event| event.v1.len()).sum();
        assert!(bytes <= PAGE_BYTES, "{bytes}");
        for event in &page.events {
            seq += 1;
            assert_eq!(event.seq, seq);
        }
        pages += 1;
        if !page.more() {
            break;
        }
    }
    assert!(seq >= 24 && pages >= 2, "{seq} events in {pages} pages");
    core.register("ada", None).await.unwrap();
    for number in 0..80 {
        let message = NewMessage {
            from: "bob".into(),
            body: format!("{number}{}", "x".repeat(60 << 10)),
        };
        core.service
            .send_message(human(), &core.project, &"ada".into(), message)
            .await
            .unwrap();
    }
    let read = async |unread| {
        let to = "ada".into();
        let messages = core.service.messages(&core.project, &to, unread).await;
        messages.unwrap().value
    };
    let (unread, all) = (read(true).await, read(false).await);
    assert!(unread.len() < 80 && all.len() < 80);
    assert!(unread[0].body.starts_with("0x"), "from the oldest on");
    assert!(all[all.len() - 1].body.starts_with("79x"), "the newest");
    let lines = NewLogLines {
        generation: None,
        agent: None,
        task_id: None,
        level: Default::default(),
        lines: vec!["x".repeat(8 << 10); 1000],
    };
    core.service
        .add_log_lines(human(), &core.project, lines)
        .await
        .unwrap();
    let lines = core
        .service
        .log_lines(&core.project, None, 1000)
        .await
        .unwrap();
    assert!(lines.value.len() < PAGE_BYTES / (8 << 10));
}
