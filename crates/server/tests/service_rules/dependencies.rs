//! Dependencies between tasks.

use tasktree_protocol::{AgentStatus, Maybe, NewTask, Status, TaskId, TaskPatch};
use tasktree_server::auth::Principal;
use tasktree_server::domain::{AgentPatch, RegisterAgent};
use tasktree_server::error::Error;

use crate::core_support::{Core, human};
use crate::tasks::{fields, to, update};

fn needs(ids: &[&str]) -> TaskPatch {
    let ids = ids.iter().map(|id| TaskId::from(*id)).collect();
    TaskPatch {
        dependencies: Maybe::Value(ids),
        ..TaskPatch::default()
    }
}

#[tokio::test]
async fn dependencies_are_given_as_ids_or_numbers_and_kept_once() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    let task = core.task_after("Third", &["2", "1-alpha", "2-alpha"]).await;
    assert_eq!(task.dependencies, ["2-alpha".into(), "1-alpha".into()]);
    assert_eq!(task.blocked_by, task.dependencies);
    for unknown in ["9", "1-beta", "+1", "01", "x", "", "-alpha", "3-"] {
        let errors = fields(
            update(&core, "1", needs(&["2", unknown]))
                .await
                .unwrap_err(),
        );
        assert_eq!(
            (errors[0].field.as_str(), errors[0].kind),
            ("dependencies.1", "unknown_task")
        );
    }
}

#[tokio::test]
async fn a_circle_is_refused_and_named() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task_after("Second", &["1"]).await;
    core.task_after("Third", &["2"]).await;
    let errors = fields(update(&core, "1", needs(&["3"])).await.unwrap_err());
    assert!(
        errors[0].message.contains("#1 -> #3 -> #2 -> #1"),
        "{}",
        errors[0].message
    );
    assert_eq!(errors[0].kind, "cycle");
    let errors = fields(update(&core, "1", needs(&["1"])).await.unwrap_err());
    assert!(errors[0].message.contains("#1 -> #1"));
}

#[tokio::test]
async fn a_removed_task_cannot_come_back_into_a_circle() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task_after("Second", &["1"]).await;
    core.task_after("Third", &["2"]).await;
    core.service
        .delete_task(human(), &core.project, &"2".into())
        .await
        .unwrap();
    assert!(update(&core, "1", needs(&["3"])).await.is_err());
    core.service
        .restore_task(human(), &core.project, &"2".into())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_blocked_task_cannot_be_claimed_but_its_record_can_be_corrected() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    core.task_after("Third", &["1", "2"]).await;
    let refused = update(&core, "3", to(Status::InProgress))
        .await
        .unwrap_err();
    assert!(matches!(&refused, Error::Blocked(text) if text == "Task #3 is blocked by #1 and #2"));
    update(&core, "3", to(Status::Completed)).await.unwrap();
    update(&core, "3", to(Status::UpNext)).await.unwrap();
    update(&core, "1", to(Status::Merged)).await.unwrap();
    let refused = update(&core, "3", to(Status::InProgress))
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "Task #3 is blocked by #2");
    // A removed task holds nobody up.
    core.service
        .delete_task(human(), &core.project, &"2".into())
        .await
        .unwrap();
    let task = update(&core, "3", to(Status::InProgress)).await.unwrap();
    assert!(task.blocked_by.is_empty());
    assert_eq!(task.dependencies.len(), 2, "the record stays");
    // It may be saved again as it is.
    let same = TaskPatch {
        title: Maybe::Value("3".to_owned()),
        ..needs(&["1-alpha", "2-alpha"])
    };
    update(&core, "3", same).await.unwrap();
}

#[tokio::test]
async fn an_agent_that_is_not_registered_begins_and_completes_nothing_that_waits() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task_after("Second", &["1"]).await;
    let ghost = core
        .service
        .acting_for(Principal::local().as_agent(&"ghost".into()));
    for status in [Status::InProgress, Status::Completed] {
        let patch = TaskPatch {
            status: Maybe::Value(status),
            ..TaskPatch::default()
        };
        let changed = ghost
            .update_task(human(), &core.project, &"2".into(), patch.clone(), None)
            .await;
        assert!(matches!(changed, Err(Error::Blocked(_))), "{changed:?}");
        let free = ghost
            .update_task(human(), &core.project, &"1".into(), patch, None)
            .await;
        assert_eq!(free.unwrap().value.session.as_deref(), Some("ghost"));
    }
}

#[tokio::test]
async fn a_task_is_offered_when_all_that_is_below_it_is_done() {
    let core = Core::in_memory().await;
    let part_of = async |parent: Option<&str>| {
        let new = NewTask {
            title: "Part".to_owned(),
            parent: parent.map(Into::into),
            status: Status::Completed,
            ..NewTask::default()
        };
        let made = core.service.create_task(human(), &core.project, new).await;
        made.unwrap();
    };
    part_of(None).await;
    part_of(Some("1")).await;
    part_of(Some("2")).await;
    let set = async |task: &str, status: Status| {
        let patch = TaskPatch {
            status: Maybe::Value(status),
            ..TaskPatch::default()
        };
        let project = &core.project;
        core.service
            .update_task(human(), project, &task.into(), patch, None)
            .await
            .unwrap();
    };
    set("1", Status::UpNext).await;
    set("3", Status::Unclaimed).await;
    let next = async || {
        let new = RegisterAgent {
            id: "ada".into(),
            task_id: None,
            branch: None,
            description: None,
            run: None,
        };
        let project = &core.project;
        core.service
            .register_agent(human(), project, new)
            .await
            .unwrap();
        let next = core
            .service
            .claim_next(human(), project, &"ada".into(), None)
            .await;
        next.unwrap().value.task.map(|task| task.number)
    };
    assert_eq!(next().await, Some(3), "the part of a finished part is open");
    let done = AgentPatch {
        status: Maybe::Value(AgentStatus::Done),
        ..AgentPatch::default()
    };
    core.service
        .update_agent(human(), &core.project, &"ada".into(), done)
        .await
        .unwrap();
    assert_eq!(next().await, Some(1));
}
