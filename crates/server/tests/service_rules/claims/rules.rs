//! Claims and the reports of their holders: the callers who may begin, take and end one.

use tasktree_protocol::task::AttemptOutcome;
use tasktree_protocol::{AgentStatus, Maybe, NewTask, Status, TaskPatch};
use tasktree_server::domain::AgentPatch;
use tasktree_server::error::Error;

use super::{
    agent, as_agent, by, change, change_as, claims, next, report, session, status, task, to,
};
use crate::core_support::{Core, human};

#[tokio::test]
async fn an_agent_that_has_finished_and_claims_again_works_on_its_new_task() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.task("Second").await;
    core.register("ada", Some("1")).await.unwrap();
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    let working = report(&core, "ada", claims("2")).await.unwrap();
    assert_eq!(working.status, AgentStatus::Working);
    assert_eq!(working.generation, Some(2));
    let refused = core.register("bob", Some("2")).await.unwrap_err();
    assert_eq!(refused.to_string(), "Agent 'ada' is working on task #2");
    report(&core, "ada", status(AgentStatus::Done))
        .await
        .unwrap();
    let done = task(&core, "2").await;
    assert_eq!((done.status, done.holder), (Status::Completed, None));
    let again = report(&core, "ada", status(AgentStatus::Done)).await;
    assert!(again.is_ok(), "the same report may come twice");
}

#[tokio::test]
async fn a_live_claim_is_taken_only_by_a_person_who_names_its_holder() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    core.register("bob", None).await.unwrap();
    for patch in [session("bob"), to(Status::Completed), to(Status::UpNext)] {
        for take in [None, Some("bob"), Some("nobody")] {
            let refused = change(&core, human(), "1", patch.clone(), take).await;
            let refused = refused.unwrap_err();
            assert!(refused.to_string().contains("ada"), "{refused}");
            assert!(matches!(refused, Error::Claimed { holder, .. } if holder.as_str() == "ada"));
        }
    }
    let untouched = task(&core, "1").await;
    assert_eq!(
        (untouched.holder, untouched.generation),
        (Some("ada".into()), 1)
    );
    // Everything else may be changed while she works.
    let patch = TaskPatch {
        title: Maybe::Value("Renamed".to_owned()),
        priority: Maybe::Value(1),
        ..TaskPatch::default()
    };
    change(&core, human(), "1", patch, None).await.unwrap();
    let taken = change(&core, human(), "1", session("bob"), Some("ada"))
        .await
        .unwrap();
    assert_eq!((taken.holder, taken.generation), (Some("bob".into()), 2));
    let idle = agent(&core, "ada").await;
    assert_eq!((idle.status, idle.task()), (AgentStatus::Idle, None));
    let late = report(&core, "ada", status(AgentStatus::Done)).await;
    assert_eq!(late.unwrap_err().to_string(), "Task #1 is now held by bob");
    let attempts = core
        .service
        .attempts(&core.project, &"1".into(), 10)
        .await
        .unwrap()
        .value;
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [None, Some(AttemptOutcome::Taken)]);
}

#[tokio::test]
async fn a_report_of_an_older_generation_changes_nothing() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    let patch = AgentPatch {
        task_id: Maybe::Null,
        ..AgentPatch::default()
    };
    report(&core, "ada", patch).await.unwrap();
    core.register("bob", Some("1")).await.unwrap();
    for state in AgentStatus::ALL {
        let late = AgentPatch {
            generation: Some(1),
            task_id: Maybe::Value("1".into()),
            ..status(state)
        };
        let refused = report(&core, "ada", late).await.unwrap_err();
        assert_eq!(refused.to_string(), "Task #1 is now held by bob");
    }
    let held = task(&core, "1").await;
    assert_eq!((held.holder, held.generation), (Some("bob".into()), 2));
    let current = AgentPatch {
        generation: Some(2),
        ..status(AgentStatus::Done)
    };
    report(&core, "bob", current.clone()).await.unwrap();
    assert!(report(&core, "bob", current).await.is_ok(), "a repetition");
}

#[tokio::test]
async fn an_agent_never_merges_and_never_holds() {
    let core = Core::in_memory().await;
    core.task("First").await;
    core.register("ada", Some("1")).await.unwrap();
    let hold = TaskPatch {
        on_hold: Maybe::Value("later".to_owned()),
        ..TaskPatch::default()
    };
    for patch in [to(Status::Merged), hold.clone()] {
        let refused = change_as(&core, "ada", "1", patch, None).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let new = NewTask {
        title: "Second".to_owned(),
        status: Status::Merged,
        ..NewTask::default()
    };
    let agents = as_agent(&core.service, "ada");
    let made = agents.create_task(by("ada"), &core.project, new);
    assert!(matches!(made.await, Err(Error::Forbidden(_))));
    let removed = as_agent(&core.service, "ada")
        .delete_task(by("ada"), &core.project, &"1".into())
        .await;
    assert!(matches!(removed, Err(Error::Forbidden(_))));
    change(&core, human(), "1", hold, None).await.unwrap();
    let held = task(&core, "1").await;
    assert_eq!(held.on_hold.unwrap().reason, "later");
    report(&core, "ada", status(AgentStatus::Failed))
        .await
        .unwrap();
    let back = task(&core, "1").await;
    assert!(back.on_hold.is_some(), "what a person set stays");
    assert!(next(&core, "ada", None).await.unwrap().task.is_none());
    let named = next(&core, "ada", Some("1")).await.unwrap_err();
    assert_eq!(named.to_string(), "Task #1 is on hold: later");
}
