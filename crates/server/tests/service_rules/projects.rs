//! Projects, notifications, plans, settings.

use tasktree_protocol::event::Notification;
use tasktree_protocol::project::{NewProject, ProjectPatch};
use tasktree_protocol::{NewTask, StreamId};
use tasktree_server::domain::Plan;
use tasktree_server::domain::compat::orchestrator::OrchestratorConfig;
use tasktree_server::error::Error;

use crate::core_support::{Core, Told, event, human, message};

#[tokio::test]
async fn an_identifier_is_checked_and_given_once() {
    let core = Core::in_memory().await;
    for id in [
        "",
        ".hidden",
        "u:ann",
        "*",
        "a/b",
        "a b",
        "a\n",
        &"x".repeat(101),
    ] {
        let refused = core
            .service
            .create_project(human(), NewProject::new(id, "X"))
            .await;
        let Err(Error::Invalid(fields)) = refused else {
            panic!("{id:?} was taken")
        };
        assert_eq!(fields[0].field, "id");
    }
    for id in ["ä-任务_1.x", &"x".repeat(100)] {
        core.service
            .create_project(human(), NewProject::new(id, "X"))
            .await
            .unwrap();
    }
    let again = core
        .service
        .create_project(human(), NewProject::new("alpha", "X"))
        .await;
    assert!(
        matches!(again, Err(Error::Exists(text)) if text == "Project with id 'alpha' already exists")
    );
    let list = core.service.list_projects().await.unwrap().value;
    assert_eq!(list.len(), 3);
    assert_eq!(list[0].id.as_str(), "alpha", "oldest first");
}

#[tokio::test]
async fn events_of_a_project_itself_are_the_systems() {
    let core = Core::in_memory().await;
    let patch: ProjectPatch =
        serde_json::from_str(r#"{"name": "New", "description": "d", "plan": null}"#).unwrap();
    core.service
        .update_project(human(), &core.project, patch.clone())
        .await
        .unwrap();
    let told = core.told.events();
    assert_eq!((told.len(), told[0].kind.as_str()), (1, "project_updated"));
    let sent = message(&told[0]);
    assert_eq!(
        (&told[0].stream, sent.stream),
        (&StreamId::system(), Some(StreamId::system()))
    );
    assert_eq!(sent.project_id, Some(core.project.clone()));
    core.service
        .update_project(human(), &core.project, patch)
        .await
        .unwrap();
    assert!(core.told.take().is_empty());
    let rename: ProjectPatch = serde_json::from_str(r#"{"id": "beta"}"#).unwrap();
    let refused = core
        .service
        .update_project(human(), &core.project, rename)
        .await;
    assert!(matches!(refused, Err(Error::Invalid(fields)) if fields[0].field == "id"));
    let same: ProjectPatch = serde_json::from_str(r#"{"id": "alpha"}"#).unwrap();
    core.service
        .update_project(human(), &core.project, same)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_plan_with_a_wrong_task_is_not_stored_at_all() {
    let core = Core::in_memory().await;
    let task = |title: &str, needs: &[&str]| NewTask {
        title: title.to_owned(),
        dependencies: needs.iter().map(|id| (*id).into()).collect(),
        ..NewTask::default()
    };
    let plan = |tasks| Plan {
        plan: "# Plan".to_owned(),
        tasks,
    };
    let bad = plan(vec![task("First", &[]), task("Second", &["7"])]);
    let refused = core.service.store_plan(human(), &core.project, bad).await;
    assert!(
        matches!(refused, Err(Error::Invalid(fields)) if fields[0].field == "tasks.1.dependencies.0")
    );
    assert!(core.told.take().is_empty());
    assert!(
        core.service
            .list_cards(&core.project)
            .await
            .unwrap()
            .value
            .is_empty()
    );
    assert_eq!(
        core.service
            .project(&core.project)
            .await
            .unwrap()
            .value
            .plan,
        None
    );
    let good = plan(vec![task("First", &[]), task("Second", &["1"])]);
    let receipt = core
        .service
        .store_plan(human(), &core.project, good)
        .await
        .unwrap();
    assert_eq!((receipt.value.tasks_created, receipt.cursor.seq), (2, 3));
    assert_eq!(
        core.told.kinds(),
        ["task_created", "task_created", "plan_generated"]
    );
}

#[tokio::test]
async fn a_notice_goes_to_a_project_or_to_all() {
    let core = Core::in_memory().await;
    let notice: Notification = serde_json::from_str(r#"{"title": "Hello"}"#).unwrap();
    core.service
        .notify(human(), Some(&core.project), notice.clone())
        .await
        .unwrap();
    core.service
        .notify(human(), None, notice.clone())
        .await
        .unwrap();
    let told = core.told.events();
    let streams: Vec<_> = told.iter().map(|event| event.stream.as_str()).collect();
    assert_eq!(streams, ["alpha", "*"]);
    assert!(matches!(
        event(&told[1]),
        tasktree_protocol::Event::Notification(_)
    ));
    let lost = core
        .service
        .notify(human(), Some(&"beta".into()), notice)
        .await;
    assert!(matches!(lost, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_new_project_has_a_stream_before_it_is_told() {
    let core = Core::in_memory().await;
    core.service
        .create_project(human(), NewProject::new("beta", "Beta"))
        .await
        .unwrap();
    let told = core.told.take();
    assert!(
        matches!(&told[..], [Told::Reset(stream, cursor), Told::Event(event)]
        if stream.as_str() == "beta" && cursor.seq == 0 && event.kind == "project_created")
    );
}

#[tokio::test]
async fn settings_are_kept_without_the_key() {
    let core = Core::in_memory().await;
    assert_eq!(
        core.service.orchestrator_config().await.unwrap(),
        OrchestratorConfig::default()
    );
    let config: OrchestratorConfig =
        serde_json::from_str(r#"{"enabled": true, "anthropic_api_key": "secret"}"#).unwrap();
    core.service
        .set_orchestrator_config(human(), config)
        .await
        .unwrap();
    let stored = core.service.orchestrator_config().await.unwrap();
    assert!(stored.enabled && stored.anthropic_api_key.is_none());
    assert_eq!(stored.max_concurrent_agents, 5);
}
