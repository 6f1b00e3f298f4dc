//! Tasks: fields, status, dependencies, removal.

use tasktree_protocol::{Command, Maybe, NewTask, Status, Task, TaskId, TaskPatch};
use tasktree_server::error::{Error, FieldError};
use tasktree_server::service::WriteContext;

use crate::core_support::{Core, Told, event, human, message};

pub(crate) fn to(status: Status) -> TaskPatch {
    TaskPatch {
        status: Maybe::Value(status),
        ..TaskPatch::default()
    }
}

pub(crate) async fn update(core: &Core, task: &str, patch: TaskPatch) -> Result<Task, Error> {
    let updated = core
        .service
        .update_task(human(), &core.project, &task.into(), patch, None)
        .await;
    updated.map(|receipt| receipt.value)
}

pub(crate) fn fields(error: Error) -> Vec<FieldError> {
    match error {
        Error::Invalid(fields) => fields,
        other => panic!("{other:?} names no field"),
    }
}

#[tokio::test]
async fn null_clears_a_field_and_an_absent_one_stays() {
    let core = Core::in_memory().await;
    core.task("First").await;
    let patch: TaskPatch = serde_json::from_str(
        r#"{"description": "a\nb", "prompt": "p", "session": "s", "branch": "b"}"#,
    )
    .unwrap();
    update(&core, "1", patch).await.unwrap();
    core.told.take();
    let patch: TaskPatch =
        serde_json::from_str(r#"{"description": null, "session": null, "branch": null}"#).unwrap();
    let task = update(&core, "1-alpha", patch).await.unwrap();
    assert_eq!(
        (task.description, task.session, task.prompt),
        (None, None, Some("p".to_owned()))
    );
    assert_eq!((task.branch.as_str(), task.rev), ("task-1", 3));
    let told = core.told.events();
    assert_eq!(
        message(&told[0]).changed,
        ["description", "branch", "session"]
    );
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_no_event_and_no_version() {
    let core = Core::in_memory().await;
    let before = core.task("First").await;
    core.told.take();
    let patch = TaskPatch {
        title: Maybe::Value("First".to_owned()),
        ..to(Status::Unclaimed)
    };
    assert_eq!(update(&core, "1", patch).await.unwrap(), before);
    assert_eq!(
        update(&core, "1", TaskPatch::default()).await.unwrap(),
        before
    );
    assert!(core.told.take().is_empty());
}

#[tokio::test]
async fn everything_that_is_wrong_is_named_by_its_field() {
    let core = Core::in_memory().await;
    let new = NewTask {
        title: " \n".to_owned(),
        description: Some("x".repeat(64 * 1024 + 1)),
        priority: 10_000,
        owned_files: vec![String::new(); 501],
        shared_files: vec!["é".repeat(1024), "é".repeat(1025)],
        ..NewTask::default()
    };
    let error = core
        .service
        .create_task(human(), &core.project, new)
        .await
        .unwrap_err();
    let names: Vec<_> = fields(error).into_iter().map(|error| error.field).collect();
    assert_eq!(
        names,
        [
            "title",
            "description",
            "priority",
            "owned_files",
            "shared_files.1"
        ]
    );
    core.task("First").await;
    let patch: TaskPatch = serde_json::from_str(r#"{"title": null, "status": null}"#).unwrap();
    let errors = fields(update(&core, "1", patch).await.unwrap_err());
    assert_eq!(
        errors
            .iter()
            .map(|error| error.field.as_str())
            .collect::<Vec<_>>(),
        ["title", "status"]
    );
    assert_eq!(
        core.service
            .task(&core.project, &"1".into())
            .await
            .unwrap()
            .value
            .rev,
        1
    );
}

#[tokio::test]
async fn an_old_version_is_refused_with_the_row_as_it_is() {
    let core = Core::in_memory().await;
    core.task("First").await;
    update(&core, "1", to(Status::UpNext)).await.unwrap();
    let merge = async |rev| {
        let id = "1".into();
        let patch = to(Status::Merged);
        core.service
            .update_task(human(), &core.project, &id, patch, Some(rev))
            .await
    };
    let Err(Error::Conflict { current, .. }) = merge(1).await else {
        panic!("it should conflict")
    };
    assert_eq!((current.rev, current.status), (2, Status::UpNext));
    assert_eq!(merge(2).await.unwrap().value.status, Status::Merged);
}

#[tokio::test]
async fn times_and_session_follow_the_status() {
    let core = Core::in_memory().await;
    core.task("First").await;
    let step = async |status| {
        core.clock.advance(1000);
        update(&core, "1", to(status)).await.unwrap()
    };
    let working = step(Status::InProgress).await;
    assert_eq!(working.status_changed_at, Some(core.service.now()));
    let done = step(Status::Completed).await;
    assert_eq!(
        (done.completed_at, done.merged_at),
        (Some(core.service.now()), None)
    );
    let merged = step(Status::Merged).await;
    assert_eq!(
        (merged.completed_at, merged.merged_at),
        (done.completed_at, Some(core.service.now()))
    );
    let back = step(Status::Unclaimed).await;
    assert_eq!((back.completed_at, back.merged_at), (None, None));
    let merged = step(Status::Merged).await;
    assert_eq!(
        merged.completed_at,
        Some(core.service.now()),
        "it was completed at the latest now"
    );

    let session = TaskPatch {
        session: Maybe::Value("s".to_owned()),
        ..to(Status::InProgress)
    };
    assert_eq!(
        update(&core, "1", session)
            .await
            .unwrap()
            .session
            .as_deref(),
        Some("s")
    );
    assert_eq!(
        update(&core, "1", to(Status::Completed))
            .await
            .unwrap()
            .session
            .as_deref(),
        Some("s")
    );
    assert_eq!(
        update(&core, "1", to(Status::UpNext))
            .await
            .unwrap()
            .session,
        None
    );
}

#[tokio::test]
async fn a_removed_task_is_gone_until_it_is_brought_back_and_its_number_is_not_given_again() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.told.take();
    let id = TaskId::from("1-alpha");
    core.service
        .delete_task(human(), &core.project, &"1".into())
        .await
        .unwrap();
    let again = core.service.delete_task(human(), &core.project, &id).await;
    assert!(matches!(again, Err(Error::NotFound(text)) if text == "Task '1-alpha' not found"));
    assert!(core.service.task(&core.project, &id).await.is_err());
    assert_eq!(core.task("Second").await.number, 2);
    let restored = core
        .service
        .restore_task(human(), &core.project, &id)
        .await
        .unwrap()
        .value;
    assert_eq!((restored.title.as_str(), restored.rev), ("First", 3));
    assert_eq!(
        core.told.kinds(),
        ["task_deleted", "task_created", "task_created"]
    );
    // A second restore changes nothing.
    core.service
        .restore_task(human(), &core.project, &id)
        .await
        .unwrap();
    assert!(core.told.take().is_empty());
    let history = core.service.history(&core.project, &id, 10).await.unwrap();
    let kinds: Vec<_> = history.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, ["task_created", "task_deleted", "task_created"]);
    assert_eq!(history[0].actor.as_deref(), Some("human:local"));
}

#[tokio::test]
async fn tasks_are_sorted_by_priority_with_none_last_then_by_number() {
    let core = Core::in_memory().await;
    for priority in [0, 2, 1, 2] {
        let new = NewTask {
            title: "Task".to_owned(),
            priority,
            ..NewTask::default()
        };
        core.service
            .create_task(human(), &core.project, new)
            .await
            .unwrap();
    }
    let numbers = |numbers: Vec<u64>| assert_eq!(numbers, [3, 2, 4, 1]);
    let tasks = core.service.list_tasks(&core.project).await.unwrap().value;
    numbers(tasks.iter().map(|task| task.number).collect());
    let cards = core.service.list_cards(&core.project).await.unwrap().value;
    numbers(cards.iter().map(|card| card.number).collect());
}

#[tokio::test]
async fn the_log_has_the_card_and_a_legacy_client_gets_the_whole_task() {
    let core = Core::in_memory().await;
    let new = NewTask {
        title: "First".to_owned(),
        description: Some("A long text".to_owned()),
        ..NewTask::default()
    };
    let task = core
        .service
        .create_task(human(), &core.project, new)
        .await
        .unwrap()
        .value;
    let told = core.told.events();
    assert!(!String::from_utf8_lossy(&told[0].v1).contains("A long text"));
    let legacy: serde_json::Value = serde_json::from_slice(told[0].legacy_frame()).unwrap();
    assert_eq!(legacy["data"], serde_json::to_value(&task).unwrap());
    assert_eq!(legacy["type"], "task_created");
    assert_eq!(legacy["project_id"], "alpha");
    let sent = message(&told[0]);
    assert_eq!(
        (sent.seq, sent.actor.as_deref()),
        (Some(1), Some("human:local"))
    );
    assert_eq!(event(&told[0]).rows()[0], (&task).into());
}

#[tokio::test]
async fn a_command_is_executed_once_and_its_events_name_it() {
    let core = Core::in_memory().await;
    let task = NewTask {
        title: "First".to_owned(),
        ..NewTask::default()
    };
    let command = Command::CreateTask {
        project_id: core.project.clone(),
        task,
        bound: None,
    };
    let send = async || {
        let context =
            WriteContext::command(tasktree_server::actor::Actor::local(), "cmd-1", &command)
                .unwrap();
        core.service
            .execute(context, command.clone())
            .await
            .unwrap()
    };
    let first = send().await;
    let second = send().await;
    assert_eq!(
        (&first.value, &first.cursor),
        (&second.value, &second.cursor)
    );
    assert!(second.replayed);
    assert_eq!(first.value["id"], "1-alpha");
    let told = core.told.events();
    assert_eq!(told.len(), 1);
    assert_eq!(message(&told[0]).cause.as_deref(), Some("cmd-1"));
}

#[tokio::test]
async fn a_reset_of_tasks_leaves_merged_ones_and_carries_the_rows() {
    let core = Core::in_memory().await;
    for (number, status) in [
        Status::Unclaimed,
        Status::InProgress,
        Status::Completed,
        Status::Merged,
    ]
    .into_iter()
    .enumerate()
    {
        core.task("Task").await;
        update(&core, &(number + 1).to_string(), to(status))
            .await
            .unwrap();
    }
    core.told.take();
    let reset = core
        .service
        .reset_agent_tasks(human(), &core.project)
        .await
        .unwrap()
        .value;
    assert_eq!(reset.reset_count, 2);
    let told = core.told.take();
    assert!(matches!(&told[..], [Told::Event(one)] if event(one).rows().len() == 2));
    let cards = core.service.list_cards(&core.project).await.unwrap().value;
    let open = |status| cards.iter().filter(|card| card.status == status).count();
    assert_eq!((open(Status::Unclaimed), open(Status::Merged)), (3, 1));
    let history = core
        .service
        .history(&core.project, &"2".into(), 10)
        .await
        .unwrap();
    assert_eq!(
        (history[0].kind.as_str(), history[0].status),
        ("tasks_reset", Some(Status::Unclaimed))
    );
    let untouched = core
        .service
        .history(&core.project, &"1".into(), 10)
        .await
        .unwrap();
    assert_eq!(untouched.len(), 1);
}
