//! Changes by others while a large import is stored and written.

use std::pin::Pin;
use std::sync::Arc;

use tasktree_protocol::{Maybe, ProjectId, TaskId, TaskPatch};
use tasktree_server::domain::import::ImportedTask;
use tasktree_server::error::Result;
use tasktree_server::limits::IMPORT_CHUNK_TASKS;
use tasktree_server::service::Service;

use crate::core_support::{Core, Told, human};
use crate::import_failures::{Meddling, failing_at, left, renamed, writes_of};
use crate::load::{after, chain, import, tasks};

type Done = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Creates a store with tasks, and lets others change it before one of the last writes of an
/// import. The last one answers; before it come the parts, and before them the import is published.
async fn overtaken(
    before: impl AsyncFn(&Core),
    import: impl AsyncFn(&Core) -> Result<()>,
    from_last: u64,
    change: impl FnOnce(Service) -> Done + Send + 'static,
) -> (Arc<Meddling>, Core) {
    let last = writes_of(&before, import).await.end - 1;
    let store = failing_at(0..0);
    let core = Core::over(store.clone()).await;
    before(&core).await;
    *store.overtaking.lock().unwrap() = Some((last - from_last, Box::new(change)));
    (store, core)
}

/// Edits four tasks from a number on: a dependency, two texts, and a removal.
async fn edit(others: Service, project: ProjectId, from: u64) {
    let patch = async |number: u64, patch| {
        let task = TaskId::new(number, &project);
        let changed = others.update_task(human(), &project, &task, patch, None);
        changed.await.unwrap();
    };
    let circle = TaskPatch {
        dependencies: Maybe::Value(vec![TaskId::new(from, &project)]),
        ..TaskPatch::default()
    };
    patch(from + 1, circle).await;
    let texts = TaskPatch {
        title: Maybe::Value("Mine".to_owned()),
        description: Maybe::Value("Mine too".to_owned()),
        ..TaskPatch::default()
    };
    patch(from + 2, texts).await;
    let gone = TaskId::new(from + 3, &project);
    others.delete_task(human(), &project, &gone).await.unwrap();
}

#[tokio::test]
async fn changes_by_others_during_a_large_import_are_kept() {
    let count = IMPORT_CHUNK_TASKS + 10;
    let separate = |title: &str| -> Vec<ImportedTask> {
        let one = |number: usize| ImportedTask {
            title: format!("{title} {number}"),
            ..after(number, [])
        };
        (1..=count).map(one).collect()
    };
    // Before it is published, before its first part, and before its second part.
    for (from_last, from) in [(3, 1), (2, 1), (1, IMPORT_CHUNK_TASKS + 3)] {
        let mut changed = separate("New");
        changed[from - 1].dependencies = vec![(from + 1).to_string()];
        let before = async |core: &Core| drop(import(core, separate("Old")).await.unwrap());
        let again = async |core: &Core| import(core, changed.clone()).await.map(drop);
        let change =
            move |others: Service| -> Done { Box::pin(edit(others, "alpha".into(), from as u64)) };
        let (store, core) = overtaken(before, again, from_last, change).await;
        let report = import(&core, changed.clone()).await.unwrap();
        let expected = [
            format!("{}: it was removed during the import.", from + 3),
            format!(
                "{from}: its dependency on #{} was left out, because changes during the import \
                 would make it a cycle.",
                from + 1
            ),
        ];
        assert_eq!(report.warnings, expected);
        let all = tasks(&core).await;
        assert_eq!(all.len(), count - 1);
        assert!(all.iter().all(|task| task.title.starts_with("New ")));
        assert!(all[from - 1].dependencies.is_empty());
        let needs = TaskId::new(from as u64, &core.project);
        assert_eq!(all[from].dependencies, [needs]);
        assert_eq!(all[from + 1].description.as_deref(), Some("Mine too"));
        assert!(left(&*store, &core.project).await.is_empty());
    }
}

fn reset(others: Service) -> Done {
    Box::pin(async move {
        let project = "alpha".into();
        others.reset_project(human(), &project).await.unwrap();
    })
}

#[tokio::test]
async fn a_project_that_was_reset_during_a_large_import_stays_empty() {
    let known = IMPORT_CHUNK_TASKS + 1;
    let before = async |core: &Core| drop(import(core, chain(known)).await.unwrap());
    let again = async |core: &Core| import(core, renamed(known)).await.map(drop);
    let (_, core) = overtaken(before, again, 3, reset).await;
    let refused = again(&core).await.unwrap_err().to_string();
    assert!(refused.contains("nothing was imported"), "{refused}");
    assert!(tasks(&core).await.is_empty());
}

#[tokio::test]
async fn a_project_that_is_restored_gets_the_rest_of_its_import() {
    let known = IMPORT_CHUNK_TASKS + 1;
    let before = async |core: &Core| drop(import(core, chain(known)).await.unwrap());
    let again = async |core: &Core| import(core, renamed(known)).await.map(drop);
    let (store, core) = overtaken(before, again, 1, reset).await;
    again(&core).await.unwrap();
    assert!(tasks(&core).await.is_empty());
    assert!(left(&*store, &core.project).await.is_empty());
    core.service
        .restore_project(human(), &core.project, None)
        .await
        .unwrap();
    core.service.sweep().await.unwrap();
    let now = tasks(&core).await;
    assert!(now.iter().all(|task| task.title.starts_with("Renamed")));
    assert_eq!(now.len(), known);
    assert!(left(&*store, &core.project).await.is_empty());
}

#[tokio::test]
async fn a_large_import_of_known_tasks_shows_at_once_and_is_recorded() {
    let core = Core::in_memory().await;
    let count = IMPORT_CHUNK_TASKS + 1;
    import(&core, chain(count)).await.unwrap();
    let epoch = core
        .service
        .list_cards(&core.project)
        .await
        .unwrap()
        .cursor
        .epoch;
    core.told.take();
    import(&core, renamed(count)).await.unwrap();
    let told = core.told.take();
    assert!(matches!(&told[0], Told::Reset(_, cursor) if cursor.epoch != epoch));
    assert!(matches!(&told[1], Told::Event(event) if event.kind == "task_updated"));
    assert_eq!(told.len(), 2);
    let history = core
        .service
        .history(&core.project, &"7".into(), 10)
        .await
        .unwrap();
    let kinds: Vec<_> = history.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, ["task_updated", "task_created"]);
    assert_eq!(history[0].changed, ["title", "dependencies"]);
    // A few changes have their events, and nobody fetches anything.
    let mut few = renamed(count);
    few[4].title = "Another".to_owned();
    import(&core, few).await.unwrap();
    let told = core.told.take();
    assert!(matches!(&told[..], [Told::Event(event)] if event.kind == "task_updated"));
}
