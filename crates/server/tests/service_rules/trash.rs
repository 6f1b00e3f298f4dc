//! Removed and reset things can be restored as they were for 30 days, and then are gone.

use tasktree_protocol::project::NewProject;
use tasktree_protocol::{AgentStatus, Maybe, Status, StreamId, TaskPatch};
use tasktree_server::domain::{AgentPatch, NewMessage};
use tasktree_server::error::Error;
use tasktree_server::limits::{TRASH_MS, TRASH_PER_PROJECT};
use tasktree_server::store::TrashReason;

use crate::core_support::{Core, Told, human};

/// Creates `alpha` with two tasks, an agent at work on the first, and a message to it.
async fn at_work() -> Core {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task_after("Second", &["1-alpha"]).await;
    core.register("ada", Some("1")).await.unwrap();
    let message = NewMessage {
        from: "bob".into(),
        body: "look".into(),
    };
    core.service
        .send_message(human(), &core.project, &"ada".into(), message)
        .await
        .unwrap();
    core.told.take();
    core
}

/// Returns everything that a reader can see of `alpha`, and its history.
async fn seen(core: &Core) -> String {
    let service = &core.service;
    let project = service.project(&core.project).await.unwrap().value;
    let tasks = service.list_tasks(&core.project).await.unwrap().value;
    let agents = service.list_agents(&core.project).await.unwrap().value;
    let history = service
        .history(&core.project, &"1".into(), 100)
        .await
        .unwrap();
    format!("{project:?} {tasks:?} {agents:?} {history:?}")
}

#[tokio::test]
async fn a_removed_project_comes_back_as_it_was_under_another_epoch() {
    let core = at_work().await;
    let before = seen(&core).await;
    let stream = StreamId::project(&core.project);
    let stood = core
        .service
        .stream_position(&stream)
        .await
        .unwrap()
        .unwrap();
    core.service
        .delete_project(human(), &core.project)
        .await
        .unwrap();
    assert!(core.service.list_projects().await.unwrap().value.is_empty());
    let kept = core.service.list_trash().await.unwrap().value;
    assert_eq!(
        (kept.len(), kept[0].why, kept[0].by.as_str()),
        (1, TrashReason::Deleted, "human:local")
    );
    // Nothing is found by its key: it is no project.
    let key = kept[0].key.as_str();
    assert!(matches!(
        core.service.project(&key.into()).await,
        Err(Error::NotFound(_))
    ));
    assert!(matches!(
        core.service.list_tasks(&key.into()).await,
        Err(Error::NotFound(_))
    ));
    assert_eq!(
        core.service.stream_position(&key.into()).await.unwrap(),
        None
    );
    core.told.take();

    core.service
        .restore_project(human(), &core.project, None)
        .await
        .unwrap();
    assert_eq!(seen(&core).await, before);
    let told = core.told.take();
    let stands = core
        .service
        .stream_position(&stream)
        .await
        .unwrap()
        .unwrap();
    assert!(stands.epoch != stood.epoch && stands.seq == stood.seq);
    assert!(matches!(&told[0], Told::Reset(of, cursor) if *of == stream && *cursor == stands));
    assert!(matches!(&told[1], Told::Event(event) if event.kind == "project_created"));
    assert_eq!(core.task("Third").await.number, 3, "numbers go on");
    assert!(core.service.list_trash().await.unwrap().value.is_empty());
}

#[tokio::test]
async fn a_reset_is_undone_in_place_and_what_was_there_instead_is_kept_in_turn() {
    let core = at_work().await;
    let before = seen(&core).await;
    core.service
        .reset_project(human(), &core.project)
        .await
        .unwrap();
    assert!(
        core.service
            .list_tasks(&core.project)
            .await
            .unwrap()
            .value
            .is_empty()
    );
    assert_eq!(core.task("After the reset").await.number, 1);
    core.told.take();
    core.service
        .restore_project(human(), &core.project, None)
        .await
        .unwrap();
    assert_eq!(seen(&core).await, before);
    let kinds = core.told.kinds();
    assert_eq!(kinds, ["project_reset"]);
    let kept = core.service.list_trash().await.unwrap().value;
    assert_eq!(kept.len(), 1);
    let key = Some(kept[0].key.clone());
    core.service
        .restore_project(human(), &core.project, key)
        .await
        .unwrap();
    let tasks = core.service.list_tasks(&core.project).await.unwrap().value;
    assert_eq!(tasks[0].title, "After the reset");
}

#[tokio::test]
async fn another_project_of_the_same_name_is_not_overwritten_by_one_that_comes_back() {
    let core = at_work().await;
    core.service
        .delete_project(human(), &core.project)
        .await
        .unwrap();
    core.service
        .create_project(human(), NewProject::new("alpha", "Another"))
        .await
        .unwrap();
    core.task("Of the other").await;
    let refused = core
        .service
        .restore_project(human(), &core.project, None)
        .await;
    assert!(matches!(refused, Err(Error::Exists(_))), "{refused:?}");
    let tasks = core.service.list_tasks(&core.project).await.unwrap().value;
    assert_eq!(tasks.len(), 1);
}

