//! The next task of an agent, and the tasks of agents that fell silent.

use tasktree_protocol::agent::SILENT_AFTER_MS;
use tasktree_protocol::{AgentStatus, NewTask, Status};
use tasktree_server::domain::{AgentPatch, RegisterAgent};
use tasktree_server::error::Error;

use super::{agent, change, next, report, status, task, to};
use crate::core_support::{Core, human};

#[tokio::test]
async fn the_next_task_is_the_held_one_else_the_most_urgent_that_is_ready() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task_after("Second", &["1"]).await;
    core.task("Parent").await;
    let part = NewTask {
        title: "Part".to_owned(),
        parent: Some("3".into()),
        priority: 2,
        ..NewTask::default()
    };
    let made = core.service.create_task(human(), &core.project, part);
    made.await.unwrap();
    core.register("ada", None).await.unwrap();
    let order = async |from: &str| {
        let claimed = next(&core, "ada", None).await.unwrap();
        assert!(claimed.claimed, "{from}");
        let number = claimed.task.unwrap().number;
        let kept = next(&core, "ada", None).await.unwrap();
        assert!(!kept.claimed && kept.task.unwrap().number == number);
        report(&core, "ada", status(AgentStatus::Done))
            .await
            .unwrap();
        number
    };
    assert_eq!(order("a priority comes before none").await, 4);
    assert_eq!(order("then by number").await, 1);
    change(&core, human(), "3", to(Status::UpNext), None)
        .await
        .unwrap();
    assert_eq!(order("what is to be taken next comes first").await, 3);
    assert_eq!(order("no longer blocked").await, 2);
    let none = next(&core, "ada", None).await.unwrap();
    assert_eq!(none.reason.as_deref(), Some("No task is left to do."));
}

#[tokio::test]
async fn a_named_task_is_given_again_while_it_is_held_and_not_once_it_is_done() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    core.register("ada", Some("1")).await.unwrap();
    let again = next(&core, "ada", Some("1")).await.unwrap();
    assert!(!again.claimed);
    assert_eq!(again.task.unwrap().number, 1);
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    assert!(next(&core, "ada", None).await.unwrap().claimed);
    let done = next(&core, "ada", Some("1")).await.unwrap_err();
    assert_eq!(done.to_string(), "Task 1 is already done");
    assert_eq!(task(&core, "2").await.holder, Some("ada".into()));
}

#[tokio::test]
async fn a_silent_holder_keeps_its_claim_until_somebody_names_the_task() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    core.clock.advance(SILENT_AFTER_MS);
    core.service.sweep().await.unwrap();
    core.register("bob", None).await.unwrap();
    let none = next(&core, "bob", None).await.unwrap();
    assert_eq!(
        none.reason.as_deref(),
        Some("No task is ready: 1 in progress.")
    );
    assert_eq!(task(&core, "1").await.holder, Some("ada".into()));
    let claimed = next(&core, "bob", Some("1")).await.unwrap();
    assert!(claimed.claimed);
    let late = report(&core, "ada", status(AgentStatus::Done)).await;
    assert!(matches!(late, Err(Error::Taken(_))));
}

#[tokio::test]
async fn an_open_turn_may_be_silent_for_a_quarter_of_an_hour() {
    let core = Core::in_memory().await;
    let run = serde_json::json!({"source": "claude-code", "session": "s1", "machine": "m"});
    let new = RegisterAgent {
        id: "ada".into(),
        task_id: None,
        branch: None,
        description: None,
        run: serde_json::from_value(run).unwrap(),
    };
    core.service
        .register_agent(human(), &core.project, new)
        .await
        .unwrap();
    let turn = AgentPatch {
        turn_open: Some(true),
        ..AgentPatch::default()
    };
    report(&core, "ada", turn).await.unwrap();
    core.clock.advance(14 * 60_000);
    core.service.sweep().await.unwrap();
    assert!(agent(&core, "ada").await.is_alive);
    core.clock.advance(60_000);
    core.service.sweep().await.unwrap();
    assert!(!agent(&core, "ada").await.is_alive);
}
