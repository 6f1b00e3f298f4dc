//! Reports about tasks that their agents have lost, by every route, and claims by a bare status.

use tasktree_protocol::{AgentStatus, Maybe, Status, Task, TaskPatch};
use tasktree_server::domain::{AgentPatch, NewLogLines};
use tasktree_server::error::Error;

use super::{agent, both, change, change_as, claims, next, report, session, status, task, to};
use crate::core_support::{Core, human};

/// Changes the first task as an agent.
async fn says(core: &Core, agent: &str, patch: TaskPatch) -> Result<Task, Error> {
    change_as(core, agent, "1", patch, None).await
}

async fn held_by_ada() -> Core {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    core.register("ada", Some("1")).await.unwrap();
    core.register("bob", None).await.unwrap();
    core
}

#[tokio::test]
async fn a_bare_status_is_a_claim_and_is_refused_while_another_agent_works() {
    let core = held_by_ada().await;
    let refused = says(&core, "bob", to(Status::InProgress))
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "Agent 'ada' is working on task #1");
    let again = says(&core, "ada", to(Status::InProgress)).await.unwrap();
    assert_eq!((again.holder, again.generation), (Some("ada".into()), 1));
    change(&core, human(), "1", to(Status::InProgress), Some("ada"))
        .await
        .unwrap();
    change(&core, human(), "1", session("somebody"), Some("ada"))
        .await
        .unwrap();
    let claimed = says(&core, "bob", to(Status::InProgress)).await.unwrap();
    assert_eq!(claimed.holder, Some("bob".into()), "it was nobody's");
    let refused = says(&core, "ada", to(Status::InProgress)).await;
    assert!(matches!(refused, Err(Error::Taken(_))), "{refused:?}");
}

#[tokio::test]
async fn an_agent_says_nothing_about_the_end_of_a_task_that_it_has_lost() {
    let ends = [
        to(Status::Completed),
        to(Status::Unclaimed),
        to(Status::UpNext),
        TaskPatch {
            session: Maybe::Null,
            ..TaskPatch::default()
        },
        // Older clients name themselves, or nobody, beside the status.
        both(Status::Completed, "ada"),
        both(Status::Completed, ""),
    ];
    let core = held_by_ada().await;
    change(&core, human(), "1", to(Status::UpNext), Some("ada"))
        .await
        .unwrap();
    for patch in &ends {
        let late = says(&core, "ada", patch.clone()).await;
        assert!(matches!(late, Err(Error::Taken(_))), "{patch:?}: {late:?}");
    }
    assert_eq!(task(&core, "1").await.status, Status::UpNext);
    // Another agent does it meanwhile.
    core.register("bob", Some("1")).await.unwrap();
    report(&core, "bob", status(AgentStatus::Done))
        .await
        .unwrap();
    for patch in &ends {
        let late = says(&core, "ada", patch.clone()).await;
        assert!(matches!(late, Err(Error::Taken(_))), "{patch:?}: {late:?}");
    }
    let done = task(&core, "1").await;
    assert_eq!(done.status, Status::Completed);
    assert_eq!(done.session.as_deref(), Some("bob"));
}

#[tokio::test]
async fn a_task_is_lost_by_removal_of_the_agent_and_of_the_task_too() {
    let core = held_by_ada().await;
    core.service
        .remove_agent(human(), &core.project, &"ada".into())
        .await
        .unwrap();
    core.register("ada", None).await.unwrap();
    let late = says(&core, "ada", to(Status::Completed)).await;
    assert!(matches!(late, Err(Error::Taken(_))), "{late:?}");
    report(&core, "ada", claims("1")).await.unwrap();
    says(&core, "ada", to(Status::Completed)).await.unwrap();
}

#[tokio::test]
async fn no_two_claims_of_an_agent_have_one_generation() {
    let core = held_by_ada().await;
    let done = AgentPatch {
        generation: Some(1),
        ..status(AgentStatus::Done)
    };
    report(&core, "ada", done.clone()).await.unwrap();
    let working = report(&core, "ada", claims("2")).await.unwrap();
    assert_eq!(working.generation, Some(2));
    let release = AgentPatch {
        generation: Some(1),
        task_id: Maybe::Null,
        ..AgentPatch::default()
    };
    let failed = AgentPatch {
        generation: Some(1),
        ..status(AgentStatus::Failed)
    };
    for late in [done, release, failed] {
        let refused = report(&core, "ada", late).await;
        assert!(matches!(refused, Err(Error::Taken(_))), "{refused:?}");
    }
    assert_eq!(task(&core, "2").await.holder, Some("ada".into()));
}

#[tokio::test]
async fn an_agent_that_registers_again_still_has_lost_its_task() {
    let core = held_by_ada().await;
    change(&core, human(), "1", session("bob"), Some("ada"))
        .await
        .unwrap();
    core.register("ada", None).await.unwrap();
    let late = report(&core, "ada", status(AgentStatus::Done)).await;
    assert_eq!(late.unwrap_err().to_string(), "Task #1 is now held by bob");
    next(&core, "ada", None).await.unwrap();
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
}

#[tokio::test]
async fn only_an_agent_that_is_through_names_a_task_that_it_does_not_hold() {
    let core = held_by_ada().await;
    report(&core, "ada", status(AgentStatus::Failed))
        .await
        .unwrap();
    assert_eq!(agent(&core, "ada").await.task(), Some("1-alpha".into()));
    core.register("bob", Some("1")).await.unwrap();
    for state in [AgentStatus::Working, AgentStatus::Waiting] {
        report(&core, "ada", status(state)).await.unwrap();
        assert_eq!(agent(&core, "ada").await.task(), None, "{state:?}");
    }
}

#[tokio::test]
async fn an_agent_does_not_change_who_has_done_a_task() {
    let core = held_by_ada().await;
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    let clear = TaskPatch {
        session: Maybe::Null,
        ..TaskPatch::default()
    };
    for patch in [session("bob"), clear] {
        let refused = says(&core, "bob", patch).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    assert_eq!(task(&core, "1").await.session.as_deref(), Some("ada"));
    let done = next(&core, "ada", Some("1")).await.unwrap_err();
    assert_eq!(done.to_string(), "Task 1 is already done");
    let stale = change(&core, human(), "1", to(Status::Unclaimed), Some("ada")).await;
    assert_eq!(
        stale.unwrap_err().to_string(),
        "Agent 'ada' no longer holds task #1"
    );
}

#[tokio::test]
async fn log_lines_and_signs_of_life_of_an_older_claim_are_refused() {
    let core = held_by_ada().await;
    change(&core, human(), "1", session("bob"), Some("ada"))
        .await
        .unwrap();
    let lines = NewLogLines {
        agent: Some("ada".into()),
        generation: Some(1),
        task_id: Some("1".into()),
        lines: vec!["late".to_owned()],
        ..NewLogLines::default()
    };
    let refused = core.service.add_log_lines(human(), &core.project, lines);
    assert!(matches!(refused.await, Err(Error::Taken(_))));
    let late = AgentPatch {
        generation: Some(1),
        last_activity: Maybe::Value("late".to_owned()),
        ..AgentPatch::default()
    };
    let refused = report(&core, "ada", late).await;
    assert!(matches!(refused, Err(Error::Taken(_))), "{refused:?}");
}
