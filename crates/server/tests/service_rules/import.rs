//! Import by source.

use tasktree_protocol::{Maybe, Status, TaskPatch};
use tasktree_server::domain::import::{ImportReport, ImportedTask};

use crate::core_support::{Core, human};

fn from(source: &str, title: &str, needs: &[&str]) -> ImportedTask {
    ImportedTask {
        source: source.to_owned(),
        title: title.to_owned(),
        dependencies: needs.iter().map(|need| (*need).to_owned()).collect(),
        ..ImportedTask::default()
    }
}

async fn import(core: &Core, tasks: &[ImportedTask], dry_run: bool) -> ImportReport {
    let receipt = core
        .service
        .import_tasks(human(), &core.project, tasks.to_vec(), dry_run)
        .await;
    receipt.unwrap().value
}

#[tokio::test]
async fn an_import_is_idempotent_and_a_dry_run_says_the_same_and_does_nothing() {
    let core = Core::in_memory().await;
    core.task("Here before").await;
    core.told.take();
    let tasks = [
        from("t/1", "First\nline", &["t/2"]),
        from("t/2", "Second", &[]),
    ];
    let dry = import(&core, &tasks, true).await;
    assert!(core.told.take().is_empty());
    let report = import(&core, &tasks, false).await;
    assert_eq!(dry, report);
    assert_eq!(report.created, ["2-alpha".into(), "3-alpha".into()]);
    assert_eq!(core.told.kinds(), ["task_created", "task_created"]);
    let first = core
        .service
        .task(&core.project, &"2".into())
        .await
        .unwrap()
        .value;
    assert_eq!(
        (first.title.as_str(), first.branch.as_str()),
        ("First line", "task-2")
    );
    assert_eq!(
        first.dependencies,
        ["3-alpha".into()],
        "a task may depend on a later one"
    );
    let again = import(&core, &tasks, false).await;
    assert_eq!(
        (
            again.created.len(),
            again.updated.len(),
            again.unchanged.len()
        ),
        (0, 0, 2)
    );
    assert!(core.told.take().is_empty());
    assert_eq!(core.task("After").await.number, 4);
}

#[tokio::test]
async fn what_was_changed_here_is_kept_where_the_source_did_not_change_it() {
    let core = Core::in_memory().await;
    import(&core, &[from("t/1", "First", &[])], false).await;
    let patch = TaskPatch {
        status: Maybe::Value(Status::InProgress),
        title: Maybe::Value("Mine".to_owned()),
        ..TaskPatch::default()
    };
    core.service
        .update_task(human(), &core.project, &"1".into(), patch, None)
        .await
        .unwrap();
    core.told.take();
    assert_eq!(
        import(&core, &[from("t/1", "First", &[])], false)
            .await
            .unchanged
            .len(),
        1
    );
    assert!(core.told.take().is_empty());
    let changed = ImportedTask {
        priority: 2,
        ..from("t/1", "Theirs", &[])
    };
    assert_eq!(import(&core, &[changed], false).await.updated.len(), 1);
    let task = core
        .service
        .task(&core.project, &"1".into())
        .await
        .unwrap()
        .value;
    assert_eq!(
        (task.title.as_str(), task.priority),
        ("Theirs", 2),
        "the source said something new"
    );
    assert_eq!(
        task.status,
        Status::InProgress,
        "it said nothing new of the status"
    );
}

#[tokio::test]
async fn what_cannot_be_taken_over_is_reported() {
    let core = Core::in_memory().await;
    let tasks = [
        from("1", "First", &["2", "9"]),
        from("2", "Second", &["3"]),
        from("3", "Third", &["1"]),
        from("3", "Third again", &[]),
    ];
    let report = import(&core, &tasks, false).await;
    assert_eq!(report.created.len(), 3);
    let has = |text: &str| report.warnings.iter().any(|warning| warning.contains(text));
    assert!(
        has("dependency 9 was not found") && has("more than once"),
        "{:?}",
        report.warnings
    );
    assert!(has("cycle: #3 -> #1 -> #2 -> #3"), "{:?}", report.warnings);
    core.service
        .delete_task(human(), &core.project, &"2".into())
        .await
        .unwrap();
    let report = import(&core, &tasks, false).await;
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains("was removed from the project"))
    );
    assert_eq!(
        core.service
            .list_cards(&core.project)
            .await
            .unwrap()
            .value
            .len(),
        2
    );
}

#[tokio::test]
async fn what_waits_for_others_is_not_in_progress_after_an_import() {
    let core = Core::in_memory().await;
    let named = |source: &str, status: Status, needs: &[&str]| ImportedTask {
        status,
        ..from(source, source, needs)
    };
    let tasks = [
        named("open", Status::Unclaimed, &[]),
        named("done", Status::Completed, &[]),
        named("blocked", Status::InProgress, &["open", "done"]),
        named("free", Status::InProgress, &["done"]),
    ];
    let dry = import(&core, &tasks, true).await;
    let report = import(&core, &tasks, false).await;
    assert_eq!(dry, report);
    let warning =
        "blocked: it is blocked by #1, so it cannot be in progress; its status is now up next.";
    assert_eq!(report.warnings, [warning]);
    let status = async |number: &str| {
        let found = core.service.task(&core.project, &number.into()).await;
        found.unwrap().value.status
    };
    assert_eq!(status("3").await, Status::UpNext);
    assert_eq!(status("4").await, Status::InProgress);
    // Together with the task that it depends on, it may begin.
    let tasks = [
        named("open", Status::Completed, &[]),
        named("blocked", Status::InProgress, &["open", "done"]),
    ];
    import(&core, &tasks, false).await;
    assert_eq!(
        status("3").await,
        Status::UpNext,
        "nothing new was said of it"
    );
    import(
        &core,
        &[named("blocked", Status::Unclaimed, &["open"])],
        false,
    )
    .await;
    let report = import(
        &core,
        &[named("blocked", Status::InProgress, &["open"])],
        false,
    )
    .await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(status("3").await, Status::InProgress);
}