#[tokio::test]
async fn after_thirty_days_what_was_removed_is_gone_for_good() {
    let core = at_work().await;
    core.service
        .reset_agent_tasks(human(), &core.project)
        .await
        .unwrap();
    core.service
        .reset_project(human(), &core.project)
        .await
        .unwrap();
    core.service
        .delete_project(human(), &core.project)
        .await
        .unwrap();
    core.clock.advance(TRASH_MS - 1);
    core.service.sweep().await.unwrap();
    assert_eq!(core.service.list_trash().await.unwrap().value.len(), 2);
    core.clock.advance(1);
    core.service.sweep().await.unwrap();
    assert!(core.service.list_trash().await.unwrap().value.is_empty());
    let gone = core
        .service
        .restore_project(human(), &core.project, None)
        .await;
    assert!(matches!(gone, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn only_the_newest_states_of_a_project_are_kept_and_none_of_a_simulation() {
    let core = Core::in_memory().await;
    for number in 0..TRASH_PER_PROJECT + 3 {
        core.task(&format!("Round {number}")).await;
        core.service
            .reset_project(human(), &core.project)
            .await
            .unwrap();
    }
    let kept = core.service.list_trash().await.unwrap().value;
    assert_eq!(kept.len(), TRASH_PER_PROJECT);
    core.service
        .restore_project(human(), &core.project, None)
        .await
        .unwrap();
    let tasks = core.service.list_tasks(&core.project).await.unwrap().value;
    assert_eq!(tasks[0].title, format!("Round {}", TRASH_PER_PROJECT + 2));
    let mut demo = NewProject::new("demo", "Demo");
    demo.demo = true;
    core.service.create_project(human(), demo).await.unwrap();
    core.service
        .reset_project(human(), &"demo".into())
        .await
        .unwrap();
    core.service
        .delete_project(human(), &"demo".into())
        .await
        .unwrap();
    let kept = core.service.list_trash().await.unwrap().value;
    assert!(kept.iter().all(|kept| kept.project.id == core.project));
}

#[tokio::test]
async fn a_reset_of_all_tasks_is_undone_with_its_agents_and_their_messages() {
    let core = at_work().await;
    let tasks = || async { core.service.list_tasks(&core.project).await.unwrap().value };
    let before = tasks().await;
    let reset = core
        .service
        .reset_agent_tasks(human(), &core.project)
        .await
        .unwrap()
        .value;
    assert_eq!(tasks().await[0].status, Status::Unclaimed);
    let listed = core.service.list_undos(&core.project).await.unwrap().value;
    assert_eq!(listed[0].id, reset.undo.clone().unwrap());
    let undone = core
        .service
        .undo(human(), &core.project, &listed[0].id)
        .await
        .unwrap()
        .value;
    assert_eq!(
        (
            undone.tasks.len(),
            undone.agents.len(),
            undone.skipped.len()
        ),
        (1, 1, 0)
    );
    let (before, after) = (&before[0], &tasks().await[0]);
    assert_eq!(
        (before.status, &before.session, before.status_changed_at),
        (after.status, &after.session, after.status_changed_at)
    );
    assert!(after.rev > before.rev);
    // The agent continues to work, and finds its message.
    let patch = AgentPatch {
        status: Some(AgentStatus::Done).into(),
        ..AgentPatch::default()
    };
    let ada = "ada".into();
    core.service
        .update_agent(human(), &core.project, &ada, patch)
        .await
        .unwrap();
    assert_eq!(tasks().await[0].status, Status::Completed);
    let messages = core
        .service
        .messages(&core.project, &ada, true)
        .await
        .unwrap();
    assert_eq!(messages.value[0].body, "look");
    let again = core
        .service
        .undo(human(), &core.project, &listed[0].id)
        .await;
    assert!(matches!(again, Err(Error::NotFound(_))), "once");
}

#[tokio::test]
async fn what_has_changed_since_a_reset_stays_and_is_named() {
    let core = at_work().await;
    let undo = core
        .service
        .reset_agent_tasks(human(), &core.project)
        .await
        .unwrap()
        .value
        .undo;
    let patch = TaskPatch {
        title: Some("Renamed".to_owned()).into(),
        ..TaskPatch::default()
    };
    core.service
        .update_task(human(), &core.project, &"1".into(), patch, None)
        .await
        .unwrap();
    core.register("ada", None).await.unwrap();
    let undone = core
        .service
        .undo(human(), &core.project, &undo.unwrap())
        .await
        .unwrap()
        .value;
    assert!(undone.tasks.is_empty() && undone.agents.is_empty());
    assert_eq!(undone.skipped.len(), 2, "{undone:?}");
    assert!(undone.skipped[0].contains("#1"), "{undone:?}");
    let task = core
        .service
        .task(&core.project, &"1".into())
        .await
        .unwrap()
        .value;
    assert_eq!(
        (task.status, task.title.as_str()),
        (Status::Unclaimed, "Renamed")
    );
}

#[tokio::test]
async fn only_the_newest_resets_of_all_tasks_can_be_undone() {
    let core = Core::in_memory().await;
    let id = core.task("Over and over").await.id;
    let mut newest = None;
    for _ in 0..TRASH_PER_PROJECT + 3 {
        let patch = TaskPatch {
            status: Maybe::Value(Status::UpNext),
            ..TaskPatch::default()
        };
        core.service
            .update_task(human(), &core.project, &id, patch, None)
            .await
            .unwrap();
        let reset = core
            .service
            .reset_agent_tasks(human(), &core.project)
            .await
            .unwrap();
        newest = reset.value.undo;
    }
    let listed = core.service.list_undos(&core.project).await.unwrap().value;
    assert_eq!(listed.len(), TRASH_PER_PROJECT);
    assert_eq!(Some(&listed[0].id), newest.as_ref());
}

#[tokio::test]
async fn a_reset_of_nothing_leaves_nothing_to_undo() {
    let core = Core::in_memory().await;
    core.task("At rest").await;
    let reset = core
        .service
        .reset_agent_tasks(human(), &core.project)
        .await
        .unwrap()
        .value;
    assert_eq!((reset.reset_count, reset.undo), (0, None));
}
